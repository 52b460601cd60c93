import { assert } from '../core/index.ts';
import { Side } from '../market/index.ts';
import { moveOf, unitOf } from './contract-terms.ts';
import type { CarryModel, ContractTerms, CostedFill, FeeModel, ImpactModel } from './costs.ts';

export interface LedgerOptions {
  readonly terms: ContractTerms;
  readonly fees: FeeModel;
  readonly impact: ImpactModel;
  readonly carry: CarryModel;
  /** Carry is due after this; default 0, the run's first midnight. */
  readonly startNs?: number;
}

/** What was paid, in the currency of profit; below 0 where it was received. With `mark` these are the totals of a run. */
export interface LedgerCosts {
  readonly fees: number;
  readonly funding: number;
  readonly borrow: number;
  readonly impact: number;
}

/**
 * The account of one run: position, and profit marked at the mid. `net = gross − fees − funding − borrow − impact`, and each cost is taken off once.
 *
 * Gross profit is kept as what the fills came to when marked at the last fill's price, and moves on by `position × (price − last price)`. Of a linear contract that
 * is whole ticks times whole lots, exact as long as it is below 2^53 of them; of an inverse one it is a compensated sum of reciprocals.
 */
export class Ledger {
  readonly terms: ContractTerms;
  readonly #fees: FeeModel;
  readonly #impact: ImpactModel;
  readonly #carry: CarryModel;
  readonly #unit: number;
  #positionLots = 0;
  /** The price to which `#units` is marked; `NaN` before the first fill. */
  #markTicks = Number.NaN;
  #units = 0;
  #lost = 0;
  #feesPaid = 0;
  #fundingPaid = 0;
  #borrowPaid = 0;
  #impactPaid = 0;
  /** All four, kept so that marking is cheap. */
  #costs = 0;
  #nextCarryNs: number;

  constructor(options: LedgerOptions) {
    this.terms = options.terms;
    this.#fees = options.fees;
    this.#impact = options.impact;
    this.#carry = options.carry;
    this.#unit = unitOf(options.terms);
    this.#nextCarryNs = options.carry.nextNs(options.startNs ?? 0);
  }

  get positionLots(): number {
    return this.#positionLots;
  }

  /** Takes a fill and returns what it cost. What the position has cost to hold until then is taken off first. */
  fill(fill: CostedFill): { fee: number; impact: number } {
    const { side, priceTicks, quantityLots } = fill;
    assert(Number.isSafeInteger(priceTicks) && Number.isSafeInteger(quantityLots), 'ticks and lots are whole numbers');
    assert(quantityLots > 0, 'something traded');
    this.#accrue(fill.exchangeNs, priceTicks);
    if (this.#positionLots !== 0) this.#add(this.#positionLots * moveOf(this.terms.kind, this.#markTicks, priceTicks));
    this.#markTicks = priceTicks;
    this.#positionLots += side === Side.BID ? quantityLots : -quantityLots;
    const fee = this.#fees.fee(fill, this.terms);
    const impact = this.#impact.cost(fill, this.terms);
    assert(Number.isFinite(fee) && impact >= 0, 'a fee is a number and an impact costs at least 0');
    this.#feesPaid += fee;
    this.#impactPaid += impact;
    this.#addCosts();
    return { fee, impact };
  }

  /** Profit without costs, marked at a mid. A `NaN` mid (a lost book) marks at the last fill's price. */
  grossAt(midTicks: number): number {
    const open = this.#positionLots;
    if (open === 0 || Number.isNaN(midTicks)) return (this.#units + this.#lost) * this.#unit;
    return (this.#units + this.#lost + open * moveOf(this.terms.kind, this.#markTicks, midTicks)) * this.#unit;
  }

  netAt(midTicks: number): number {
    return this.grossAt(midTicks) - this.#costs;
  }

  mark(midTicks: number): { gross: number; net: number } {
    const gross = this.grossAt(midTicks);
    return { gross, net: gross - this.#costs };
  }

  /** When funding or borrow is due next; infinite where never. */
  get nextCarryNs(): number {
    return this.#nextCarryNs;
  }

  /** Takes off what holding the position has cost up to `nowNs`. */
  carryTo(nowNs: number, midTicks: number): void {
    while (this.#nextCarryNs <= nowNs) {
      const dueNs = this.#nextCarryNs;
      this.#accrue(dueNs, midTicks);
      this.#nextCarryNs = this.#carry.nextNs(dueNs);
      assert(this.#nextCarryNs > dueNs, 'carry is due later each time');
    }
    this.#accrue(nowNs, midTicks);
  }

  get totals(): LedgerCosts {
    return {
      fees: this.#feesPaid,
      funding: this.#fundingPaid,
      borrow: this.#borrowPaid,
      impact: this.#impactPaid,
    };
  }

  #addCosts(): void {
    this.#costs = this.#feesPaid + this.#fundingPaid + this.#borrowPaid + this.#impactPaid;
  }

  #accrue(nowNs: number, midTicks: number): void {
    // While the book is lost, the last fill's price stands for the mid.
    const atTicks = Number.isNaN(midTicks) ? this.#markTicks : midTicks;
    const { funding, borrow } = this.#carry.due(nowNs, this.#positionLots, atTicks, this.terms);
    this.#fundingPaid += funding;
    this.#borrowPaid += borrow;
    this.#addCosts();
  }

  /** Neumaier's compensated sum. */
  #add(units: number): void {
    const sum = this.#units + units;
    this.#lost += Math.abs(this.#units) >= Math.abs(units) ? this.#units - sum + units : units - sum + this.#units;
    this.#units = sum;
  }
}
