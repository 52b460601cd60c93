export { type BinanceOptions, openBinance } from './recording.ts';
export { sniffBinance } from './sniff.ts';
