import type { DatasetScore, DatasetScores, Figure } from '../evaluate/index.ts';
import { fixed, grouped, signed, table } from './output.ts';

/** The scores as a table: the model, then every baseline. */
export function scoresText({ scores, over, windows, blocks, blockLength, reason, simulated }: DatasetScores): string {
  const head = [
    'model',
    'log-loss',
    'gain over prior',
    '95 % interval',
    'direction gain',
    'MCC',
    '95 % interval',
    'macro-F1',
    '95 % interval',
    'accuracy',
    '95 % interval',
  ];
  const lines = [
    `${simulated ? 'SIMULATED data: ' : ''}test part, ${grouped(windows)} windows${reason === null ? `, intervals from ${blocks} blocks of ${blockLength}` : ''}`,
    '',
    table(head, scores.map(cells)).trimEnd(),
    '',
    reason === null ? overText(over) : `no intervals: ${reason}`,
  ];
  if (simulated) lines.push('Simulated: these scores say that the machinery works, and nothing of a market.');
  return lines.map((line) => `${line}\n`).join('');
}

function cells({ model, logLoss, gain, directionGain, mcc, macroF1, accuracy }: DatasetScore): string[] {
  return [
    model,
    fixed(logLoss.value, 4),
    signed(gain.value, 4),
    interval(gain, 4),
    signed(directionGain.value, 4),
    signed(mcc.value, 3),
    interval(mcc, 3),
    fixed(macroF1.value, 3),
    interval(macroF1, 3),
    fixed(accuracy.value, 3),
    interval(accuracy, 3),
  ];
}

function interval({ interval: found }: Figure, digits: number): string {
  return found === null ? '—' : `${signed(found.low, digits)} … ${signed(found.high, digits)}`;
}

function overText(over: DatasetScores['over']): string {
  const beaten = Object.entries(over).filter(([, { interval: found }]) => found !== null && found.low > 0);
  const names = Object.keys(over);
  if (beaten.length === names.length) return 'Better than every baseline: each interval of the gain lies above 0.';
  const rest = names.filter((name) => !beaten.some(([one]) => one === name));
  return `Not shown to be better than ${rest.join(', ')}: the interval of the gain over ${rest.length === 1 ? 'it' : 'each'} reaches 0 or below.`;
}
