import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

const BUCKETS = 20;
/** Average levels in a bucket. */
const BUCKET_LEVELS = 3;

export const vpin: SignalDefinition = {
  name: 'vpin',
  family: 'trades',
  title: 'VPIN',
  meaning: `How one-sided trading was in each of the last ${BUCKETS} buckets of equal volume, on average: 0 balanced, 1 all of one side. With the true sides of the trades. Andersen and Bondarenko found no more in it than volume and volatility say already: read it as a description, not as a warning. NaN until ${BUCKETS} buckets are full.`,
  tex: String.raw`\frac{1}{20}\sum_{k=K-19}^{K}\frac{|V_k^B - V_k^S|}{V_k},\quad V_k = 3\,Q_k`,
  formula: `mean over the last ${BUCKETS} full buckets of |VB - VS| / V; V = ${BUCKET_LEVELS} Q as of the trade that opened the bucket; a trade that does not fit is split; Q = average size of a level`,
  warmup: `${BUCKETS} full buckets`,
  cost: `an addition a trade, ${BUCKETS} a full bucket`,
  source:
    'Easley, López de Prado and O’Hara (2012), Flow toxicity and liquidity in a high-frequency world, Review of Financial Studies 25(5); ' +
    'the doubt: Andersen and Bondarenko (2014), VPIN and the flash crash, J. Financial Markets 17; bucket size ours',
  needs: [],
  dependencies: ['average level size'],
  version: 1,
  columns: () => [{ name: 'vpin', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new Vpin(context),
};

class Vpin implements Signal {
  readonly source: Versioned;
  /** One-sidedness of the last full buckets, as a ring. */
  readonly #shares = new Float64Array(BUCKETS);
  #next = 0;
  #full = 0;
  /** Of the open bucket; `NaN` before the first trade. */
  #bucketLots = Number.NaN;
  #filledLots = 0;
  #netLots = 0;
  #vpin = Number.NaN;

  constructor({ trades }: SignalContext) {
    this.source = trades;
  }

  onTrade(view: MarketView, sign: number, sizeLots: number): void {
    if (Number.isNaN(this.#bucketLots)) {
      this.#bucketLots = BUCKET_LEVELS * view.meanLots;
      if (Number.isNaN(this.#bucketLots)) return;
    }
    const room = this.#bucketLots - this.#filledLots;
    if (sizeLots < room) {
      this.#filledLots += sizeLots;
      this.#netLots += sign * sizeLots;
      return;
    }
    this.#close(Math.abs(this.#netLots + sign * room) / this.#bucketLots);
    this.#bucketLots = BUCKET_LEVELS * view.meanLots;
    this.#fillWhole(sign, sizeLots - room);
    this.#vpin = this.#full < BUCKETS ? Number.NaN : this.#mean();
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#vpin;
  }

  reset(): void {
    this.#next = 0;
    this.#full = 0;
    this.#bucketLots = Number.NaN;
    this.#filledLots = 0;
    this.#netLots = 0;
    this.#vpin = Number.NaN;
  }

  /** The rest of a trade fills as many buckets as it can; of a huge one only the last buckets are remembered. */
  #fillWhole(sign: number, sizeLots: number): void {
    const buckets = Math.floor(sizeLots / this.#bucketLots);
    for (let k = Math.min(buckets, BUCKETS); k > 0; k--) this.#close(Math.abs(sign));
    this.#filledLots = sizeLots - buckets * this.#bucketLots;
    this.#netLots = sign * this.#filledLots;
  }

  #close(share: number): void {
    this.#shares[this.#next] = share;
    this.#next = this.#next + 1 === BUCKETS ? 0 : this.#next + 1;
    this.#full++;
  }

  #mean(): number {
    let sum = 0;
    for (let k = 0; k < BUCKETS; k++) sum += this.#shares[k];
    return sum / BUCKETS;
  }
}
