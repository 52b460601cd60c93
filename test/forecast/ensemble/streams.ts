import type { Random } from '../../../src/core/index.ts';
import type { Combiner } from '../../../src/forecast/index.ts';
import type { Label } from '../../../src/models/index.ts';

/** What the members say at one decision, and what comes true. */
export interface Round {
  said: Float64Array[];
  label: number;
}

/** Only a test may make a label of a number. */
export function labelOf(label: number): Label {
  return label as Label;
}

export function allAwake(members: number): Uint8Array {
  return new Uint8Array(members).fill(1);
}

/** Probabilities as from a normal logit a class. */
export function randomForecast(random: Random, classes: number, spread = 1.5): Float64Array {
  const p = Float64Array.from({ length: classes }, () => Math.exp(spread * random.normal()));
  const total = p.reduce((sum, value) => sum + value, 0);
  return p.map((value) => value / total);
}

export function draw(random: Random, p: Float64Array): number {
  let left = random.float();
  for (let k = 0; k < p.length - 1; k++) {
    left -= p[k];
    if (left < 0) return k;
  }
  return p.length - 1;
}

/** As the combiners take it: at least 1e-4, and together 1. */
export function clipped(p: Float64Array): Float64Array {
  const raised = p.map((value) => Math.max(value, 1e-4));
  const total = raised.reduce((sum, value) => sum + value, 0);
  return raised.map((value) => value / total);
}

/** The clipped members and their mean: what the experts of a combiner say. */
export function expertsOf(said: readonly Float64Array[]): Float64Array[] {
  const experts = said.map(clipped);
  const mean = experts[0].map((_, k) => experts.reduce((sum, p) => sum + p[k], 0) / experts.length);
  return [...experts, mean];
}

/** Log-losses of a run: the pool's, and the experts' by round. */
export interface Losses {
  pool: number;
  experts: number[][];
}

/** The round at time t. An adversary may look at the weights before. */
export type Next = (t: number, combiner: Combiner) => Round;

/** Plays rounds; each label is settled `delay` forecasts late (0: before the next forecast). */
export function play(combiner: Combiner, rounds: number, delay: number, next: Next): Losses {
  const losses: Losses = { pool: 0, experts: [] };
  const pending: Round[] = [];
  const pool = (said: Float64Array[]): Float64Array => {
    const out = new Float64Array(said[0].length);
    combiner.combine(said, allAwake(said.length), out);
    return out;
  };
  for (let t = 0; t < rounds; t++) {
    const round = next(t, combiner);
    losses.pool -= Math.log(pool(round.said)[round.label]);
    losses.experts.push(expertsOf(round.said).map((p) => -Math.log(p[round.label])));
    pending.push(round);
    while (pending.length > delay) {
      const past = pending.shift()!;
      combiner.settle(past.said, allAwake(past.said.length), labelOf(past.label), delay + 1);
    }
  }
  return losses;
}

export function bestExpert(experts: number[][]): number {
  return Math.min(...experts[0].map((_, i) => experts.reduce((sum, row) => sum + row[i], 0)));
}

/** Least total loss of a sequence of experts that switches at most `switches` times: by dynamic programming. */
export function bestSwitching(experts: number[][], switches: number): number {
  const n = experts[0].length;
  let best = Array.from({ length: switches + 1 }, () => experts[0].slice());
  for (let t = 1; t < experts.length; t++) {
    best = best.map((row, m) => {
      const other = m === 0 ? Number.POSITIVE_INFINITY : Math.min(...best[m - 1]);
      return Array.from({ length: n }, (_, i) => Math.min(row[i], other) + experts[t][i]);
    });
  }
  return Math.min(...best.flat());
}
