export { type BinanceProtocolOptions, binanceProtocol } from './feed.ts';
export { type BinanceOptions, openBinance } from './recording.ts';
export { sniffBinance } from './sniff.ts';
