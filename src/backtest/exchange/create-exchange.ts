import { BookcastError } from '../../core/index.ts';
import { type Instrument, instrumentKey } from '../../market/index.ts';
import type { Exchange, ReportSink } from '../exchange.ts';
import type { QueueModel } from '../queue/queue-model.ts';
import { LevelExchange } from './level-exchange.ts';
import { OrderExchange } from './order-exchange.ts';

export interface ExchangeOptions {
  readonly instrument: Instrument;
  /** Not asked where queues are exact. */
  readonly queue: QueueModel;
  readonly sink: ReportSink;
  /** `levels`: takes a tape by order as if it told levels only. Absent: as the instrument tells. */
  readonly by?: 'orders' | 'levels';
}

/** The venue's double for a tape: exact queues where it names every order, else estimated ones. Throws `bad-argument` where orders are asked for and the tape has none. */
export function createExchange({ instrument, queue, sink, by }: ExchangeOptions): Exchange {
  if (by === 'orders' && instrument.byOrder !== true) {
    const what = `${instrumentKey(instrument)} tells levels, not orders: exact queues need a tape by order; leave "by" out, and choose a queue model`;
    throw new BookcastError('bad-argument', what, { instrument: instrumentKey(instrument) });
  }
  if (instrument.byOrder === true && by !== 'levels') return new OrderExchange(instrument, sink);
  return new LevelExchange(instrument, queue, sink);
}

/** One sentence on how places in queues come about, printed with every result. */
export function queueAssumption({
  instrument,
  queue,
  by,
}: Pick<ExchangeOptions, 'instrument' | 'queue' | 'by'>): string {
  return instrument.byOrder === true && by !== 'levels'
    ? 'queue: exact, first in first out, with our orders among those of the tape'
    : queue.assumption;
}

/** What to raise at the end of a run whose queue model needed trades and met none; null where all is well. */
export function tradesMissing(exchange: Exchange, queue: QueueModel, instrument: Instrument): BookcastError | null {
  if (!exchange.needsTrades || exchange.tradesSeen > 0) return null;
  const key = instrumentKey(instrument);
  const what =
    `${key}: the tape has no trades, and the queue model "${queue.name}" moves our orders forward by trades: resting orders would hardly ever fill. ` +
    'Record the trades beside the book (for Binance the stream @trade or @aggTrade), or use the queue model "none", which gives a bound and fills on crossed prices only';
  return new BookcastError('bad-input', what, { instrument: key, queue: queue.name });
}
