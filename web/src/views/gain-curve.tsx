import { memo, useId } from 'react';
import { EARLY_N, signedText } from '../format.ts';
import type { GainPoint } from '../state.ts';

const WIDTH = 240;
const HEIGHT = 100;

/** The served model's gain over the best no-skill baseline as it ran, once there is enough of it; zero is the thin line. */
export const GainCurve = memo(function GainCurve({ gains }: { gains: readonly GainPoint[] }) {
  const id = useId();
  const shown = gains.filter((point) => point.n >= EARLY_N);
  const last = shown.at(-1);
  if (last === undefined || shown.length < 2) {
    return (
      <figure className="gain-curve">
        <figcaption>gain so far</figcaption>
        <p className="dim">from {EARLY_N} scored decisions on</p>
      </figure>
    );
  }
  const first = shown[0];
  const top = Math.max(0.001, ...shown.map((point) => point.gain)) * 1.1;
  const bottom = Math.min(0, ...shown.map((point) => point.gain)) * 1.1;
  const x = (n: number) => (WIDTH * (n - first.n)) / Math.max(1, last.n - first.n);
  const y = (gain: number) => (HEIGHT * (top - gain)) / (top - bottom);
  const line = shown.map((point) => `${x(point.n).toFixed(1)} ${y(point.gain).toFixed(1)}`).join('L');
  const zero = y(0) / HEIGHT;
  return (
    <figure className="gain-curve">
      <figcaption>
        gain so far <strong className={last.gain >= 0 ? 'good' : 'poor'}>{signedText(last.gain, 4)}</strong> nats
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="gain over the best no-skill baseline as it ran"
      >
        <linearGradient id={id} gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="0" y2={HEIGHT}>
          <stop offset={zero} className="good-stop" />
          <stop offset={zero} className="poor-stop" />
        </linearGradient>
        <path d={`M0 ${y(0)}L${line}L${WIDTH} ${y(0)}Z`} fill={`url(#${id})`} opacity={0.22} />
        <path d={`M0 ${y(0)}H${WIDTH}`} className="zero" />
        <path d={`M${line}`} className="gain-line" stroke={`url(#${id})`} />
      </svg>
    </figure>
  );
});
