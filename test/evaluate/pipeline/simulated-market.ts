import { walkColumns } from '../../../src/evaluate/index.ts';
import {
  type FeatureSchema,
  parseClock,
  type RowMirror,
  RowSampler,
  rowMirror,
  selectSignals,
} from '../../../src/features/index.ts';
import { BatchBuilder, BookSync, type EventBatch, LadderBook, messageEnd } from '../../../src/market/index.ts';
import { emptyDecision, MarketFacts, marketNumber, type Target } from '../../../src/models/index.ts';
import { type RowMatrix, RowMatrixBuilder } from '../../../src/models/training.ts';
import { openSim, type SimMode } from '../../../src/venues/sim/index.ts';

export interface MarketOptions {
  readonly mode: SimMode;
  readonly seed: number;
  readonly messages: number;
  /** What the rows must have columns of the book for. */
  readonly target: Target;
  /** When rows are taken; default at the end of each burst, as the forecaster decides. */
  readonly clock?: 'burst' | 'event';
  /** Tells the orders of one instant one by one, as messages of their own, so that a burst has an inside. */
  readonly split?: boolean;
}

export interface SimulatedMarket {
  readonly matrix: RowMatrix;
  readonly schema: FeatureSchema;
  readonly mirror: RowMirror;
  /** Of each row, as the simulator knows it: probability that the next change of the mid is upward. Not of split messages. */
  truth(): Float64Array;
}

const WINDOW_TICKS = 1 << 17;

/** A simulated market as rows to learn from, what the book said beside its mid included, with the truth of each beside it. */
export async function simulatedMarket(options: MarketOptions): Promise<SimulatedMarket> {
  const { mode, seed, messages, target, clock = 'burst', split = false } = options;
  const source = openSim({ mode, seed, messages });
  const { instrument } = source;
  const { signals } = selectSignals('core', { instrument });
  const columns = walkColumns(target);
  const book = new LadderBook({ windowTicks: WINDOW_TICKS });
  const sync = new BookSync(instrument, book);
  const facts = new MarketFacts(undefined);
  const decision = emptyDecision(new Float64Array(0));
  const sequences: number[] = [];
  const splitter = new Splitter();
  let builder: RowMatrixBuilder | null = null;
  const sampler = new RowSampler(
    instrument,
    { signals, clock: parseClock(clock, instrument) },
    ({ day, tsEventNs, midTicks, sequence, row }) => {
      facts.describe(book, decision);
      const said = columns.map((column) => marketNumber(decision, column));
      builder?.add(day, tsEventNs, midTicks, row, said);
      sequences.push(sequence);
    },
  );
  const { schema } = sampler.engine;
  builder = new RowMatrixBuilder({ names: schema.names, schemaHash: schema.hash, market: columns });
  builder.markSimulated();
  // A row at the end of a burst is handed out when the next message comes, and that of an event behind it.
  const before = clock === 'burst';
  for await (const told of source.batches()) {
    const batch = split ? splitter.split(told) : told;
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      if (before) sampler.apply(batch, from, to);
      facts.onMessage(batch, from, to, sync.applyMessage(batch, from, to));
      if (!before) sampler.apply(batch, from, to);
      from = to;
    }
  }
  sampler.finish();
  const truth = (): Float64Array => {
    const all = Float64Array.from(source.truth(), ({ pUp }) => pUp);
    return Float64Array.from(sequences, (sequence) => all[sequence - 1]);
  };
  return { matrix: builder.build(), schema, mirror: rowMirror(schema.columns), truth };
}

/** The same events, each a message of its own but for the opening snapshot, numbered anew. */
export class Splitter {
  #sequence = 1;

  split(batch: EventBatch): EventBatch {
    const builder = new BatchBuilder(batch.instrument, batch.day, batch.length);
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const whole = batch.sequence[from] === 1;
      for (let i = from; i < to; i++) {
        const sequence = whole ? 1 : ++this.#sequence;
        builder.push(
          batch.kind[i] as never,
          batch.side[i] as never,
          batch.priceTicks[i],
          batch.sizeLots[i],
          batch.tsEventNs[i],
          batch.tsRecvNs[i],
          sequence,
          batch.orderId[i],
        );
        if (!whole || i === to - 1) builder.endMessage();
      }
      from = to;
    }
    return builder.finish() as EventBatch;
  }
}
