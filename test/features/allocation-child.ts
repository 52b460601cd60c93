/**
 * Run by allocation.test.ts: node --expose-gc allocation-child.ts orders|levels core|full MESSAGES. Prints what the heap did while
 * a row was made at every message, as JSON. The simulated messages are made between the measured stretches, of which each is too
 * short for a collection of the young generation that the test asks for: what the heap grew by is what was allocated.
 */
import { getHeapStatistics } from 'node:v8';
import { NO_PRICE } from '../../src/core/index.ts';
import { FeatureEngine, selectSignals } from '../../src/features/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventKind,
  type Instrument,
  LadderBook,
  messageEnd,
  Side,
} from '../../src/market/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';

const [kind, set, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const WARM_UP = 200_000;
/** Batches. */
const STRETCH = 512;
const gc = globalThis.gc as () => void;
const source = openSim({ mode: 'realistic', seed: 1 });
const { byOrder: _, ...ofLevels } = source.instrument;
const instrument: Instrument = kind === 'orders' ? source.instrument : { ...ofLevels, sequencing: 'linked' };

/** The same market as a stream of levels: what each message left at its prices, and its executions as prints. */
class Levels {
  readonly #book = new LadderBook();
  #sequence = 0;

  convert(batch: EventBatch): EventBatch {
    const builder = new BatchBuilder(batch.instrument, batch.day, batch.length * 3);
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      this.#message(batch, from, to, builder);
      from = to;
    }
    return builder.finish()!;
  }

  #message(batch: EventBatch, from: number, to: number, builder: BatchBuilder): void {
    const ns = batch.tsEventNs[from];
    this.#book.applyRows(batch, from, to);
    const head = batch.kind[from] === EventKind.SNAPSHOT ? EventKind.SNAPSHOT : EventKind.DELTA;
    builder.push(head, Side.NONE, NO_PRICE, 0, ns, ns, this.#sequence + 1, this.#sequence);
    this.#sequence++;
    for (let i = from; i < to; i++) {
      if (batch.kind[i] > EventKind.EXECUTE) continue;
      const [side, price] = [batch.side[i] as Side, batch.priceTicks[i]];
      builder.push(EventKind.LEVEL, side, price, this.#book.lotsAt(side, price), ns, ns, this.#sequence, 0);
    }
    builder.endMessage();
    for (let i = from; i < to; i++) {
      if (batch.kind[i] !== EventKind.EXECUTE) continue;
      const aggressor = batch.side[i] === Side.BID ? Side.ASK : Side.BID;
      builder.push(EventKind.TRADE, aggressor, batch.priceTicks[i], batch.sizeLots[i], ns, ns, this.#sequence, 0);
      builder.endMessage();
    }
  }
}

const { signals } = selectSignals(set, { instrument });
const engine = new FeatureEngine(instrument, { signals });
const row = new Float64Array(engine.schema.names.length);
const book = new LadderBook({ windowTicks: 1 << 17 });
const sync = new BookSync(instrument, book);
const levels = new Levels();

function work(batches: readonly EventBatch[]): number {
  let messages = 0;
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      row.set(engine.row());
      messages++;
      from = to;
    }
  }
  return messages;
}

const heap = (): number => getHeapStatistics().used_heap_size;
/** What looking at the heap twice costs it. */
const lookBytes = 0 - heap() + heap();
let messages = 0;
let allocated = 0;
let settled = 0;
let batches: EventBatch[] = [];
for await (const batch of source.batches()) {
  batches.push(kind === 'orders' ? batch : levels.convert(batch));
  if (batches.length < STRETCH) continue;
  const measured = messages >= WARM_UP;
  if (measured) gc();
  if (measured && settled === 0) settled = heap();
  const before = heap();
  messages += work(batches);
  if (measured) allocated += Math.max(0, heap() - before - lookBytes);
  batches = [];
  if (messages >= WARM_UP + count) break;
}
gc();
const measured = messages - WARM_UP;
const numbers = row.reduce((n, x) => n + (Number.isNaN(x) ? 0 : 1), 0);
process.stdout.write(
  JSON.stringify({
    signals: signals.length,
    columns: row.length,
    numbers,
    messages: measured,
    bytesPerMessage: allocated / measured,
    grownBytes: heap() - settled,
  }),
);
