import type { MeanAttention, MemberExplanation } from '../evaluate/index.ts';
import { countText, fixedText, intervalChart, lineChart, percentText, signedText } from '../figure/index.ts';
import type { CardSection } from './card.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { bulletList, figureBlock, paragraph } from './page.ts';

const WIDTH = 500;
const METHODS: Readonly<Record<NonNullable<MemberExplanation['attributions']>['method'], string>> = {
  linear: 'weight × input, exact',
  posterior: 'posterior mean weight × input, exact',
  'tree-shap': 'TreeSHAP, exact',
  'integrated-gradients': 'integrated gradients',
};

/** What the members' forecasts rest on; nothing where nothing was explained. */
export function explanationBlocks({ explanations = [] }: CardSection, id: string): string[] {
  const told = explanations.filter(
    ({ attributions, permutation, shapley, attention }) =>
      attributions !== null || permutation !== null || shapley !== null || attention !== null,
  );
  if (told.length === 0) return [];
  return [
    '<h3 class="sub">What forecasts rest on</h3>',
    paragraph(
      'Attributions are in nats of a class’s logit against the mean of all, each forecast explained for one class and all classes in turn, over test rows that are spread evenly. They say what a model used, not what moves the market; signals that say the same share what they add.',
    ),
    `<div class="pair gap">${told.flatMap(figures).join('')}</div>`,
    familyTable(told, id),
    paragraph(
      'Permuted: by how much the log-loss grows (nats a row) where a family’s columns change places in whole blocks of rows, with its 95 % interval. Shapley: mean size of the exact Shapley value over all families, against the mean row. Both are of the test rows, and nothing was chosen by them.',
    ),
    bulletList(told.flatMap(sentences)),
  ];
}

function figures({ member, attributions, attention }: MemberExplanation): string[] {
  const drawn: string[] = [];
  if (attributions !== null) {
    const { signals, method, forecasts } = attributions;
    const shown = signals.filter(({ mean }) => mean > 0);
    const chart = intervalChart({
      title: `Signals that ${member} uses`,
      description: shown
        .slice(0, 5)
        .map(({ name, mean }) => `${name}: ${fixedText(mean, 3)}`)
        .join('; '),
      width: WIDTH,
      mark: 'bar',
      rows: shown.map(({ name, mean }) => ({ name, value: mean, note: fixedText(mean, mean < 0.01 ? 5 : 3) })),
      x: { label: 'mean |attribution|, nats' },
    });
    const caption = `${METHODS[method]}; ${countText(forecasts)} forecasts, the ${countText(shown.length)} largest signals.`;
    drawn.push(figureBlock(`Signals: ${member}`, chart, caption));
  }
  if (attention !== null && attention.rows !== null) drawn.push(attentionFigure(member, attention, attention.rows));
  return drawn;
}

function attentionFigure(member: string, { windows, checks }: MeanAttention, rows: readonly number[]): string {
  const chart = lineChart({
    title: `Where ${member} looks`,
    description: `From ${fixedText(rows[0], 4)} at the oldest row to ${fixedText(rows[rows.length - 1], 4)} at the last.`,
    width: WIDTH,
    height: 260,
    series: [
      { name: 'share of attention', points: rows.map((y, i) => ({ x: i - rows.length + 1, y })) },
      { name: 'evenly', points: rows.map((_, i) => ({ x: i - rows.length + 1, y: 1 / rows.length })) },
    ],
    x: { label: 'row of the window, 0 is the last' },
    y: { label: 'share' },
  });
  const fair = checks.some(({ explains }) => explains)
    ? 'at least one map passes the shuffle check below'
    : 'no map passes the shuffle check below: do not read it as a reason';
  return figureBlock(
    `Attention: ${member}`,
    chart,
    `Attention rollout, the mean of ${countText(windows)} windows; ${fair}.`,
  );
}

/** One line a member and family. */
function familyTable(told: readonly MemberExplanation[], id: string): string {
  const head = [
    { text: 'member' },
    { text: 'family', class: 'text' },
    ...['mean |attribution|', 'permuted', 'Shapley'].map((text) => ({ text })),
  ];
  const rows = told.flatMap((one) =>
    familiesIn(one).map((family): TableCell[] => {
      const own = one.attributions?.families.find((line) => line.family === family)?.mean ?? Number.NaN;
      const permuted = one.permutation?.families.find((line) => line.family === family);
      const shapley = one.shapley?.families.find((line) => line.family === family)?.mean ?? Number.NaN;
      return [
        { text: one.member },
        { text: family, class: 'text' },
        { text: numberText(own), value: own },
        permutedCell(permuted),
        { text: numberText(shapley), value: shapley },
      ];
    }),
  );
  return dataTable({ id, caption: 'Families of signals', head, rows });
}

function familiesIn({ attributions, permutation, shapley }: MemberExplanation): string[] {
  return [
    ...new Set(
      [attributions?.families, permutation?.families, shapley?.families].flatMap((lines) =>
        (lines ?? []).map(({ family }) => family),
      ),
    ),
  ];
}

type Permuted = NonNullable<MemberExplanation['permutation']>['families'][number];

function permutedCell(permuted: Permuted | undefined): TableCell {
  if (permuted === undefined) return { text: '–', value: Number.NaN };
  const { increase, interval } = permuted;
  const ends =
    interval === null ? '' : `<small>[${signedText(interval.low, 4)}, ${signedText(interval.high, 4)}]</small>`;
  const found = interval !== null && interval.low > 0;
  return {
    text: `${signedText(increase, 4)}${ends}`,
    markup: true,
    value: increase,
    ...(found ? { class: 'found' } : {}),
  };
}

function numberText(value: number): string {
  return Number.isNaN(value) ? '–' : fixedText(value, 4);
}

/** What was left, and what the shuffle check says. */
function sentences({ member, attributions, permutation, shapley, attention }: MemberExplanation): string[] {
  const said: string[] = [];
  if (attributions !== null)
    said.push(
      `${member}: ${METHODS[attributions.method]}, ${countText(attributions.forecasts)} forecasts; ${attributions.unaccounted < 1e-9 ? 'nothing' : percentText(attributions.unaccounted, 3)} of what they moved by is not accounted for.`,
    );
  if (permutation !== null || shapley !== null)
    said.push(
      `${member}: ${[
        ...(permutation === null ? [] : [`permuted over ${countText(permutation.windows)} test rows`]),
        ...(shapley === null ? [] : [`Shapley values of ${countText(shapley.windows)} forecasts`]),
      ].join('; ')}.`,
    );
  for (const { name, verdict } of attention?.checks ?? []) said.push(`${member}, map ${name}: ${verdict}.`);
  return said;
}
