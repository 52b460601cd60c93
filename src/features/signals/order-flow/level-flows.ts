import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Book messages over which the flow of a level fades. */
export const LEVEL_MEMORY = 10;

/** Flow of the levels, read once for the signals of each level and of all of them. */
export class LevelFlows implements Part {
  /** Per level, the flow faded over `LEVEL_MEMORY` book messages. */
  readonly faded: Float64Array;
  /** Flow of the last book message over all levels. */
  total = 0.5;
  readonly #keep = Math.exp(-1 / LEVEL_MEMORY);

  constructor({ depth }: SignalContext) {
    this.faded = new Float64Array(depth);
    this.reset();
  }

  onBook(view: MarketView): void {
    const faded = this.faded;
    const flow = view.flowLots;
    const keep = this.#keep;
    let total = 0;
    for (let m = 0; m < faded.length; m++) {
      const e = flow[m];
      faded[m] = faded[m] * keep + e;
      total += e;
    }
    this.total = total;
  }

  reset(): void {
    this.faded.fill(0);
    this.total = 0;
  }
}
