import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Levels that sides are averaged over; of a smaller book the columns for more are left out. */
export const MEAN_LEVELS: readonly number[] = [5, 10];

/**
 * Distance of a side's average price from its best one in ticks, by lots, over the five and ten best levels; `NaN` where the side
 * is empty. A message leaves one of the sides alone mostly, so each is worked out when it is asked for after a change.
 */
export class SideMeans implements Part {
  bidFive = Number.NaN;
  bidTen = Number.NaN;
  askFive = Number.NaN;
  askTen = Number.NaN;
  readonly #depth: number;
  #bidStale = true;
  #askStale = true;

  constructor({ depth }: SignalContext) {
    this.#depth = depth;
  }

  onBook(view: MarketView): void {
    if (view.bidChanged) this.#bidStale = true;
    if (view.askChanged) this.#askStale = true;
  }

  /** For `write`, before the distances are read. */
  refresh(view: MarketView): void {
    if (this.#bidStale) {
      this.#bidStale = false;
      const { bidSumLots, bidSumReach } = view;
      if (this.#depth >= 5) this.bidFive = bidSumReach[4] / bidSumLots[4];
      if (this.#depth >= 10) this.bidTen = bidSumReach[9] / bidSumLots[9];
    }
    if (this.#askStale) {
      this.#askStale = false;
      const { askSumLots, askSumReach } = view;
      if (this.#depth >= 5) this.askFive = askSumReach[4] / askSumLots[4];
      if (this.#depth >= 10) this.askTen = askSumReach[9] / askSumLots[9];
    }
  }

  reset(): void {
    this.#bidStale = true;
    this.#askStale = true;
  }
}
