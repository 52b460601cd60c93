import { EventKind } from '../../../market/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const MEMORY = 100;
const WARMUP = 20;
const KEEP = 1 - 1 / MEMORY;

export const hiddenShare: SignalDefinition = {
  name: 'hidden_share',
  family: 'liquidity',
  title: 'Share of hidden liquidity',
  meaning:
    'Of the lots that traded of late, the part that met orders nobody could see: on a stream that names every order, trades that no displayed order took part in. NaN before enough trades.',
  tex: String.raw`\frac{\sum_{i\,\text{hidden}} w_i v_i}{\sum_i w_i v_i},\quad w = (1 - \tfrac{1}{100})^{\text{trades since}}`,
  formula: 'sum w v over trades without a displayed order / sum w v over all trades; w fades by 1 - 1/100 a trade',
  warmup: `${WARMUP} trades`,
  cost: 'two multiplications a trade, a division a row',
  source: 'Hasbrouck and Saar (2009), Technology and liquidity provision: the blurring of traditional definitions',
  needs: ['orders'],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'hidden_share', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: () => new HiddenShare(),
};

class HiddenShare implements Signal {
  #isDisplayed = false;
  #trades = 0;
  #hidden = Number.NaN;
  #lots = Number.NaN;

  constructor() {
    this.reset();
  }

  /** An execution's own trade follows at once. */
  onOrder(_view: MarketView, kind: number, _side: number, _priceTicks: number, sizeLots: number): void {
    this.#isDisplayed = kind === EventKind.EXECUTE && sizeLots > 0;
  }

  onTrade(_view: MarketView, _sign: number, sizeLots: number): void {
    this.#trades++;
    this.#hidden = this.#hidden * KEEP + (this.#isDisplayed ? 0 : sizeLots);
    this.#lots = this.#lots * KEEP + sizeLots;
    this.#isDisplayed = false;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#trades < WARMUP ? Number.NaN : this.#hidden / this.#lots;
  }

  reset(): void {
    this.#isDisplayed = false;
    this.#trades = 0;
    this.#hidden = 0;
    this.#lots = 0;
  }
}
