import type { Analysis } from '../evaluate/index.ts';
import { countText, escapeText, fixedText, numberText, percentText } from '../figure/index.ts';
import { summarySentences } from './analysis-summary.ts';
import { headlineLabel, headlineOf, plural, ranked } from './column-views.ts';
import { correlationSection, redundancySection } from './correlation-section.ts';
import { dataTable, factTable, type TableCell } from './data-table.ts';
import { distributionSection } from './distribution-section.ts';
import { impactSection } from './impact-section.ts';
import { informationSection } from './information-section.ts';
import { memorySection } from './memory-section.ts';
import { missingSection } from './missing-section.ts';
import { bulletList, page, paragraph, type Section } from './page.ts';
import { stabilitySection } from './stability-section.ts';

/**
 * The report of `bookcast analyse`: one HTML file that loads nothing and reads without scripts. The same analysis gives the
 * same bytes.
 */
export function renderAnalysis(analysis: Analysis): string {
  const { facts, impact } = analysis;
  return page(`Signals of ${facts.instrument}`, headOf(analysis), [
    { id: 'summary', title: 'Summary', body: bulletList(summarySentences(analysis)) },
    informationSection(analysis),
    stabilitySection(analysis),
    redundancySection(analysis),
    correlationSection(analysis),
    ...(impact === null ? [] : [impactSection(impact)]),
    distributionSection(analysis),
    memorySection(analysis),
    missingSection(analysis),
    provenanceSection(analysis),
    methodSection(analysis),
  ]);
}

function headOf(analysis: Analysis): string {
  const { facts, columns, groups, impact } = analysis;
  const best = ranked(analysis)[0];
  const found = columns.filter((column) => headlineOf(analysis, column).beyondChance).length;
  const redundant = groups.reduce((sum, { drop }) => sum + drop.length, 0);
  const missing =
    columns.reduce((sum, { distribution }) => sum + distribution.missing, 0) / Math.max(1, columns.length);
  const horizon = headlineLabel(analysis);
  const simulated = facts.origin === 'simulated' || impact?.origin === 'simulated';
  const banner = simulated
    ? '<div class="simulated" role="note"><b>SIMULATED</b>Made by the seeded simulator. It tests the tools, and says nothing of any market.</div>'
    : '';
  const tiles: [string, string][] = [
    [countText(facts.rows), 'rows'],
    [countText(columns.length), 'columns'],
    [
      best === undefined ? '–' : fixedText(headlineOf(analysis, best).ic, 3),
      best === undefined ? 'largest IC' : `IC ${horizon} ahead, ${best.name}`,
    ],
    [countText(found), 'columns beyond chance'],
    [countText(redundant), 'redundant columns'],
    [percentText(missing, 1), 'of all values missing'],
  ];
  const drawn = tiles.map(
    ([value, name]) => `<div class="tile"><b>${escapeText(value)}</b><span>${escapeText(name)}</span></div>`,
  );
  return `<header><div class="top"><h1>Signals of ${escapeText(facts.instrument)}</h1><span class="badge">${escapeText(facts.origin)}</span></div>
<div class="dim">${escapeText(`${periodText(facts)}. ${facts.file}`)}</div>
${banner}
<div class="tiles">${drawn.join('')}</div></header>`;
}

function periodText({ from, to, seconds }: Analysis['facts']): string {
  if (from === null || to === null) return 'No rows';
  const sameDay = from.slice(0, 10) === to.slice(0, 10);
  const end = sameDay ? to.slice(11, 19) : `${to.slice(0, 10)} ${to.slice(11, 19)}`;
  return `${from.slice(0, 10)} ${from.slice(11, 19)} to ${end} UTC (${spanText(seconds)})`;
}

function spanText(seconds: number): string {
  if (seconds < 120) return `${numberText(seconds)} s`;
  return seconds < 7200 ? `${numberText(seconds / 60)} min` : `${numberText(seconds / 3600)} h`;
}

function provenanceSection({ facts, columns }: Analysis): Section {
  const fit =
    facts.fit === null
      ? 'none: no column of this file is fitted'
      : `${facts.fit}, trained until ${facts.fitUntil ?? 'an unknown time'}; ${percentText(facts.fitted, 1)} of these rows lie within its training data, where fitted columns have seen the future`;
  return {
    id: 'provenance',
    title: 'Provenance',
    body: factTable([
      ['File', facts.file],
      ['Schema', `${facts.schemaHash}, of which ${plural(columns.length, 'column')} analysed`],
      ['Instrument', `${facts.instrument}, one tick is ${facts.tickSize}`],
      ['Rows', `${countText(facts.rows)}, sampled by the clock ${facts.clock}`],
      ['First row', facts.from ?? 'none'],
      ['Last row', facts.to ?? 'none'],
      ['Origin', facts.origin === 'simulated' ? 'SIMULATED' : facts.origin],
      ['Fit', fit],
    ]),
  };
}

function methodSection(analysis: Analysis): Section {
  const { method, horizons } = analysis;
  const head = ['horizon', 'rows with a future', 'rows ahead', 'mid has moved', 'blocks', 'rows a block'];
  const rows = horizons.map((one): TableCell[] => [
    { text: one.label },
    { text: countText(one.n), value: one.n },
    { text: numberText(one.meanRows), value: one.meanRows },
    { text: percentText(one.moved), value: one.moved },
    { text: countText(one.blocks), value: one.blocks },
    { text: countText(one.blockRows), value: one.blockRows },
  ]);
  const notes = [
    'The future of a row is the mid then less the row’s own mid, in ticks. Where rows lie within a burst of messages, the rest of the burst is part of it: a forecast served at the end of bursts does not have that. Where a venue tells of trades sooner than of the book that they changed, what trades say is partly a move that has happened already.',
    'Ranks are taken once a column, over all of its rows; ties share their mean rank. Correlations are of the rows that have both.',
    `Intervals: ${method.resamples} resamples of whole blocks of rows, each at least twice the horizon long, seeded with ${method.seed} (${plural(20, 'block')} at least, or no interval).`,
    `Chance: ${method.shifts} circular shifts of the future by a tenth to nine tenths of the file. Column and future keep their own memory and lose each other. The grey band is 1.96 standard deviations of what they then correlate.`,
    `Many columns and horizons are looked at, so some look good by luck. In 95 of 100 cases the luckiest of all of them stays below ${fixedText(method.chanceMaximum, 2)} of its own standard deviations by chance; only what is above is called beyond chance (Westfall and Young 1993).`,
    'A coefficient is no profit: it knows no spread, fee, queue or delay.',
  ];
  return {
    id: 'method',
    title: 'Method',
    body:
      bulletList(notes) +
      dataTable({ id: 'method-table', caption: 'Horizons', head: head.map((text) => ({ text })), rows }) +
      paragraph(
        `Made with bookcast analyse ${analysis.facts.file}. Lags, horizons and thresholds are fixed; the seed makes it repeatable.`,
      ),
  };
}
