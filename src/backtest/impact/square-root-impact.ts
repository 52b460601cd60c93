import { Side } from '../../market/index.ts';
import { notionalOf } from '../contract-terms.ts';
import type { ContractTerms, CostedFill, ImpactModel } from '../costs.ts';
import { type FlowDecay, FlowMemory } from './flow-memory.ts';
import { MarketRates } from './market-rates.ts';

export interface SquareRootOptions {
  /** Y of the law; measured values lie between 0.5 and 1. */
  readonly y: number;
  readonly decay: FlowDecay;
  /** Of the means of volatility and volume. */
  readonly halfLifeSeconds: number;
}

/**
 * The square-root law: taking Q lots costs `Y σ √(Q / V)` of their notional, with volatility and volume of the same span; the span cancels, so both are of a second (Tóth
 * et al., "Anomalous price impact and the critical nature of liquidity in financial markets", 2011). What we took before and has not faded counts as the
 * beginning of the same order: a fill of q after a flow of R costs `Y σ / √V (|R + q|^1.5 − |R|^1.5)`, so cutting an order into fills changes nothing, and waiting makes it
 * cheaper. A fill against our earlier flow costs nothing, and gains nothing either. σ and V are of the market up to the fill.
 */
export class SquareRootImpact implements ImpactModel {
  readonly assumption: string;
  readonly #y: number;
  readonly #flow: FlowMemory;
  readonly #rates: MarketRates;
  #unpriced = 0;

  constructor(options: SquareRootOptions) {
    this.#y = options.y;
    this.#flow = new FlowMemory(options.decay);
    this.#rates = new MarketRates(options.halfLifeSeconds);
    this.assumption = `impact: square-root law with Y = ${options.y}, volatility and volume of the market so far (half-life ${options.halfLifeSeconds} s), our earlier flow ${decayText(options.decay)}; nothing before the market's first second`;
  }

  /** Takers' fills that cost nothing because neither volatility nor volume was known yet. */
  get unpriced(): number {
    return this.#unpriced;
  }

  cost(fill: CostedFill, terms: ContractTerms): number {
    if (fill.maker) return 0;
    const taken = fill.side === Side.BID ? fill.quantityLots : -fill.quantityLots;
    const before = this.#flow.at(fill.exchangeNs);
    this.#flow.add(taken);
    const { variancePerSecond, lotsPerSecond } = this.#rates;
    if (!(lotsPerSecond > 0)) {
      this.#unpriced++;
      return 0;
    }
    const lots = Math.abs(before + taken) ** 1.5 - Math.abs(before) ** 1.5;
    return lots > 0
      ? this.#y * Math.sqrt(variancePerSecond / lotsPerSecond) * lots * notionalOf(terms, fill.priceTicks, 1)
      : 0;
  }

  onTrade(_nowNs: number, _priceTicks: number, sizeLots: number): void {
    this.#rates.onTrade(sizeLots);
  }

  onMid(nowNs: number, midTicks: number): void {
    this.#rates.onMid(nowNs, midTicks);
  }
}

/** What our taking does to the market is left out. */
export const NO_IMPACT: ImpactModel = {
  assumption: 'impact: none beyond the levels that an order takes',
  cost: () => 0,
  onTrade: () => {},
  onMid: () => {},
};

function decayText(decay: FlowDecay): string {
  switch (decay.kind) {
    case 'none':
      return 'does not fade';
    case 'exponential':
      return `halves each ${decay.halfLifeSeconds} s`;
    case 'power':
      return `fades as (1 + t / ${decay.scaleSeconds} s)^-${decay.exponent}`;
  }
}
