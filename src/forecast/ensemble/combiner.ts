import type { Label } from '../../models/index.ts';

/**
 * Makes one forecast of what several members say, and learns whom to trust. Its experts are the members, in order, and behind them one
 * more: the equal pool, the plain mean of the members that are awake, which no weighting of many forecasters should be without.
 *
 * Feedback is late: the outcome of a decision is known decisions later. So `settle` is given what the members said *then*, beside a `Label`,
 * which only a `TargetStream` makes, once it exists; a number is no label, and learning from one does not compile.
 *
 * A member that is asleep (`awake[i]` 0, or numbers that are no probabilities) neither gains nor loses: its weight rests while the pool is
 * that of the others, and it resumes with that weight (Freund, Schapire, Singer and Warmuth, "Using and combining predictors that
 * specialize", STOC 1997). No method allocates but `save` and `restore`.
 */
export interface Combiner {
  readonly name: string;
  /** On the simplex: one a member, then the equal pool's. Live: it changes with the next call. */
  readonly weights: Float64Array;
  /** Writes the pool of what the members say now, one probability a class; uniform over the classes where all are asleep. */
  combine(members: readonly Float64Array[], awake: Uint8Array, out: Float64Array): void;
  /**
   * Learns from what the members said at a decision whose label now exists; called in order of resolution. `span` is the number of decisions
   * from that one to its label, so that labels which overlap, and so repeat each other, are not taken for as many (default: 1).
   */
  settle(members: readonly Float64Array[], awake: Uint8Array, label: Label, span?: number): void;
  /** Everything learnt, for `restore` of a combiner with the same settings, which then goes on bit for bit. */
  save(): Uint8Array;
  /** Throws `bad-input` for bytes of another kind, version or size, and changes nothing then. */
  restore(bytes: Uint8Array): void;
}

/** How many there are to combine. */
export interface CombinerShape {
  members: number;
  classes: number;
}
