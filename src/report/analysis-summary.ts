import { type Analysis, PUBLISHED_OFI_R2 } from '../evaluate/index.ts';
import { countText, fixedText, percentText } from '../figure/index.ts';
import { headlineLabel, headlineOf, intervalText, listText, plural, ranked } from './column-views.ts';

/** Missing more often than this is worth a sentence. */
const OFTEN_MISSING = 0.05;

/** What was found, in sentences that stand without the figures. */
export function summarySentences(analysis: Analysis): string[] {
  return [
    ...informationSentences(analysis),
    stabilitySentence(analysis),
    redundancySentence(analysis),
    ...missingSentences(analysis),
    ...impactSentences(analysis),
  ].filter((sentence) => sentence !== '');
}

function informationSentences(analysis: Analysis): string[] {
  const columns = ranked(analysis);
  const horizon = headlineLabel(analysis);
  if (columns.length === 0) return [`No column varies together with a future that varies, ${horizon} ahead.`];
  const best = columns[0];
  const { ic, interval, nullSd } = headlineOf(analysis, best);
  const found = columns.filter((column) => headlineOf(analysis, column).beyondChance);
  const sure =
    interval === null
      ? 'without an interval, since the file is too short for one'
      : `95 % interval ${intervalText(interval)}`;
  return [
    `The strongest column ${horizon} ahead is ${best.name}: its ranks correlate with the later move of the mid at ${fixedText(ic, 3)} (${sure}; by chance within ±${fixedText(1.96 * nullSd, 3)}).`,
    `${plural(found.length, 'column')} of ${columns.length} ${found.length === 1 ? 'is' : 'are'} larger ${horizon} ahead than what the luckiest of all columns and horizons reaches by chance at 95 %.`,
  ];
}

function stabilitySentence(analysis: Analysis): string {
  const found = ranked(analysis).filter((column) => headlineOf(analysis, column).beyondChance);
  if (found.length === 0) return '';
  const slices = found[0].stability.length;
  const steady = found.filter((column) => column.signAgreement === 1);
  const fickle = found.filter((column) => column.signAgreement < 0.75).map(({ name }) => name);
  const rest = fickle.length === 0 ? '' : ` Another sign in more than a quarter of them: ${listText(fickle)}.`;
  return `Of these, ${steady.length} keep their sign in every one of ${slices} slices of the session.${rest}`;
}

function redundancySentence({ groups, method, columns }: Analysis): string {
  const redundant = groups.reduce((sum, { drop }) => sum + drop.length, 0);
  if (redundant === 0) return `No two columns are correlated at |ρ| ≥ ${method.redundantAt}.`;
  return `${plural(redundant, 'column')} of ${columns.length} could be left out: each is correlated at |ρ| ≥ ${method.redundantAt} with one of ${groups.length} that ${groups.length === 1 ? 'is' : 'are'} kept for telling more of the future.`;
}

function missingSentences({ columns }: Analysis): string[] {
  const empty = columns.filter(({ distribution }) => distribution.count === 0).map(({ name }) => name);
  const constant = columns.filter(({ distribution }) => distribution.distinct === 1).map(({ name }) => name);
  const often = columns
    .filter(({ distribution }) => distribution.missing > OFTEN_MISSING && distribution.count > 0)
    .sort((a, b) => b.distribution.missing - a.distribution.missing);
  const one = (text: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `${text}: ${listText(names)}.`;
  const shares = often.map(({ name, distribution }) => `${name} (${percentText(distribution.missing)})`);
  return [
    one('Without any value in this file', empty),
    one('Always the same in this file', constant),
    often.length === 0
      ? `No ${empty.length > 0 ? 'other ' : ''}column is missing in more than 5 % of the rows.`
      : one(`Missing in more than 5 % of the rows`, shares),
  ];
}

function impactSentences({ impact }: Analysis): string[] {
  if (impact === null) return [];
  return impact.impacts.map(({ seconds, touch, byPeriod, levels, outOfSample }) => {
    const half = byPeriod === null ? '' : `, ${percentText(byPeriod.r2)} on average within half hours`;
    const all =
      levels === null
        ? ''
        : `, and all levels together ${percentText(levels.r2)} (${percentText(outOfSample.levels)} on the last third, unseen)`;
    const published = seconds === 10 ? ` (published: ${percentText(PUBLISHED_OFI_R2)})` : '';
    return `In windows of ${countText(seconds)} s, order flow at the touch explains ${percentText(touch.r2)} of the variance of the mid's move in the same window${half}${published}${all}. That is contemporaneous, and no forecast.`;
  });
}
