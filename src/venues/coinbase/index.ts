export { type CoinbaseOptions, coinbaseProtocol } from './advanced.ts';
export { type CoinbaseExchangeOptions, coinbaseExchangeProtocol } from './exchange.ts';
export { type CoinbaseRecordingOptions, openCoinbase } from './recording.ts';
export type { ExchangeKeys } from './signature.ts';
export { sniffCoinbase } from './sniff.ts';
