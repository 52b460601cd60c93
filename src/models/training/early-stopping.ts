import { assert } from '../../core/index.ts';

/** What early stopping knows, for a checkpoint. */
export interface EarlyStoppingState {
  /** Lowest score so far; null before the first. */
  readonly best: number | null;
  /** Epoch of the lowest score, from 0; −1 before the first. */
  readonly bestEpoch: number;
  /** Epochs in a row since that were no better. */
  readonly worse: number;
}

/**
 * Ends training when a score on data that is not trained on has not fallen for some epochs (Prechelt 1998, "Early stopping, but
 * when?"). The weights of the lowest score are the ones to keep.
 */
export class EarlyStopping {
  /** Epochs without a new best after which training ends. */
  readonly patience: number;
  /** A score counts as better only where it is lower by more than this. */
  readonly minDelta: number;
  #best = Number.POSITIVE_INFINITY;
  #bestEpoch = -1;
  #worse = 0;

  constructor(patience: number, minDelta = 0) {
    assert(Number.isInteger(patience) && patience > 0 && minDelta >= 0, 'early stopping waits for at least one epoch');
    this.patience = patience;
    this.minDelta = minDelta;
  }

  /** True where this is the best score so far. NaN is never. */
  offer(score: number, epoch: number): boolean {
    if (score < this.#best - this.minDelta) {
      this.#best = score;
      this.#bestEpoch = epoch;
      this.#worse = 0;
      return true;
    }
    this.#worse++;
    return false;
  }

  get stops(): boolean {
    return this.#worse >= this.patience;
  }

  state(): EarlyStoppingState {
    return { best: this.#bestEpoch < 0 ? null : this.#best, bestEpoch: this.#bestEpoch, worse: this.#worse };
  }

  restore(state: EarlyStoppingState): void {
    this.#best = state.best ?? Number.POSITIVE_INFINITY;
    this.#bestEpoch = state.bestEpoch;
    this.#worse = state.worse;
  }
}
