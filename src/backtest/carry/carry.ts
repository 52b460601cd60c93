import { NS_PER_DAY, NS_PER_SECOND } from '../../core/index.ts';
import { notionalOf } from '../contract-terms.ts';
import type { CarryModel, ContractTerms } from '../costs.ts';

/** Part of a position's carry: when something is due, and what. */
interface CarryPart {
  nextNs(nowNs: number): number;
  /** For the time after `fromNs` up to and with `nowNs`. */
  due(fromNs: number, nowNs: number, positionLots: number, midTicks: number, terms: ContractTerms): number;
}

/**
 * Funding at given times: a long position pays `rate` of its notional, a short one receives it; with a negative rate the other way round. Times in ns since the
 * run's first midnight, ascending.
 */
export class FundingTable implements CarryPart {
  readonly #ns: Float64Array;
  readonly #rates: Float64Array;

  constructor(times: ArrayLike<number>, rates: ArrayLike<number>) {
    this.#ns = Float64Array.from(times);
    this.#rates = Float64Array.from(rates);
  }

  nextNs(nowNs: number): number {
    const i = this.#after(nowNs);
    return i < this.#ns.length ? this.#ns[i] : Number.POSITIVE_INFINITY;
  }

  due(fromNs: number, nowNs: number, positionLots: number, midTicks: number, terms: ContractTerms): number {
    let rate = 0;
    for (let i = this.#after(fromNs); i < this.#ns.length && this.#ns[i] <= nowNs; i++) rate += this.#rates[i];
    return rate === 0 ? 0 : Math.sign(positionLots) * rate * notionalOf(terms, midTicks, positionLots);
  }

  /** The first index whose time is after `ns`. */
  #after(ns: number): number {
    let low = 0;
    let high = this.#ns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ns[middle] <= ns) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The same rate at every multiple of `everyHours` since midnight UTC. */
export class ConstantFunding implements CarryPart {
  readonly #rate: number;
  readonly #everyNs: number;

  constructor(rate: number, everyHours: number) {
    this.#rate = rate;
    this.#everyNs = everyHours * 3600 * NS_PER_SECOND;
  }

  nextNs(nowNs: number): number {
    return (Math.floor(nowNs / this.#everyNs) + 1) * this.#everyNs;
  }

  due(fromNs: number, nowNs: number, positionLots: number, midTicks: number, terms: ContractTerms): number {
    const times = Math.floor(nowNs / this.#everyNs) - Math.floor(fromNs / this.#everyNs);
    return times === 0 ? 0 : times * Math.sign(positionLots) * this.#rate * notionalOf(terms, midTicks, positionLots);
  }
}

/** How often borrow is written down while nothing is traded; it accrues to the nanosecond whenever there is a fill. */
const BORROW_GRID_NS = 60 * NS_PER_SECOND;
const YEAR_NS = 365 * NS_PER_DAY;

/** What is short pays an annual rate of its notional, for every nanosecond, of a year of 365 days. */
export class Borrow implements CarryPart {
  readonly #annualRate: number;

  constructor(annualRate: number) {
    this.#annualRate = annualRate;
  }

  nextNs(nowNs: number): number {
    return (Math.floor(nowNs / BORROW_GRID_NS) + 1) * BORROW_GRID_NS;
  }

  due(fromNs: number, nowNs: number, positionLots: number, midTicks: number, terms: ContractTerms): number {
    if (positionLots >= 0) return 0;
    return (this.#annualRate * (nowNs - fromNs) * notionalOf(terms, midTicks, positionLots)) / YEAR_NS;
  }
}

/** Funding, borrow, both or neither. */
export class Carry implements CarryModel {
  readonly assumption: string;
  readonly #funding: CarryPart | null;
  readonly #borrow: CarryPart | null;
  #lastNs = 0;

  constructor(assumption: string, funding: CarryPart | null, borrow: CarryPart | null) {
    this.assumption = assumption;
    this.#funding = funding;
    this.#borrow = borrow;
  }

  nextNs(nowNs: number): number {
    const never = Number.POSITIVE_INFINITY;
    return Math.min(this.#funding?.nextNs(nowNs) ?? never, this.#borrow?.nextNs(nowNs) ?? never);
  }

  due(
    nowNs: number,
    positionLots: number,
    midTicks: number,
    terms: ContractTerms,
  ): { funding: number; borrow: number } {
    const fromNs = this.#lastNs;
    this.#lastNs = Math.max(fromNs, nowNs);
    if (positionLots === 0 || nowNs <= fromNs) return NOTHING_DUE;
    return {
      funding: this.#funding?.due(fromNs, nowNs, positionLots, midTicks, terms) ?? 0,
      borrow: this.#borrow?.due(fromNs, nowNs, positionLots, midTicks, terms) ?? 0,
    };
  }
}

const NOTHING_DUE = Object.freeze({ funding: 0, borrow: 0 });

/** Holding a position costs nothing. */
export const NO_CARRY: CarryModel = {
  assumption: 'carry: none (no funding, no borrow)',
  nextNs: () => Number.POSITIVE_INFINITY,
  due: () => NOTHING_DUE,
};
