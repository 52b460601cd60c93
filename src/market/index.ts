export { bboVerifier } from './bbo-verifier.ts';
export { checksumVerifier } from './book-checksum.ts';
export { type AnyBook, type BookFaults, BookSync, Effect, SyncState } from './book-sync.ts';
export {
  BatchBuilder,
  copyMessages,
  EventBatch,
  EventFlag,
  EventKind,
  Fault,
  messageEnd,
  Side,
} from './event-batch.ts';
export {
  type BookChecksum,
  type Instrument,
  instrumentKey,
  parseInstrument,
  priceStep,
  type Sequencing,
  sizeStep,
} from './instrument.ts';
export { LadderBook, type LadderOptions } from './ladder-book.ts';
export { type MergedRun, mergeByArrival } from './merge.ts';
export { OrderBook, type OrderBookOptions, type OrderFaults } from './order-book.ts';
export type { EventSource, Origin, SourceCounts, Verifier, VerifierReport } from './recording.ts';
