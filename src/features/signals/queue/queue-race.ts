import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { type Signal, type SignalDefinition, Version } from '../../signal.ts';
import { TouchChanges } from './touch-changes.ts';

/** Blocks of a second that the moments remember. */
const MEMORY_BLOCKS = 10;
const KEEP = Math.exp(-1 / MEMORY_BLOCKS);

export const queueRace: SignalDefinition = {
  name: 'queue_race',
  family: 'queue',
  title: 'Race of the best queues',
  meaning:
    'Which best queue empties first if both diffuse, with the variances and the correlation that they had over the last seconds: the probability that the next price move is up less that it is down. NaN where a side is empty.',
  tex: String.raw`p_\uparrow - p_\downarrow = \frac{\arctan\left(k\,\frac{x-y}{x+y}\right)}{\arctan k},\quad k=\sqrt{\frac{1+\rho}{1-\rho}},\ x=\frac{q_b}{\sigma_b},\ y=\frac{q_a}{\sigma_a}`,
  formula:
    'atan(k (x - y) / (x + y)) / atan(k), k = sqrt((1 + rho) / (1 - rho)), x = q_b / s_b, y = q_a / s_a; s_b^2 = Q^2 + V_b, rho = C / (s_b s_a); V and C = sums over the whole seconds since the reset of exp(-age / 10) b^2, a^2 and a b, age in seconds back from the last one, b and a = by how much the best queues grew in that second while their prices stayed; Q, V and C as of the end of the last whole second',
  warmup: 'none',
  cost: 'an arctangent and two divisions a message that changes a best queue, three roots and an arctangent a second',
  source:
    'Avellaneda, Reed and Stoikov (2011), Forecasting prices from level-I quotes in the presence of hidden liquidity, Algorithmic Finance 1(1); Cont and de Larrard (2012), Order book dynamics in liquid markets',
  needs: [],
  dependencies: ['touch changes', 'average level size'],
  version: 1,
  columns: () => [{ name: 'queue_race', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new QueueRace(context),
};

class QueueRace implements Signal {
  /** The best queues and the moments. */
  readonly source = new Version();
  readonly #changes: TouchChanges;
  /** End of the present block, ns. */
  #endNs = NS_PER_SECOND;
  #bid = 0.5;
  #ask = 0.5;
  #bidSquares = 0.5;
  #askSquares = 0.5;
  #products = 0.5;
  #bidScale = 0.5;
  #askScale = 0.5;
  /** k and the arctangent of k. */
  #stretch = 0.5;
  #angle = 0.5;

  constructor(context: SignalContext) {
    this.#changes = context.share(TouchChanges);
    this.reset();
  }

  onTime(view: MarketView): void {
    if (view.nowNs >= this.#endNs) this.#closeBlocks(view);
  }

  onBook(_view: MarketView): void {
    const { bidMoved, askMoved, bidLots, askLots } = this.#changes;
    if (!bidMoved && !askMoved && bidLots === 0 && askLots === 0) return;
    this.#bid += bidLots;
    this.#ask += askLots;
    this.source.raise();
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const x = view.bidLots[0] * this.#askScale;
    const y = view.askLots[0] * this.#bidScale;
    out[at] = view.has(1) ? Math.atan((this.#stretch * (x - y)) / (x + y)) / this.#angle : Number.NaN;
  }

  /** The block that time has passed, and those after it in which nothing happened. */
  #closeBlocks(view: MarketView): void {
    this.source.raise();
    const blocks = Math.floor((view.nowNs - this.#endNs) / NS_PER_SECOND) + 1;
    this.#endNs += blocks * NS_PER_SECOND;
    const since = blocks === 1 ? 1 : Math.exp(-(blocks - 1) / MEMORY_BLOCKS);
    this.#bidSquares = (this.#bidSquares * KEEP + this.#bid * this.#bid) * since;
    this.#askSquares = (this.#askSquares * KEEP + this.#ask * this.#ask) * since;
    this.#products = (this.#products * KEEP + this.#bid * this.#ask) * since;
    this.#bid = 0;
    this.#ask = 0;
    const prior = view.meanLots * view.meanLots;
    this.#bidScale = Math.sqrt(prior + this.#bidSquares);
    this.#askScale = Math.sqrt(prior + this.#askSquares);
    // The prior keeps |ρ| below 1.
    const correlation = this.#products / (this.#bidScale * this.#askScale);
    this.#stretch = Math.sqrt((1 + correlation) / (1 - correlation));
    this.#angle = Math.atan(this.#stretch);
  }

  reset(): void {
    this.source.raise();
    this.#endNs = NS_PER_SECOND;
    this.#bid = 0;
    this.#ask = 0;
    this.#bidSquares = 0;
    this.#askSquares = 0;
    this.#products = 0;
    this.#bidScale = 1;
    this.#askScale = 1;
    this.#stretch = 1;
    this.#angle = Math.PI / 4;
  }
}
