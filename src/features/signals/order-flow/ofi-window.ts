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
  cost: 'constant a message; up to 20 steps cleared where time has passed',
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

/** All sums are of whole lots, so that what enters and leaves a window cancels exactly and nothing drifts. */
class WindowedOrderFlowImbalance implements Signal {
  readonly #flows = new Float64Array(RING);
  readonly #steps = new Float64Array(STEPS);
  readonly #buckets = new Float64Array(BUCKETS);
  #messageSum = 0;
  #timeSum = 0;
  /** The running step, counted from the reset. */
  #step = 0;
  #stepEndNs = STEP_NS;
  /** Sum of the closed buckets in the window. */
  #closedSum = 0;
  #closed = 0;
  /** Flow, traded lots and size of the running bucket. */
  #bucketSum = 0;
  #bucketLots = 0;
  #bucketSize = Number.NaN;

  onTime(view: MarketView): void {
    if (view.nowNs < this.#stepEndNs) return;
    const step = Math.floor(view.nowNs / STEP_NS);
    const passed = Math.min(step - this.#step, STEPS);
    for (let k = 1; k <= passed; k++) {
      const at = (this.#step + k) % STEPS;
      this.#timeSum -= this.#steps[at];
      this.#steps[at] = 0;
    }
    this.#step = step;
    this.#stepEndNs = (step + 1) * STEP_NS;
  }

  onTrade(view: MarketView, _sign: number, sizeLots: number): void {
    if (Number.isNaN(view.meanLots)) return;
    if (this.#bucketLots === 0) this.#bucketSize = BUCKET_LEVELS * view.meanLots;
    this.#bucketLots += sizeLots;
    if (this.#bucketLots < this.#bucketSize) return;
    const at = this.#closed % BUCKETS;
    this.#closedSum += this.#bucketSum - this.#buckets[at];
    this.#buckets[at] = this.#bucketSum;
    this.#closed++;
    this.#bucketSum = 0;
    this.#bucketLots = 0;
  }

  onBook(view: MarketView): void {
    const flow = view.flowLots[0];
    const at = view.bookMessages & (RING - 1);
    this.#flows[at] = flow;
    // Before the window is full the place is still empty: 0.
    this.#messageSum += flow - this.#flows[(at - MESSAGES) & (RING - 1)];
    this.#steps[this.#step % STEPS] += flow;
    this.#timeSum += flow;
    this.#bucketSum += flow;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const scale = view.has(1) ? 1 / view.meanLots : Number.NaN;
    out[at] = view.bookMessages >= MESSAGES ? this.#messageSum * scale : Number.NaN;
    out[at + 1] = view.nowNs >= NS_PER_SECOND ? this.#timeSum * scale : Number.NaN;
    out[at + 2] = this.#closed >= BUCKETS ? (this.#closedSum + this.#bucketSum) * scale : Number.NaN;
  }

  reset(): void {
    this.#flows.fill(0);
    this.#steps.fill(0);
    this.#buckets.fill(0);
    this.#messageSum = 0;
    this.#timeSum = 0;
    this.#step = 0;
    this.#stepEndNs = STEP_NS;
    this.#closedSum = 0;
    this.#closed = 0;
    this.#bucketSum = 0;
    this.#bucketLots = 0;
    this.#bucketSize = Number.NaN;
  }
}
