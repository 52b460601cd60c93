import { countText, escapeText, fixedText, percentText, signedText } from '../figure/index.ts';
import type { CardData, CardSection, ModelCard } from './card.ts';
import { explanationBlocks } from './card-explanations.ts';

import { gainFigures, outcomeFigures, timeFigures } from './card-figures.ts';
import { calibrationTable, classTable, hopesTable, partsTable, skillTable, timeText } from './card-tables.ts';
import { gainText, scoreOf, spanText } from './card-verdict.ts';
import { dataTable, factTable, type TableCell } from './data-table.ts';
import { bulletList, page, paragraph, type Section } from './page.ts';
import { flatten } from './runs-views.ts';

/** The card of `bookcast evaluate`: one HTML file that loads nothing and reads without scripts. The same card gives the same bytes. */
export function renderCard(card: ModelCard): string {
  const many = card.sections.length > 1;
  return page(`Model card: ${card.recipe}`, headOf(card), [
    ...(many ? [overview(card)] : []),
    ...card.sections.map((section, at) => targetSection(section, at)),
    dataSection(card.data),
    ...card.sections.map((section, at) => recipeSection(section, at, many)),
  ]);
}

function headOf({ recipe, data, sections, bookcast, seed }: ModelCard): string {
  const banner = data.simulated
    ? '<div class="simulated" role="note"><b>SIMULATED</b>Learnt from and scored on the seeded simulator. It tests the tools, and says nothing of any market.</div>'
    : '';
  const [first] = sections;
  const own = scoreOf(first.scores, first.served);
  const tiles: [string, string][] = [
    [countText(data.rows), `rows, ${spanText(data.seconds)}`],
    [countText(first.scores.rows), `test rows, ${first.resolved}`],
    [signedText(own.gain.value, 4), `gain over the prior, nats, ${first.served}`],
    [signedText(own.directionGain.value, 4), 'direction gain, nats'],
    [percentText(own.accuracy.value, 1), `accuracy, ${first.classes.length} classes`],
    [fixedText(own.calibration.error.topLabel, 3), 'calibration error (ECE)'],
  ];
  const drawn = tiles.map(
    ([value, name]) => `<div class="tile"><b>${escapeText(value)}</b><span>${escapeText(name)}</span></div>`,
  );
  const badges = sections.map(({ target }) => `<span class="badge">${escapeText(target)}</span>`).join('');
  const verdicts = sections.map(({ verdict }) => `<p><b>${escapeText(verdict)}</b></p>`).join('');
  const little = `${data.simulated ? 'Simulated' : 'Recorded'}: ${data.instruments.join(', ')}, ${timeText(data.from)} to ${timeText(data.to)} UTC (${spanText(data.seconds)}).`;
  return `<header><div class="top"><h1>Model card: ${escapeText(recipe)}</h1>${badges}</div>
<div class="dim">${escapeText(`${little} bookcast ${bookcast}, seed ${seed}.`)}</div>
${banner}
<div class="verdicts">${verdicts}</div>
<div class="tiles">${drawn.join('')}</div></header>`;
}

/** One line a target. */
function overview({ sections }: ModelCard): Section {
  const head = [
    'target',
    'test rows',
    'gain over the prior',
    'direction gain',
    'MCC',
    'accuracy',
    'ECE',
    'over chosen',
  ];
  const rows = sections.map((section): TableCell[] => {
    const { scores, served, comparisons, target, chosen } = section;
    const own = scoreOf(scores, served);
    const over = comparisons.find(({ against }) => against === chosen);
    return [
      { text: target },
      { text: countText(scores.rows), value: scores.rows },
      { text: gainText(own.gain), value: own.gain.value },
      { text: gainText(own.directionGain), value: own.directionGain.value },
      { text: signedText(own.mcc.value, 3), value: own.mcc.value },
      { text: fixedText(own.accuracy.value, 3), value: own.accuracy.value },
      { text: fixedText(own.calibration.error.topLabel, 3), value: own.calibration.error.topLabel },
      over === undefined ? { text: '–' } : { text: gainText(over.gain), value: over.gain.value },
    ];
  });
  const table = dataTable({ id: 'overview-table', caption: 'Targets', head: head.map((text) => ({ text })), rows });
  return { id: 'overview', title: 'All targets', body: table };
}

