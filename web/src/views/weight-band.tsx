import { memo } from 'react';
import type { ForecastMessage, MonitorReport } from '../../../src/api/contract.ts';
import { percentText } from '../format.ts';

const WIDTH = 240;
const HEIGHT = 100;
/** Tints that there are; members beyond them share the last. */
const TINTS = 6;

interface Props {
  weights: NonNullable<MonitorReport['weights']>;
  /** At the last forecast; null in an abstention. */
  now: ForecastMessage['weights'];
}

/** Whom the ensemble trusts, over the whole stream: the weights stacked to one, with names and what they are now. */
export const WeightBand = memo(function WeightBand({ weights, now }: Props) {
  const { names, indices, values } = weights;
  const bands = stacked(indices, values);
  return (
    <figure className="weight-band" data-testid="weights">
      <figcaption>ensemble weights so far</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="weights of the members over time"
      >
        {names.map((name, i) => (
          <path key={name} className={`tint-${Math.min(i, TINTS - 1)}`} d={bands[i]} />
        ))}
      </svg>
      <ul>
        {names.map((name, i) => (
          <li key={name}>
            <span className={`swatch tint-${Math.min(i, TINTS - 1)}`} aria-hidden="true" />
            <span className="name">{name}</span>
            <span className="weight">{percentText(now?.[name] ?? values[i].at(-1) ?? null)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
});

/** One closed path a weight, the first at the top. */
function stacked(indices: readonly number[], values: readonly (readonly number[])[]): string[] {
  const first = indices[0] ?? 0;
  const span = Math.max(1, (indices.at(-1) ?? 0) - first);
  const x = indices.map((index) => ((WIDTH * (index - first)) / span).toFixed(1));
  const above = indices.map(() => 0);
  return values.map((column) => {
    const top = x.map((at, i) => `${at} ${(HEIGHT * above[i]).toFixed(2)}`);
    column.forEach((weight, i) => {
      above[i] += weight;
    });
    const bottom = x.map((at, i) => `${at} ${(HEIGHT * above[i]).toFixed(2)}`).reverse();
    return top.length === 0 ? '' : `M${top.join('L')}L${bottom.join('L')}Z`;
  });
}
