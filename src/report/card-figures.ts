import {
  confusionChart,
  countText,
  fixedText,
  intervalChart,
  type LineSeries,
  lineChart,
  percentText,
  reliabilityChart,
  stackedChart,
} from '../figure/index.ts';
import type { CardCurve, CardSection, CardWeights } from './card.ts';
import { scoreOf } from './card-verdict.ts';
import { figureBlock } from './page.ts';
import { metricText } from './runs-views.ts';

const SIZE = { width: 500, height: 300 };
/** Curves that are drawn of a member, in this order of interest. */
const METRICS = ['validation-log-loss', 'train-loss', 'loss'];

/** Gain of every forecast with its interval, and of the ensemble over others. */
export function gainFigures(section: CardSection): string {
  const { scores, comparisons } = section;
  const rows = scores.forecasts
    .filter(({ name }) => name !== 'prior')
    .map(({ name, baseline, gain: { value, interval } }) => ({
      name: baseline ? `${name} (no skill)` : name,
      value,
      low: interval?.low,
      high: interval?.high,
      hollow: !(interval !== null && interval.low > 0),
    }));
  const all = intervalChart({
    title: 'Gain over the prior',
    description: `${rows.filter(({ hollow }) => !hollow).length} of ${rows.length} forecasts lie above 0 with their whole interval.`,
    width: 500,
    rows,
    x: { label: 'nats a row, to the right is better' },
  });
  const against = comparisons.map(({ against: name, gain: { value, interval } }) => ({
    name,
    value,
    low: interval?.low,
    high: interval?.high,
    hollow: !(interval !== null && interval.low > 0),
  }));
  const over = intervalChart({
    title: 'Ensemble against others',
    description: against.map(({ name, value }) => `${name}: ${fixedText(value, 4)}`).join('; '),
    width: 500,
    rows: against,
    x: { label: 'nats by which the ensemble is better' },
  });
  const why = comparisons.map(({ against: name, why: said }) => `${name}: ${said}`).join('; ');
  return pair([
    figureBlock('Gain over the prior', all, 'Whiskers are 95 % intervals. Hollow where the interval reaches 0.'),
    figureBlock('The ensemble against others', over, `${why}. Paired on the same rows.`),
  ]);
}

/** Which classes are taken for which, and whether probabilities are what they say. */
export function outcomeFigures(section: CardSection): string {
  const { scores, served, classes } = section;
  const own = scoreOf(scores, served);
  const confusion = confusionChart({
    title: `Confusion matrix of ${served}`,
    description: classes.map((name, k) => `${name}: ${own.confusion[k].map(countText).join(', ')}`).join('; '),
    classes,
    counts: own.confusion,
  });
  const curves = own.calibration.reliability.map((points, k) =>
    figureBlock(
      `Reliability: ${classes[k]}`,
      reliabilityChart({
        title: `Reliability of the probability of ${classes[k]}`,
        description: `${points.filter(({ observed, band }) => observed >= band.low && observed <= band.high).length} of ${points.length} bins lie within the band of a perfect model.`,
        width: 320,
        height: 250,
        bins: points.map(({ forecast, observed, band }) => ({ forecast, observed, low: band.low, high: band.high })),
      }),
    ),
  );
  const note =
    'Bins of equally many rows. The grey band holds a perfectly calibrated model 95 times in 100, with labels that overlap as these do; points outside it are hollow.';
  return `${pair([
    figureBlock(`Confusion matrix of ${served}`, confusion, 'Shares and colours are of the rows that came true.'),
    selectiveFigure(section),
  ])}<div class="grid">${curves.join('')}</div><p class="dim small">${note}</p>`;
}

function selectiveFigure({ scores, served }: CardSection): string {
  const names = [served, ...(scores.bestBaseline === null ? [] : [scores.bestBaseline])];
  const series = names.map(
    (name): LineSeries => ({
      name,
      dots: true,
      points: scoreOf(scores, name).selective.map(({ coverage, accuracy }) => ({ x: coverage, y: accuracy })),
    }),
  );
  const chart = lineChart({
    title: 'Accuracy where only the surest rows are answered',
    description: series.map(({ name, points }) => `${name}: ${fixedText(points[0].y, 3)} at the surest`).join('; '),
    ...SIZE,
    series,
    x: { label: 'share of the rows that are answered', domain: [0, 1] },
    y: { label: 'accuracy' },
  });
  return figureBlock('Selective accuracy', chart, 'From the surest 5 % of the rows to all of them.');
}

/** What went on in time: losses of the test part, weights, learning. */
export function timeFigures(section: CardSection): string {
  const { losses, folds, curves } = section;
  const series = losses.series.map(
    ({ name, values }): LineSeries => ({ name, points: values.map((y, i) => ({ x: losses.timesMs[i], y })) }),
  );
  const chart = lineChart({
    title: 'Log-loss over time',
    description: losses.series
      .map(
        ({ name, values }) => `${name}: ${fixedText(Math.min(...values), 3)} to ${fixedText(Math.max(...values), 3)}`,
      )
      .join('; '),
    ...SIZE,
    series,
    x: { kind: 'time', label: 'UTC' },
    y: { label: 'nats' },
  });
  const blocks = [
    figureBlock(
      'Log-loss over time',
      chart,
      `Of the test part, each row forecast before its label was known; means of ${countText(losses.rowsEach)} rows.`,
    ),
    ...folds.map(({ weights }, fold) => weightsFigure(weights, folds.length === 1 ? '' : `, fold ${fold + 1}`)),
    ...curveFigures(curves),
  ];
  return pair(blocks);
}

function weightsFigure({ names, timesMs, values }: CardWeights, of: string): string {
  const chart = stackedChart({
    title: `Weights of the ensemble${of}`,
    description: names
      .map((name, i) => `${name}: ${percentText(values[i][0] ?? Number.NaN)} to ${percentText(values[i].at(-1) ?? 0)}`)
      .join('; '),
    ...SIZE,
    xs: timesMs,
    series: names.map((name, i) => ({ name, values: values[i] })),
    x: { kind: 'time', label: 'UTC' },
  });
  const caption =
    'From the beginning of the validation part to the end of the rows; the equal pool is the plain mean of all members.';
  return figureBlock(`Weights over time${of}`, chart, caption);
}

/** One chart a member: lines of a metric that was seen while it learnt. */
function curveFigures(curves: readonly CardCurve[]): string[] {
  const members = [...new Set(curves.map(({ member }) => member))];
  return members.flatMap((member) => {
    const own = curves.filter((curve) => curve.member === member);
    const series = own.flatMap(({ fold, epochs, metrics }) =>
      METRICS.filter((metric) => metrics[metric] !== undefined).map((metric): LineSeries => {
        const name = own.length === 1 ? metricText(metric) : `${metricText(metric)}, fold ${fold + 1}`;
        const points = epochs.map((epoch, i) => ({ x: epoch, y: metrics[metric][i] ?? Number.NaN }));
        return { name, points, dots: points.length <= 30 };
      }),
    );
    // What is solved at once has no curve.
    if (series.every(({ points }) => points.length < 2)) return [];
    const chart = lineChart({
      title: `Learning curve of ${member}`,
      description: series.map(({ name, points }) => `${name}: to ${fixedText(points.at(-1)?.y ?? 0, 4)}`).join('; '),
      ...SIZE,
      series,
      x: { label: 'epoch' },
      y: { label: 'nats' },
    });
    return [figureBlock(`Learning curve: ${member}`, chart)];
  });
}

function pair(blocks: readonly string[]): string {
  return `<div class="pair gap">${blocks.join('')}</div>`;
}
