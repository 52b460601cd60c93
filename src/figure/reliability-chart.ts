import { createAxis, drawBottomAxis, drawLeftAxis, extentOf, leftMargin } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { element, px } from './svg.ts';

/** One bin of forecasts. */
export interface ReliabilityBin {
  /** Mean probability, and the share that came true. */
  readonly forecast: number;
  readonly observed: number;
  /** Where the share of a perfect model lies 95 times in 100. */
  readonly low: number;
  readonly high: number;
}

export interface ReliabilityOptions extends ChartOptions {
  readonly bins: readonly ReliabilityBin[];
}

/** What came true against what was forecast: points on the diagonal for a perfect model, within the band by chance; hollow outside. */
export function reliabilityChart(options: ReliabilityOptions): string {
  const { width, height } = options;
  const bins = options.bins.filter(({ forecast, observed }) => Number.isFinite(forecast) && Number.isFinite(observed));
  const extent = extentOf(bins.flatMap(({ forecast, observed, low, high }) => [forecast, observed, low, high]));
  if (extent === null) return emptyChart(options);
  const ends: [number, number] = [Math.floor(extent[0] * 10) / 10, Math.min(1, Math.ceil(extent[1] * 10) / 10)];
  const bottom = height - 38;
  const y = createAxis({ domain: ends, label: 'came true' }, ...ends, bottom, 10);
  const left = leftMargin(
    y.ticks.map(({ text }) => text),
    y.label,
  );
  const plot = { left, top: 10, right: width - 12, bottom };
  const x = createAxis({ domain: ends, label: 'forecast' }, ...ends, plot.left, plot.right);
  const places = bins.map((bin) => ({ ...bin, x: x.place(bin.forecast) })).sort((a, b) => a.x - b.x);
  const edge = (of: (bin: (typeof places)[number]) => number): string[] =>
    places.map((bin) => `${px(bin.x)} ${px(y.place(of(bin)))}`);
  const band = [...edge(({ low }) => low), ...edge(({ high }) => high).reverse()];
  const line = edge(({ observed }) => observed);
  const diagonal = `M${px(plot.left)} ${px(plot.bottom)}L${px(plot.right)} ${px(plot.top)}`;
  return frame(options, [
    drawLeftAxis(y, plot),
    drawBottomAxis(x, plot),
    element('path', { d: `M${band.join('L')}z`, class: 'band' }),
    element('path', { d: diagonal, class: 'axis', 'stroke-dasharray': '4 3' }),
    element('path', { d: `M${line.join('L')}`, class: 's0', 'stroke-width': '1.5' }),
    ...places.map((bin) => {
      const at = { cx: bin.x, cy: y.place(bin.observed), r: 3.2 };
      const within = bin.observed >= bin.low && bin.observed <= bin.high;
      return within
        ? element('circle', { ...at, class: 'f0' })
        : element('circle', { ...at, class: 's1', 'stroke-width': '1.8' });
    }),
  ]);
}
