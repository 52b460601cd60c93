export { isRecording } from './manifest.ts';
export { isTape, type OrderIds, openTape, readOrderIds } from './reader.ts';
export { openRecordingFolder, Recording, type RecordingLimits, type RecordingOptions, rawPaths } from './recording.ts';
export { type TapeOptions, TapeWriter } from './writer.ts';
