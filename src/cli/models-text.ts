import type { BundleFacts } from '../forecast/index.ts';
import { CARD_FIGURES, type CardFigureName, type ScoredSection } from './bundle-card.ts';
import type { ShelvedBundle } from './bundle-shelf.ts';
import { fixed, table } from './output.ts';

const TITLES: Readonly<Record<CardFigureName, string>> = {
  logLoss: 'log-loss',
  gain: 'gain',
  directionGain: 'direction gain',
  mcc: 'MCC',
  macroF1: 'macro-F1',
  accuracy: 'accuracy',
  brier: 'Brier',
};

/** `bookcast models list`. */
export function shelfText(bundles: readonly ShelvedBundle[]): string {
  return table(
    ['', 'bundle', 'version', 'target', 'members', 'learnt from', 'made by'],
    bundles.map(({ name, promoted, shipped, facts }) => [
      promoted ? '*' : '',
      shipped ? `${name} (of the package)` : name,
      facts.version.slice(0, 8),
      facts.target,
      String(facts.members.length),
      learntText(facts),
      facts.createdBy,
    ]),
  );
}

/** `bookcast models show`. */
export function bundleText(
  { name, folder, promoted, facts }: ShelvedBundle,
  card: readonly ScoredSection[] | null,
): string {
  const { calibrator, sets, combiner } = facts;
  const lines = [
    ['bundle', `${name}${promoted ? ' (promoted)' : ''} in ${folder}`],
    ['version', facts.version],
    ['made by', facts.createdBy],
    ['target', `${facts.target}: ${facts.classes.join(', ')}`],
    ['rows', `${facts.signals.length} signals, schema ${facts.schemaHash}`],
    ['learnt from', learntText(facts)],
    ...facts.members.map((member) => ['member', `${member.name} (${member.kind})`]),
    ['combiner', combiner.settings.kind],
    ['calibrator', calibrator === null ? 'none' : calibrator.kind],
    ['sets', sets === null ? 'none' : `${sets.score}, coverage ${sets.coverage}`],
  ].map(([label, value]) => `${label.padEnd(12)} ${value}\n`);
  const scores = card === null ? 'It has no card: nothing is known of its scores.\n' : card.map(sectionText).join('\n');
  return `${lines.join('')}\n${scores}`;
}

/** `bookcast models compare`: what is served of each, and the baselines of the first, on sections that both cards have. */
export function comparisonText(
  names: readonly [string, string],
  cards: readonly [readonly ScoredSection[], readonly ScoredSection[]],
): string {
  const [left, right] = cards;
  const parts = left.flatMap((section) => {
    const other = right.find(({ title }) => title === section.title);
    return other === undefined ? [] : [pairText(names, [section, other])];
  });
  if (parts.length > 0) return parts.join('\n');
  const titles = (card: readonly ScoredSection[]): string => card.map(({ title }) => title).join('; ') || 'nothing';
  return `The cards have nothing in common: ${names[0]} was scored on ${titles(left)}, and ${names[1]} on ${titles(right)}.\n`;
}

function pairText(names: readonly [string, string], sections: readonly [ScoredSection, ScoredSection]): string {
  const rows = sections.flatMap((section, i) =>
    section.forecasts
      .filter(({ name, baseline }) => baseline || name === section.served)
      .map((forecast) => [
        names[i],
        forecast.baseline ? `${forecast.name} (no skill)` : forecast.name,
        ...cells(forecast),
      ]),
  );
  const counts = sections.map(({ rows: count }, i) => `${count} rows of ${names[i]}`).join(', ');
  return `${sections[0].title} (${counts})\n${table(['bundle', 'forecast', ...CARD_FIGURES.map((f) => TITLES[f])], rows)}`;
}

function sectionText({ title, rows, forecasts, served }: ScoredSection): string {
  const head = ['forecast', ...CARD_FIGURES.map((figure) => TITLES[figure])];
  const body = forecasts.map((forecast) => [
    `${forecast.name}${forecast.baseline ? ' (no skill)' : ''}${forecast.name === served ? ' (served)' : ''}`,
    ...cells(forecast),
  ]);
  return `${title}, ${rows} rows\n${table(head, body)}`;
}

function cells({ figures }: ScoredSection['forecasts'][number]): string[] {
  return CARD_FIGURES.map((name) => {
    const figure = figures[name];
    if (figure === undefined) return '—';
    const { value, interval } = figure;
    return interval === null || interval === undefined
      ? fixed(value, 4)
      : `${fixed(value, 4)} [${fixed(interval.low, 4)}, ${fixed(interval.high, 4)}]`;
  });
}

function learntText({ learnt, simulated }: BundleFacts): string {
  if (simulated) return `SIMULATED ${learnt.instruments.join(', ')}`;
  const hours = learnt.spans.reduce((sum, [, from, until]) => sum + (until - from), 0) / 3.6e12;
  const minutes = fixed(hours * 60, 0);
  const days = learnt.spans.map(([day]) => new Date(day * 86_400_000).toISOString().slice(0, 10));
  return `${learnt.instruments.join(', ')}: ${minutes} minutes of ${days.join(', ')}`;
}
