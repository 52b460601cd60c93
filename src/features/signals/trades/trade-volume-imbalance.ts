import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

/** A power of two. */
const TRADES = 64;

export const tradeVolumeImbalance: SignalDefinition = {
  name: 'trade_volume_imbalance',
  family: 'trades',
  title: 'Imbalance of the last trades’ volume',
  meaning: `Lots bought less lots sold over their sum, of the last ${TRADES} trades with a known side, however long they took: by trades and not by time, so that it says as much in a quiet market as in a busy one.`,
  tex: String.raw`\frac{\sum_{k<64} s_k v_k}{\sum_{k<64} v_k},\quad k \text{ trades ago},\ s_k = \pm 1`,
  formula: `sum of sign v / sum of v over the last ${TRADES} trades with a side`,
  warmup: `${TRADES} trades with a side`,
  cost: 'a division a trade',
  source:
    'Chordia, Roll and Subrahmanyam (2002), Order imbalance, liquidity, and market returns, J. Financial Economics 65(1); window ours',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'trade_volume_imbalance', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new TradeVolumeImbalance(context),
};

class TradeVolumeImbalance implements Signal {
  readonly source: Versioned;
  /** Signed lots, 0 where the ring is not full yet. Sums of whole lots are exact, so that nothing is left of what leaves. */
  readonly #ring = new Float64Array(TRADES);
  #count = 0;
  #net = 0;
  #all = 0;
  #imbalance = Number.NaN;

  constructor({ trades }: SignalContext) {
    this.source = trades;
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    if (sign === 0) return;
    const at = this.#count++ & (TRADES - 1);
    const old = this.#ring[at];
    this.#ring[at] = sign * sizeLots;
    this.#net += sign * sizeLots - old;
    this.#all += sizeLots - Math.abs(old);
    if (this.#count >= TRADES) this.#imbalance = this.#net / this.#all;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#imbalance;
  }

  reset(): void {
    this.#ring.fill(0);
    this.#count = 0;
    this.#net = 0;
    this.#all = 0;
    this.#imbalance = Number.NaN;
  }
}
