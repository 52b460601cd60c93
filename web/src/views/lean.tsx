import { countText, leanText } from '../format.ts';
import { binOf, leanBins } from '../histogram.ts';

const BINS = 41;
const LAST = 1000;

/** p(up) − p(down) now, in words, and where it lies among the last thousand forecasts. */
export function Lean({ lean, history }: { lean: number; history: readonly (number | null)[] }) {
  const tone = Math.abs(lean) < 0.005 ? '' : lean > 0 ? 'up' : 'down';
  const bins = leanBins(history, LAST, BINS);
  const highest = Math.max(1, ...bins);
  const counted = bins.reduce((sum, count) => sum + count, 0);
  const here = binOf(lean, BINS);
  return (
    <div className="lean">
      <p data-testid="lean" className={`now ${tone}`}>
        {leanText(lean)}
      </p>
      <svg
        viewBox={`0 0 ${BINS} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label="distribution of recent forecasts"
      >
        <path d={`M${BINS / 2} 0V100`} className="zero" />
        {bins.map((count, i) => (
          <rect
            key={bin(i)}
            className={`${side(i)} ${i === here ? 'here' : ''}`}
            x={i + 0.08}
            width={0.84}
            y={100 - (96 * count) / highest}
            height={(96 * count) / highest}
          />
        ))}
      </svg>
      <span className="gauge" aria-hidden="true">
        <span className={`pointer ${tone}`} style={{ left: `${(50 * (lean + 1)).toFixed(2)}%` }} />
      </span>
      <p className="ends dim">
        <span>−1 down</span>
        <span>last {countText(counted)} forecasts</span>
        <span>up +1</span>
      </p>
    </div>
  );
}

/** Bins are told apart by where they begin. */
const bin = (i: number): string => (-1 + (2 * i) / BINS).toFixed(3);

function side(i: number): string {
  const centre = (BINS - 1) / 2;
  return i === centre ? 'even' : i > centre ? 'up' : 'down';
}