function targetSection(section: CardSection, at: number): Section {
  const { resolved, target, scores, limits, protocol, folds, comparisons, classes, simulated } = section;
  const id = `target-${at + 1}`;
  const title = `${simulated ? 'SIMULATED: ' : ''}${target}${target === resolved ? '' : ` (${resolved})`}`;
  const compared = comparisons.map(
    ({ against, why, gain }) => `Ensemble minus ${against} (${why}): ${gainText(gain)}.`,
  );
  const intervals =
    scores.reason === null
      ? `Brackets are 95 % intervals: ${countText(scores.draws)} draws of blocks of ${countText(scores.blockLength)} rows on average, the same for all. Bold gains lie above 0 with their whole interval. p-values are of Diebold and Mariano with dependence up to ${countText(scores.horizon)} rows; the confidence set (Hansen, Lunde and Nason) holds what cannot be told from the best at 95 %.`
      : `No intervals: ${scores.reason}.`;
  const body = [
    paragraph(section.verdict),
    heading('What speaks against it'),
    bulletList(limits),
    heading('Skill'),
    paragraph(intervals),
    skillTable(section, `${id}-skill`),
    bulletList(compared),
    gainFigures(section),
    heading('Beside the majority, and beside what was hoped for'),
    hopesTable(section, `${id}-hopes`),
    heading('Classes'),
    classTable(section, `${id}-classes`),
    heading('Calibration'),
    paragraph(
      'ECE over 15 bins of equally many rows; it is never 0, so beside it stands what a perfectly calibrated model shows on as many rows whose labels overlap as these do. Bold where it is within. Brier = reliability − resolution + uncertainty, but for what bins hide.',
    ),
    calibrationTable(section, `${id}-calibration`),
    outcomeFigures(section),
    ...explanationBlocks(section, `${id}-explained`),
    heading('In time'),
    timeFigures(section),
    ...(folds.length > 1 ? [heading('Folds'), foldTable(section, `${id}-folds`)] : []),
    heading('Protocol'),
    bulletList(protocol),
    ...folds.map(({ parts }, fold) => partsTable(parts, classes, `${id}-parts-${fold + 1}`)),
  ];
  return { id, title, body: body.join('\n') };
}

function heading(text: string): string {
  return `<h3 class="sub">${escapeText(text)}</h3>`;
}

/** Gains of each fold, over the prior of its own training rows. */
function foldTable({ folds, scores }: CardSection, id: string): string {
  const names = scores.forecasts.map(({ name }) => name);
  const head = ['forecast', ...folds.map((_, fold) => `gain, fold ${fold + 1}`)];
  const rows = names.map((name): TableCell[] => [
    { text: name },
    ...folds.map((fold) => {
      const gain = fold.scores.find((score) => score.name === name)?.gain ?? Number.NaN;
      return { text: signedText(gain, 4), value: gain };
    }),
  ]);
  const last: TableCell[] = [
    { text: 'chosen on validation', class: 'faint' },
    ...folds.map(({ chosen }) => ({ text: chosen, value: Number.NaN })),
  ];
  return dataTable({ id, caption: 'Folds', head: head.map((text) => ({ text })), rows: [...rows, last] });
}

function dataSection(data: CardData): Section {
  const facts: [string, string][] = [
    ['Origin', data.simulated ? 'SIMULATED' : 'recorded'],
    ['Instruments', data.instruments.join(', ')],
    ['First row', data.from],
    ['Last row', data.to],
    ['Rows', `${countText(data.rows)} of ${data.signals.length} signals, SHA-256 ${data.hash}`],
    ['Schema', data.schemaHash],
    ...data.files.map(({ path, bytes, sha256 }): [string, string] => [
      'File',
      `${path}, ${bytes === 0 ? 'a folder' : `${countText(bytes)} bytes`}, SHA-256 ${sha256}`,
    ]),
    ['Signals', data.signals.join(', ')],
  ];
  return {
    id: 'data',
    title: 'Data',
    body: factTable(facts) + (data.notes.length === 0 ? '' : bulletList(data.notes)),
  };
}

function recipeSection({ config, target }: CardSection, at: number, many: boolean): Section {
  const facts = flatten(config);
  return {
    id: `recipe-${at + 1}`,
    title: many ? `Recipe of ${target}` : 'Recipe',
    body: `<details><summary>${facts.length} settings, defaults included</summary>${factTable(facts)}</details>`,
  };
}
