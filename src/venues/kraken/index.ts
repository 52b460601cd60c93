export { type KrakenOptions, krakenProtocol } from './protocol.ts';
export { type KrakenRecordingOptions, openKraken } from './recording.ts';
export { sniffKraken } from './sniff.ts';
