import type { CardSection, ModelCard } from '../report/index.ts';
import type { Evaluated } from './evaluate-run.ts';
import { fixed, grouped, signed, table } from './output.ts';

/** The verdicts and the scores, for a terminal; the card has the rest. */
export function evaluatedText({ card, files, runs }: Evaluated): string {
  const places = files.length > 0 ? files : runs.map((folder) => `${folder}/card.html`);
  return `${card.sections.map((section) => sectionText(card, section)).join('\n')}\n${places.map((path) => `card: ${path}\n`).join('')}`;
}

type Interval = { readonly low: number; readonly high: number } | null;

function sectionText({ data }: ModelCard, section: CardSection): string {
  const { scores, verdict, comparisons, conformal, resolved } = section;
  const head = [
    'forecast',
    'log-loss',
    'gain over prior',
    '95 % interval',
    'direction gain',
    '95 % interval',
    'MCC',
    'accuracy',
    'ECE',
  ];
  const rows = scores.forecasts.map(
    ({ name, baseline, logLoss, gain, directionGain, mcc, accuracy, calibration: { error } }) => [
      baseline ? `${name} (no skill)` : name,
      fixed(logLoss.value, 4),
      signed(gain.value, 4),
      intervalText(gain.interval),
      signed(directionGain.value, 4),
      intervalText(directionGain.interval),
      signed(mcc.value, 3),
      fixed(accuracy.value, 3),
      fixed(error.topLabel, 3),
    ],
  );
  const lines = [
    verdict,
    '',
    `${data.simulated ? 'SIMULATED data: ' : ''}${resolved}, ${grouped(scores.rows)} test rows${scores.reason === null ? `, intervals from blocks of ${grouped(scores.blockLength)}` : `, no intervals: ${scores.reason}`}`,
    '',
    table(head, rows).trimEnd(),
    '',
    ...comparisons.map(
      ({ against, why, gain }) =>
        `ensemble minus ${against} (${why}): ${signed(gain.value, 4)} nats, ${intervalText(gain.interval)}`,
    ),
    `sets of ${fixed(100 * conformal.coverage, 0)} %: ${fixed(100 * conformal.exact.overall, 1)} % held what came true (by chance ${fixed(100 * conformal.band.overall.low, 1)} to ${fixed(100 * conformal.band.overall.high, 1)}), ${fixed(100 * conformal.found, 1)} % as served, with ${fixed(conformal.meanSize, 2)} classes on average`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function intervalText(interval: Interval): string {
  return interval === null ? '—' : `${signed(interval.low, 4)} … ${signed(interval.high, 4)}`;
}
