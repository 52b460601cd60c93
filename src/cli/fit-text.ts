import { type FeatureFit, IMBALANCE_BUCKETS, SPREAD_ENDS } from '../features/index.ts';
import { fixed, grouped, table } from './output.ts';

/** What was fitted, in words and figures that can be judged. All of it is of the training data: no test of anything. */
export function fitText({ instrument, messages, until, microprice, components, hawkes, hash }: FeatureFit): string {
  const { baseRate, self, cross, decay, logLikelihood, poissonLogLikelihood } = hawkes;
  const branching = (self + cross) / decay;
  const levels = components.weights.map((weight) => fixed(weight, 3)).join(', ');
  return [
    `${grouped(messages)} messages of ${instrument}, up to ${until} (hash ${hash}): rows up to there test no model.\n`,
    'Microprice less mid, in ticks, by spread and by how much longer the bid queue is, (bid − ask) / (bid + ask).',
    'Where the ask queue is the longer one, it is the same with the other sign.\n',
    micropriceTable(microprice.fair),
    `Order flow: the first component holds ${fixed(100 * components.explained, 1)} % of the variance of the levels' flows.`,
    `Weights from the best level down: ${levels}.\n`,
    `Trades: ${fixed(baseRate, 3)} a second a side come by themselves; branching ratio ${fixed(branching, 3)} (${fixed(self / decay, 3)} on the`,
    `same side, ${fixed(cross / decay, 3)} on the other), excitement halves in ${fixed(Math.LN2 / decay, 4)} s.`,
    `Log-likelihood an event (trades of one sign within 1 ms count once): ${fixed(logLikelihood, 4)}; of a Poisson process with the same mean rate: ${fixed(poissonLogLikelihood, 4)}.`,
    '',
  ].join('\n');
}

/** A row a bucket of the spread, a column a bucket of the imbalance. */
function micropriceTable(fair: readonly number[]): string {
  const share = (bucket: number): string => fixed(bucket / IMBALANCE_BUCKETS, 1);
  const buckets = Array.from({ length: IMBALANCE_BUCKETS }, (_, bucket) => bucket);
  const head = ['spread', ...buckets.map((bucket) => `${share(bucket)}–${share(bucket + 1)}`)];
  const rows = Array.from(SPREAD_ENDS, (end, s) => {
    const from = s === 0 ? 1 : SPREAD_ENDS[s - 1] + 1;
    const label = s === SPREAD_ENDS.length - 1 ? `${from}+` : from === end ? `${end}` : `${from}–${end}`;
    return [label, ...buckets.map((bucket) => fixed(fair[s * IMBALANCE_BUCKETS + bucket], 3))];
  });
  return table(head, rows);
}
