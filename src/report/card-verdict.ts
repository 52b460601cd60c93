import type { Figure, ForecastScore, ForecastScores } from '../evaluate/index.ts';
import { countText, fixedText, percentText, signedText } from '../figure/index.ts';
import type { CardConformal, CardData, CardSection, CardTrials } from './card.ts';

/** Above it a difference is called chance. */
const LEVEL = 0.05;

/** What was hoped for of three classes: accuracy, and the precision of each class. */
export const ACCURACY_TARGET = 0.55;
export const PRECISION_TARGET = 0.65;

type Judged = Pick<CardSection, 'scores' | 'served' | 'comparisons' | 'resolved'> & { readonly simulated: boolean };

export function scoreOf({ forecasts }: ForecastScores, name: string): ForecastScore {
  return forecasts.find((forecast) => forecast.name === name) as ForecastScore;
}

/** One sentence, honest when bad. */
export function verdictOf(section: Judged): string {
  const { scores, comparisons, resolved, simulated } = section;
  const where = `${simulated ? 'SIMULATED: on' : 'On'} ${resolved}`;
  const own = scoreOf(scores, 'ensemble');
  const base = scores.bestBaseline ?? 'the prior';
  if (scores.reason !== null) return `${where}, too little was tested to judge the ensemble: ${scores.reason}.`;
  const test = own.againstBestBaseline;
  const beats = test !== null && test.gain > 0 && test.pValue < LEVEL && above(own.gain);
  if (!beats) {
    return `${where}, the ensemble is not shown to be better than ${base}, a forecast without skill: ${gainText(own.gain)} over the prior${pText(test)}.`;
  }
  const direction = above(own.directionGain)
    ? `${gainText(own.directionGain)} of direction`
    : `though no skill in direction is shown (${gainText(own.directionGain)})`;
  const members = comparisons.filter(({ baseline }) => !baseline);
  const better = members.filter(({ gain }) => gain.interval !== null && gain.interval.high < 0);
  const unsure = members.filter((one) => !better.includes(one) && !above(one.gain));
  const rest =
    better.length > 0
      ? `; but ${list(better.map(({ against }) => against))} alone ${better.length === 1 ? 'does' : 'do'} better`
      : unsure.length > 0
        ? `; it is not shown to be better than ${list(unsure.map(({ against }) => against))} alone`
        : '';
  return `${where}, the ensemble is better than every forecast without skill: ${gainText(own.gain)} over the prior, ${direction}${rest}.`;
}

function above({ interval }: Figure): boolean {
  return interval !== null && interval.low > 0;
}

export function gainText({ value, interval }: Figure): string {
  const ends = interval === null ? '' : ` [${signedText(interval.low, 4)}, ${signedText(interval.high, 4)}]`;
  return `${signedText(value, 4)}${ends} nats`;
}

function pText(test: ForecastScore['againstBestBaseline']): string {
  return test === null ? '' : `, p = ${fixedText(test.pValue, 3)} against it`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What speaks against taking the figures for more than they are. */
export function limitsOf(
  data: CardData,
  section: Pick<CardSection, 'scores' | 'conformal' | 'trials' | 'served'>,
): string[] {
  const { scores, conformal, trials, served } = section;
  const { effectiveSize, calibration } = scoreOf(scores, served);
  const limits: string[] = [];
  if (data.simulated)
    limits.push('Simulated: these figures say whether the machinery works, and nothing of any market.');
  else if (data.days === 1) limits.push('One day: nothing here speaks of another day.');
  else limits.push(`${countText(data.days)} days with ${spanText(data.seconds)} between first and last row.`);
  if (data.instruments.length === 1)
    limits.push(`One instrument (${data.instruments[0]}): nothing here speaks of another.`);
  limits.push(
    `${countText(scores.rows)} test rows, worth about ${countText(Math.floor(effectiveSize.byAutocorrelation))} independent ones for the log-loss (${countText(Math.floor(effectiveSize.byHorizon))} of which no two labels overlap).`,
  );
  if (scores.reason !== null) limits.push(`No intervals: ${scores.reason}.`);
  limits.push(trialsText(trials));
  const { topLabel } = calibration.error;
  const band = calibration.overlappingBand.topLabel;
  limits.push(
    topLabel <= band.high
      ? `Its calibration error, ${fixedText(topLabel, 3)}, is one that a perfectly calibrated model shows on as many rows (95 % band ${fixedText(band.low, 3)} to ${fixedText(band.high, 3)}).`
      : `It is not calibrated: its error, ${fixedText(topLabel, 3)}, is above what a perfectly calibrated model shows on as many rows (95 % band ${fixedText(band.low, 3)} to ${fixedText(band.high, 3)}).`,
  );
  limits.push(coverageText(conformal));
  limits.push('Scores of forecasts are no profit: they know no spread, fee, queue or delay.');
  return limits;
}

function trialsText({ training, evaluations, ofTarget, members }: CardTrials): string {
  const looks = training + evaluations;
  const runs = `${countText(training)} of training, ${countText(evaluations)} of evaluation`;
  return looks <= 1
    ? `The registry knows of no other look at these data; this one compared ${members} members.`
    : `The registry knows of ${countText(looks)} runs on these data (${runs}; ${countText(ofTarget)} with this target), this one included. The best of many looks better than it is.`;
}

function coverageText({ coverage, found, exact, band, meanSize }: CardConformal): string {
  const between = (low: number, high: number): string => `${percentText(low, 1)} to ${percentText(high, 1)}`;
  return [
    `Sets that shall hold what comes true ${percentText(coverage)} of the time did so ${percentText(exact.overall, 1)} of the time, ${between(Math.min(...exact.tenths), Math.max(...exact.tenths))} by tenths of the test`,
    `(sets of exactly that coverage on as many rows, with labels that overlap so: ${between(band.overall.low, band.overall.high)}, and by tenths ${between(band.tenths.low, band.tenths.high)}, 95 times in 100).`,
    `None is served empty, but as its likeliest class, which makes it ${percentText(found, 1)}, with ${fixedText(meanSize, 2)} classes on average.`,
  ].join(' ');
}

export function spanText(seconds: number): string {
  if (seconds < 120) return `${fixedText(seconds, 0)} s`;
  if (seconds < 7200) return `${fixedText(seconds / 60, 1)} min`;
  return seconds < 172_800 ? `${fixedText(seconds / 3600, 1)} h` : `${fixedText(seconds / 86_400, 1)} days`;
}
