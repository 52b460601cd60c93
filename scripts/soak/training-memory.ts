import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CATALOGUE, CORE_SET } from '../../src/features/index.ts';
import { chosen, type Soak } from './soak.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ROWS = 1_000_000;
const COLUMNS = 60;
const LIMIT_GB = 2;
/** Of each family one that copies rows, one that bins them and one that reads windows; a pass over the data each. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  logistic: ['--set', 'linear.steps=5'],
  gbdt: ['--set', 'trees.rounds=5'],
  'bin-ctabl': ['--epochs', '1'],
};
/** Says at its end the most memory that the process ever had. */
const LISTENER = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak KiB '+process.resourceUsage().maxRSS+'\\n'))`;

/** The core set and whole signals behind it, until there are so many columns. */
function signalsOf(columns: number): { names: string; columns: number } {
  const names: string[] = [];
  let count = 0;
  for (const signal of [...CORE_SET, ...CATALOGUE.filter(({ needs }) => needs.length === 0)]) {
    if (count >= columns) break;
    if (names.includes(signal.name)) continue;
    names.push(signal.name);
    count += signal.columns(10).length;
  }
  return { names: names.join(','), columns: count };
}

/** Runs the command in a process of its own; GB at its peak, and seconds. */
async function peakOf(args: readonly string[]): Promise<{ peakGb: number; seconds: number }> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', LISTENER, 'bin/bookcast.js', ...args], { cwd: ROOT });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  child.stdout.resume();
  const status = await new Promise((done) => child.on('close', done));
  const peak = /peak KiB (\d+)/.exec(said);
  if (status !== 0 || peak === null) throw new Error(`bookcast ${args.join(' ')} failed: ${said}`);
  return { peakGb: (Number(peak[1]) * 1024) / 1e9, seconds: (performance.now() - begun) / 1000 };
}

/** A million rows of sixty signals: exported, then trained on by a model of each family, each in under two gigabytes. */
export const trainingMemorySoak: Soak = {
  about: `memory of training on ${ROWS.toLocaleString('en-US')} rows × ${COLUMNS} signals (--only ${Object.keys(MODELS).join(',')})`,
  async run({ only }, progress) {
    const folder = mkdtempSync(join(tmpdir(), 'bookcast-memory-'));
    try {
      const [tape, file] = [join(folder, 'tape'), join(folder, 'rows.parquet')];
      const { names, columns } = signalsOf(COLUMNS);
      await peakOf(['record', '--mode', 'realistic', '--seed', '1', '--messages', String(ROWS * 1.02), '--out', tape]);
      progress('recorded');
      const figures: Record<string, unknown>[] = [];
      const problems: string[] = [];
      const commands: [string, readonly string[]][] = [
        ['features', ['features', tape, '--set', names, '--clock', 'event', '--out', file]],
        ...chosen(only, Object.keys(MODELS)).map((model): [string, readonly string[]] => [
          model,
          ['train', '--model', model, '--data', file, '--runs', join(folder, 'runs'), ...MODELS[model]],
        ]),
      ];
      for (const [name, args] of commands) {
        const { peakGb, seconds } = await peakOf(args);
        figures.push({ command: name, peakGb: Number(peakGb.toFixed(2)), seconds: Math.round(seconds) });
        progress(JSON.stringify(figures.at(-1)));
        if (peakGb >= LIMIT_GB)
          problems.push(`${name} took ${peakGb.toFixed(2)} GB; repeat: npm run soak -- training-memory`);
      }
      return { problems, figures: { simulated: true, messages: ROWS * 1.02, columns, commands: figures } };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
