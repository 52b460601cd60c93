export { isTape, openTape } from './reader.ts';
export { type TapeOptions, TapeWriter } from './writer.ts';
