import { NS_PER_SECOND } from '../../../core/index.ts';
import { Side } from '../../../market/index.ts';
import { BookFlows } from '../../book-flows.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { sideColumns } from './side-columns.ts';

const DELAY_NS = NS_PER_SECOND;
/** Losses of a best price that a side remembers, and needs before it says anything. */
const MEMORY = 20;
const WARMUP = 5;
const KEEP = 1 - 1 / MEMORY;
/** Losses that wait for their delay at a time, a power of two; those beyond are not counted. */
const WAITING = 256;

export const replenishment: SignalDefinition = {
  name: 'replenishment',
  family: 'liquidity',
  title: 'Replenishment after trades',
  meaning:
    'How often, of late, a best price that trades consumed was quoted again a second later, or a better one: near 1 the side refills, near 0 trades leave marks. NaN before enough of them.',
  tex: String.raw`\frac{\sum_i w_i\, 1\{P^1_{t_i + \Delta} \text{ no worse than } P^1_{t_i-}\}}{\sum_i w_i},\quad \Delta = 1\,\text{s}`,
  formula:
    'weighted share of losses i after which the best price a second later is no worse than it was; a loss is a book message by which the best price got worse after trades against the side; weights fade by 1 - 1/20 a loss; at most 256 losses wait at a time',
  warmup: `a second and ${WARMUP} losses on the side`,
  cost: 'a comparison a message, two a book message',
  source:
    'Large (2007), Measuring the resiliency of an electronic limit order book: probability of replenishment after a large trade',
  needs: [],
  dependencies: ['book flows'],
  version: 1,
  columns: () => sideColumns('replenishment', { unit: '1', ticks: 0, lots: 0, detail: 'within 1 s' }),
  create: (context) => new Replenishment(context),
};

class Replenishment implements Signal {
  readonly #flows: BookFlows;
  readonly #timeNs = new Float64Array(WAITING);
  readonly #side = new Uint8Array(WAITING);
  readonly #ticks = new Int32Array(WAITING);
  #head = 0;
  #tail = 0;
  /** By side: losses settled, Σ w and Σ w over those replenished. */
  readonly #losses = new Float64Array(2);
  readonly #weight = new Float64Array(2);
  readonly #refilled = new Float64Array(2);
  /** Their ratio; `NaN` before enough losses. */
  readonly #share = new Float64Array(2).fill(Number.NaN);

  constructor(context: SignalContext) {
    this.#flows = context.share(BookFlows);
  }

  onTime(view: MarketView): void {
    const dueNs = view.nowNs - DELAY_NS;
    while (this.#head !== this.#tail) {
      const k = this.#head & (WAITING - 1);
      if (this.#timeNs[k] > dueNs) return;
      this.#head++;
      const side = this.#side[k];
      // An empty side lies infinitely far away, so it has not come back.
      const isBack = side === Side.BID ? view.bidTicks[0] >= this.#ticks[k] : view.askTicks[0] <= this.#ticks[k];
      this.#losses[side]++;
      this.#weight[side] = this.#weight[side] * KEEP + 1;
      this.#refilled[side] = this.#refilled[side] * KEEP + (isBack ? 1 : 0);
      if (this.#losses[side] >= WARMUP) this.#share[side] = this.#refilled[side] / this.#weight[side];
    }
  }

  onBook(view: MarketView): void {
    const { executed } = this.#flows;
    if (executed[Side.BID] > 0 && view.bidTicks[0] < view.oldBidTicks[0])
      this.#wait(view.nowNs, Side.BID, view.oldBidTicks[0]);
    if (executed[Side.ASK] > 0 && view.askTicks[0] > view.oldAskTicks[0])
      this.#wait(view.nowNs, Side.ASK, view.oldAskTicks[0]);
  }

  #wait(nowNs: number, side: number, ticks: number): void {
    if (this.#tail - this.#head === WAITING) return;
    const k = this.#tail++ & (WAITING - 1);
    this.#timeNs[k] = nowNs;
    this.#side[k] = side;
    this.#ticks[k] = ticks;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#share[Side.BID];
    out[at + 1] = this.#share[Side.ASK];
  }

  reset(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#losses.fill(0);
    this.#weight.fill(0);
    this.#refilled.fill(0);
    this.#share.fill(Number.NaN);
  }
}
