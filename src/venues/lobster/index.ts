export { sniffLobster } from './sniff.ts';
export { type LobsterOptions, type LobsterTick, openLobster } from './source.ts';
