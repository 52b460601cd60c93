import { NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Book messages of the event window. */
const MESSAGES = 100;
const RING = 128;
/** The time window moves in steps of 50 ms and holds 20 of them. */
const STEP_NS = NS_PER_SECOND / 20;
const STEPS = 20;
/** The volume window holds ten closed buckets of two average levels. */
const BUCKETS = 10;
const BUCKET_LEVELS = 2;

const WINDOWS = [
  ['messages', `last ${MESSAGES} book messages`],
  ['1s', 'last second, the running twentieth of it included'],
  ['volume', 'while the last 20 average levels traded'],
];

export const ofiWindow: SignalDefinition = {
  name: 'ofi_window',
  family: 'order-flow',
  title: 'Order flow imbalance in windows',
  meaning:
    'Touch order flow imbalance as plain sums with sharp ends, on three clocks: book messages, time, and traded volume, whose windows are as long as the market is slow. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_{n \in W} e_n,\quad W = \text{last 100 messages, last second, last } 20\,Q \text{ traded lots}`,
  formula:
    'sum of e (as ofi, at the touch) over a window / Q. Messages: the last 100. Time: the running twentieth of a second, counted ' +
    'from the first book, and the 19 before. Volume: the running bucket and the 10 before; the trade that brings a bucket to ' +
    '2 Q lots (Q at its first trade) closes it, before the book message that it comes with is counted',
  warmup: `${MESSAGES} book messages; 1 s; ${BUCKETS} closed buckets`,
  cost: 'constant a message; up to 20 steps where time has passed',
  source:
    'Cont, Kukanov and Stoikov (2014), The price impact of order book events (time); ' +
    'Easley, López de Prado and O’Hara (2012), The volume clock (volume)',
  needs: [],
  dependencies: ['average level size', 'order flow per level'],
  version: 1,
  columns: () =>
    WINDOWS.map(([name, detail]) => ({
      name: `ofi_window_${name}`,
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail,
    })),
  create: () => new WindowedOrderFlowImbalance(),
};

/**
 * A window is what has flowed since the reset less what had flowed by its start. All sums are of whole lots, so that they are
 * exact and nothing drifts.
 */
class WindowedOrderFlowImbalance implements Signal {
  #total = 0.5;
  /** The total after each of the last book messages, and before the window of messages. */
  readonly #totals = new Float64Array(RING);
  #messageStart = 0.5;
  /** The total at the start of each of the last steps, and of the first in the window. */
  readonly #steps = new Float64Array(STEPS);
  #timeStart = 0.5;
  /** The running step, counted from the reset. */
  #step = 0;
  #stepEndNs = STEP_NS;
  /** The total at the start of each of the last buckets, and of the first in the window. */
  readonly #buckets = new Float64Array(BUCKETS);
  #volumeStart = 0.5;
  #closed = 0;
  /** Traded lots and size of the running bucket. */
  #bucketLots = 0;
  #bucketSize = Number.NaN;

  constructor() {
    this.reset();
  }

  onTime(view: MarketView): void {
    if (view.nowNs >= this.#stepEndNs) this.#stepTo(Math.floor(view.nowNs / STEP_NS));
  }

  onTrade(view: MarketView, _sign: number, sizeLots: number): void {
    if (Number.isNaN(view.meanLots)) return;
    if (this.#bucketLots === 0) this.#bucketSize = BUCKET_LEVELS * view.meanLots;
    this.#bucketLots += sizeLots;
    if (this.#bucketLots < this.#bucketSize) return;
    this.#closed++;
    const at = this.#closed % BUCKETS;
    this.#volumeStart = this.#buckets[at];
    this.#buckets[at] = this.#total;
    this.#bucketLots = 0;
  }

  onBook(view: MarketView): void {
    const total = this.#total + view.flowLots[0];
    this.#total = total;
    const totals = this.#totals;
    const n = view.bookMessages;
    totals[n & (RING - 1)] = total;
    // Before the window is full the place is still empty: 0.
    this.#messageStart = totals[(n - MESSAGES) & (RING - 1)];
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const scale = view.has(1) ? 1 / view.meanLots : Number.NaN;
    const total = this.#total;
    out[at] = view.bookMessages >= MESSAGES ? (total - this.#messageStart) * scale : Number.NaN;
    out[at + 1] = view.nowNs >= NS_PER_SECOND ? (total - this.#timeStart) * scale : Number.NaN;
    out[at + 2] = this.#closed >= BUCKETS ? (total - this.#volumeStart) * scale : Number.NaN;
  }

  reset(): void {
    this.#total = 0;
    this.#totals.fill(0);
    this.#messageStart = 0;
    this.#steps.fill(0);
    this.#timeStart = 0;
    this.#step = 0;
    this.#stepEndNs = STEP_NS;
    this.#buckets.fill(0);
    this.#volumeStart = 0;
    this.#closed = 0;
    this.#bucketLots = 0;
    this.#bucketSize = Number.NaN;
  }

  #stepTo(step: number): void {
    // Of more steps than the window holds the last ones alone count.
    for (let k = Math.max(this.#step, step - STEPS) + 1; k <= step; k++) this.#steps[k % STEPS] = this.#total;
    this.#timeStart = this.#steps[(step + 1) % STEPS];
    this.#step = step;
    this.#stepEndNs = (step + 1) * STEP_NS;
  }
}
