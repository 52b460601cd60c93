export { type FileFacts, inspectFile, type Packing, readChunks } from './chunks.ts';
export { LineSplitter } from './line-splitter.ts';
