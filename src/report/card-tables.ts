import type { DieboldMariano, Figure, ForecastScore } from '../evaluate/index.ts';
import { countText, escapeText, fixedText, percentText, signedText } from '../figure/index.ts';
import type { CardPart, CardSection } from './card.ts';
import { ACCURACY_TARGET, PRECISION_TARGET, scoreOf } from './card-verdict.ts';
import { dataTable, type TableCell } from './data-table.ts';

const STEP = 0.05;

function nameCell(section: CardSection, { name, baseline }: ForecastScore): TableCell {
  const what = baseline
    ? 'no skill'
    : name === section.served && name !== 'ensemble'
      ? 'the ensemble as it is served'
      : name === 'ensemble'
        ? 'of all members'
        : name === section.chosen
          ? 'chosen on validation'
          : 'member';
  return { text: `${escapeText(name)}<small>${what}</small>`, markup: true, class: baseline ? 'faint' : '' };
}

function figureCell({ value, interval }: Figure, decimals: number, sign: boolean): TableCell {
  const text = sign ? signedText : fixedText;
  const ends =
    interval === null ? '' : `<small>[${text(interval.low, decimals)}, ${text(interval.high, decimals)}]</small>`;
  const found = sign && interval !== null && interval.low > 0;
  return { text: `${text(value, decimals)}${ends}`, markup: true, value, ...(found ? { class: 'found' } : {}) };
}

function plainCell(value: number, decimals: number): TableCell {
  return { text: fixedText(value, decimals), value };
}

function testCell(test: DieboldMariano | null): TableCell {
  if (test === null || (test.gain === 0 && test.statistic === null)) return { text: '–', value: Number.NaN };
  const p = test.pValue < 0.0005 ? '&lt;0.001' : fixedText(test.pValue, 3);
  const text = `${p}<small>${test.gain > 0 ? 'better' : 'worse'}${test.statistic === null ? '' : `, t = ${signedText(test.statistic, 1)}`}</small>`;
  return { text, markup: true, value: test.pValue, ...(test.gain > 0 && test.pValue < STEP ? { class: 'found' } : {}) };
}

/** What each forecast is worth, with its intervals and tests. */
export function skillTable(section: CardSection, id: string): string {
  const { scores } = section;
  const head = [
    'forecast',
    'log-loss',
    'gain over prior',
    'direction gain',
    'MCC',
    'macro-F1',
    'accuracy',
    'balanced accuracy',
    'p against prior',
    `p against ${scores.bestBaseline ?? 'no skill'}`,
    'in the confidence set',
    'effective rows',
  ];
  const rows = scores.forecasts.map((one): TableCell[] => [
    nameCell(section, one),
    figureCell(one.logLoss, 4, false),
    figureCell(one.gain, 4, true),
    figureCell(one.directionGain, 4, true),
    figureCell(one.mcc, 3, true),
    figureCell(one.macroF1, 3, false),
    figureCell(one.accuracy, 3, false),
    figureCell(one.balancedAccuracy, 3, false),
    testCell(one.againstPrior),
    testCell(one.againstBestBaseline),
    one.confidence === null
      ? { text: '–', value: Number.NaN }
      : { text: `${one.confidence > STEP ? 'yes' : 'no'}, p = ${fixedText(one.confidence, 3)}`, value: one.confidence },
    { text: countText(one.effectiveSize.byAutocorrelation), value: one.effectiveSize.byAutocorrelation },
  ]);
  return dataTable({ id, caption: 'Skill of every forecast', head: head.map((text) => ({ text })), rows });
}

/** Each class: how often a forecast of it was right, how often it was found, how well it was ranked. */
export function classTable(section: CardSection, id: string): string {
  const { scores, classes } = section;
  const head = [
    'forecast',
    ...classes.flatMap((name) =>
      ['precision', 'recall', 'F1', 'ROC-AUC', 'PR-AUC'].map((figure) => `${name}: ${figure}`),
    ),
  ];
  const rows = scores.forecasts.map((one): TableCell[] => [
    nameCell(section, one),
    ...one.perClass.flatMap(({ precision, recall, f1, rocAuc, prAuc }) =>
      [precision, recall, f1, rocAuc, prAuc].map((value) => plainCell(value ?? Number.NaN, 3)),
    ),
  ]);
  return dataTable({ id, caption: 'Classes one by one', head: head.map((text) => ({ text })), rows });
}

