import { assert, Random } from '../../core/index.ts';
import { binRows } from '../forecast-differences.ts';
import { normalQuantile } from '../inference/distributions.ts';
import { latentPath } from './simulated-labels.ts';

const PARTS = 10;
/** Of the simulations lie within a band. */
const CENTRAL = 0.95;

/** Share of the rows whose set held what came true, overall and in each tenth of them in their order. */
export interface Coverage {
  readonly overall: number;
  readonly tenths: readonly number[];
}

/**
 * What sets with exactly the coverage asked for show on as many rows, 95 times in 100: overall, and from the lowest to the highest tenth.
 * A coverage within it may be chance, and one that no honest sets could be expected to keep within is no promise broken.
 */
export interface CoverageBand {
  readonly overall: { readonly low: number; readonly high: number };
  /** The lowest of ten falls below, and the highest above, once in forty each. */
  readonly tenths: { readonly low: number; readonly high: number };
}

export interface CoverageBandOptions {
  readonly rows: number;
  /** In (0, 1). */
  readonly coverage: number;
  /** Labels of rows less than this apart overlap, so that one move of the price misses several sets; 1 takes rows for independent. */
  readonly span: number;
  readonly simulations: number;
  readonly seed: number;
}

/** `held`: 1 where a row's set held what came true, rows in the order of time; NaN of a tenth without rows. */
export function coverageOf(held: ArrayLike<number>): Coverage {
  const n = held.length;
  let all = 0;
  const tenths = Array.from({ length: PARTS }, (_, part) => {
    const [from, to] = binRows(n, PARTS, part);
    let count = 0;
    for (let i = from; i < to; i++) count += held[i];
    all += count;
    return count / (to - from);
  });
  return { overall: all / n, tenths };
}

/** Rows miss where a standard normal number (`latentPath`) exceeds its quantile. Time rows × simulations. */
export function coverageBand({ rows, coverage, span, simulations, seed }: CoverageBandOptions): CoverageBand {
  assert(coverage > 0 && coverage < 1, 'a coverage lies in (0, 1)');
  assert(simulations >= 2 / (1 - CENTRAL), 'a 95 % band needs at least 40 simulations');
  const random = new Random(seed);
  const limit = normalQuantile(coverage);
  const latent = new Float64Array(rows);
  const held = new Uint8Array(rows);
  const overall = new Float64Array(simulations);
  const least = new Float64Array(simulations);
  const most = new Float64Array(simulations);
  for (let s = 0; s < simulations; s++) {
    latentPath(random, span, latent);
    for (let i = 0; i < rows; i++) held[i] = latent[i] < limit ? 1 : 0;
    const drawn = coverageOf(held);
    overall[s] = drawn.overall;
    least[s] = Math.min(...drawn.tenths);
    most[s] = Math.max(...drawn.tenths);
  }
  const at = (values: Float64Array, share: number): number => values.sort()[Math.round(share * (simulations - 1))];
  const outer = (1 - CENTRAL) / 2;
  return {
    overall: { low: at(overall, outer), high: at(overall, 1 - outer) },
    tenths: { low: at(least, outer), high: at(most, 1 - outer) },
  };
}
