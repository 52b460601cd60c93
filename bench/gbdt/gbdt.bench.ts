import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BookcastError } from '../../src/core/index.ts';
import { Booster } from '../../src/models/trees/booster.ts';
import { type Benchmark, type BenchResult, hashNumbers, quantile } from '../harness.ts';
import { noisyClasses, type Sample } from './noisy-classes.ts';

const SCRIPT = join(import.meta.dirname, 'gbdt_rivals.py');
const VENV = resolve(import.meta.dirname, '../../.venv-rivals/bin/python');

/** What one side took, and how well it forecast the held-out rows. */
interface Run {
  readonly rival: string;
  readonly seconds: number;
  readonly loss: number;
}

interface Sizes {
  readonly train: number;
  readonly held: number;
  readonly width: number;
  readonly rounds: number;
}

/** A Python with LightGBM and scikit-learn: BOOKCAST_RIVALS or the repository's .venv-rivals; null where neither has them. */
function findRivals(): string | null {
  for (const python of [process.env.BOOKCAST_RIVALS, VENV]) {
    if (python === undefined || !existsSync(python)) continue;
    if (spawnSync(python, ['-c', 'import lightgbm, sklearn'], { timeout: 60_000 }).status === 0) return python;
  }
  return null;
}

function ours(sample: Sample, { train, held, rounds }: Sizes, plain: boolean): Run & { probabilities: Float64Array } {
  const { data, width, labels } = sample;
  const begun = performance.now();
  const rows = Int32Array.from({ length: train }, (_, i) => i);
  const booster = new Booster(
    { data, width, rows, labels: labels.subarray(0, train) },
    {
      classes: 3,
      learningRate: 0.1,
      leaves: 31,
      depth: 0,
      minSamples: 20,
      minWeight: 1e-3,
      minGain: 0,
      l2: 0,
      bins: 255,
      rowShare: 1,
      featureShare: 1,
      monotone: new Int8Array(width),
      seed: 1,
      plain,
    },
  );
  for (let round = 0; round < rounds; round++) booster.round();
  const seconds = (performance.now() - begun) / 1000;
  const probabilities = booster.ensemble.predict(
    data,
    width,
    Int32Array.from({ length: held }, (_, i) => train + i),
  );
  let loss = 0;
  for (let i = 0; i < held; i++) loss -= Math.log(Math.max(1e-9, probabilities[3 * i + labels[train + i]])) / held;
  return { rival: 'bookcast (histograms in JavaScript)', seconds, loss, probabilities };
}

function theirs(python: string, folder: string, { train, width, rounds }: Sizes): Run[] {
  const { status, stdout, stderr } = spawnSync(python, [SCRIPT, folder, String(train), String(width), String(rounds)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new BookcastError('bad-input', `${python} ${SCRIPT} failed:\n${stderr}`);
  return JSON.parse(stdout) as Run[];
}

async function run({ smoke }: { smoke: boolean }): Promise<BenchResult[]> {
  const sizes: Sizes = smoke
    ? { train: 2000, held: 500, width: 8, rounds: 5 }
    : { train: 100_000, held: 20_000, width: 40, rounds: 100 };
  const sample = noisyClasses(1, sizes.train + sizes.held, sizes.width);
  // A Python takes longer to import than a smoke run may take.
  const python = smoke ? null : findRivals();
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-gbdt-'));
  try {
    writeFileSync(join(folder, 'x.bin'), new Uint8Array(sample.data.buffer));
    writeFileSync(join(folder, 'y.bin'), new Uint8Array(sample.labels.buffer));
    const own: ReturnType<typeof ours>[] = [];
    const rivals = new Map<string, Run[]>();
    ours(sample, { ...sizes, rounds: smoke ? 1 : 5 }, false);
    for (let round = 0; round < (smoke ? 1 : 3); round++) {
      own.push(ours(sample, sizes, false));
      for (const other of python === null ? [ours(sample, sizes, true)] : theirs(python, folder, sizes)) {
        rivals.set(other.rival, [...(rivals.get(other.rival) ?? []), other]);
      }
    }
    return [...rivals].flatMap(([rival, runs]) => casesOf(sizes, own, rival, runs));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function casesOf({ train, width, rounds }: Sizes, own: ReturnType<typeof ours>[], rival: string, runs: Run[]) {
  const name = `${train} × ${width}, ${rounds} rounds of 3 trees × 31 leaves`;
  const hash = hashNumbers(own[0].probabilities);
  const result = (what: string, unit: string, of: (run: Run) => number): BenchResult => {
    const [a, b] = [own.map(of), runs.map(of)];
    const [value, rivalValue] = [quantile(a, 0.5), quantile(b, 0.5)];
    const [p99, rivalP99] = [quantile(a, 0.99), quantile(b, 0.99)];
    return { case: `${name}: ${what}`, value, unit, rival, rivalValue, ratio: rivalValue / value, hash, p99, rivalP99 };
  };
  return [result('learning', 's', ({ seconds }) => seconds), result('held-out log-loss', 'nats', ({ loss }) => loss)];
}

/** Gradient-boosted trees on one thread, binning included, against LightGBM and scikit-learn's histogram trees on two threads each. */
export const bench: Benchmark = { name: 'gbdt', run };