/** Whether probabilities are what they say. */
export function calibrationTable(section: CardSection, id: string): string {
  const head = [
    'forecast',
    'ECE',
    'perfect model, 95 %',
    'classwise ECE',
    'perfect model, 95 %',
    'Brier',
    'reliability',
    'resolution',
    'uncertainty',
    'accuracy, surest 10 %',
    'surest 25 %',
    'surest 50 %',
  ];
  const rows = section.scores.forecasts.map((one): TableCell[] => {
    const { error, overlappingBand } = one.calibration;
    const { topLabel, classwise } = overlappingBand;
    return [
      nameCell(section, one),
      { ...plainCell(error.topLabel, 3), ...(error.topLabel <= topLabel.high ? { class: 'found' } : {}) },
      { text: `${fixedText(topLabel.low, 3)} … ${fixedText(topLabel.high, 3)}`, value: topLabel.high },
      { ...plainCell(error.classwise, 3), ...(error.classwise <= classwise.high ? { class: 'found' } : {}) },
      { text: `${fixedText(classwise.low, 3)} … ${fixedText(classwise.high, 3)}`, value: classwise.high },
      figureCell(one.brier, 4, false),
      plainCell(one.brierParts.reliability, 4),
      plainCell(one.brierParts.resolution, 4),
      plainCell(one.brierParts.uncertainty, 4),
      ...[0.1, 0.25, 0.5].map((share) => plainCell(answeredAt(one, share), 3)),
    ];
  });
  return dataTable({ id, caption: 'Calibration', head: head.map((text) => ({ text })), rows });
}

function answeredAt({ selective }: ForecastScore, share: number): number {
  return selective.find(({ coverage }) => Math.abs(coverage - share) < 1e-9)?.accuracy ?? Number.NaN;
}

/** Accuracy and precision beside the majority and what was hoped for. */
export function hopesTable(section: CardSection, id: string): string {
  const { scores, classes, served } = section;
  const own = scoreOf(scores, served);
  const majority = Math.max(...scores.counts) / scores.rows;
  const accuracy = own.accuracy.value;
  const three = classes.length === 3;
  const rows: TableCell[][] = [
    [
      { text: `accuracy, ${classes.length} classes` },
      figureCell(own.accuracy, 3, false),
      { ...plainCell(majority, 3) },
      three ? hopeCell(accuracy, ACCURACY_TARGET) : { text: '–', class: 'text' },
    ],
    ...own.perClass.map(({ precision }, k): TableCell[] => [
      { text: `precision of ${classes[k]}` },
      plainCell(precision ?? Number.NaN, 3),
      plainCell(scores.counts[k] / scores.rows, 3),
      three ? hopeCell(precision ?? Number.NaN, PRECISION_TARGET) : { text: '–', class: 'text' },
    ]),
  ];
  const head = [
    { text: section.resolved },
    { text: served },
    { text: 'without skill (share of the majority, or of the class)' },
    { text: 'target', class: 'text' },
  ];
  return dataTable({ id, caption: 'Accuracy and precision beside the targets', head, rows });
}

function hopeCell(value: number, target: number): TableCell {
  const reached = value >= target;
  return {
    text: `${reached ? 'reached' : 'missed'} (${percentText(target)})`,
    class: reached ? 'text found' : 'text faint',
    value: value - target,
  };
}

/** Rows, windows, classes and times of the parts of a fold. */
export function partsTable(parts: readonly CardPart[], classes: readonly string[], id: string): string {
  const head = ['part', 'rows', 'windows', ...classes, 'from (UTC)', 'to (UTC)'];
  const rows = parts.map(({ name, rows: count, windows, classes: counts, from, to }): TableCell[] => [
    { text: name },
    { text: countText(count), value: count },
    { text: countText(windows), value: windows },
    ...counts.map((n) => ({ text: percentText(n / windows, 1), value: n / windows })),
    { text: timeText(from), class: 'text' },
    { text: timeText(to), class: 'text' },
  ]);
  return dataTable({ id, caption: 'Parts', head: head.map((text) => ({ text })), rows });
}

export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}
