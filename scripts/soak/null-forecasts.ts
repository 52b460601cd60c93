import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseTarget } from '../../src/models/index.ts';
import { BASELINES, type NullRun, nullRun, nullVerdicts } from '../../test/evaluate/pipeline/null-forecasts.ts';
import { simulatedMarket } from '../../test/evaluate/pipeline/simulated-market.ts';
import { mean, simulatedStudy, trainedMember } from '../../test/evaluate/pipeline/simulated-study.ts';
import { chosen, type Soak } from './soak.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What was computed before; a line each. */
const KEPT = join(ROOT, '.bookcast/soak/null-forecasts.jsonl');
const TARGETS = ['events:10', 'next-change:once'] as const;
const SEEDS = 50;
const ROWS = 20_000;
/** Most rows are to be tested on: noise is learnt by heart as easily from fewer. */
const SHARES = { train: 0.2, validation: 0.05, test: 0.75 };
/** Both targets have a test row that overlaps no other at one message of ten; a little more, for the shares of moves vary. */
const MESSAGES_PER_ROW = 13.8;
const MEMBERS: readonly (readonly [string, readonly string[]])[] = [
  ['logistic', []],
  ['gbdt', ['trees.rounds=100']],
  ['mlp', ['net.hidden=[16]', 'net.length=10', 'training.epochs=2']],
];

interface KeptRun extends NullRun {
  /** Of the code and the settings that it is made by. */
  readonly key: string;
  readonly target: string;
  readonly seed: number;
}

/** Another one where any source or setting differs: what is kept is then computed anew. */
function keyOf(messages: number): string {
  const hash = createHash('sha256').update(JSON.stringify([messages, SHARES, MEMBERS]));
  for (const pattern of ['src/**/*.ts', 'test/evaluate/pipeline/*.ts', 'configs/*.yaml']) {
    for (const file of globSync(pattern, { cwd: ROOT }).sort()) {
      hash.update(file).update(readFileSync(join(ROOT, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function readKept(key: string): KeptRun[] {
  if (!existsSync(KEPT)) return [];
  return readFileSync(KEPT, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as KeptRun)
    .filter((run) => run.key === key);
}

/** Every market once, of both targets: its rows are made once. */
async function runSeed(seed: number, messages: number, targets: readonly string[]): Promise<[string, NullRun][]> {
  const market = await simulatedMarket({ mode: 'null', seed, messages, target: parseTarget(TARGETS[0]) });
  const out: [string, NullRun][] = [];
  for (const text of targets) {
    const target = parseTarget(text);
    const trained = MEMBERS.map(([name, overrides]) => trainedMember(name, overrides));
    out.push([text, nullRun(await simulatedStudy(market, { target, trained, seed, shares: SHARES }))]);
  }
  return out;
}

/**
 * The whole pipeline on the simulator's `null` mode: no member and not the ensemble may find a direction; the baselines are
 * shown beside them. A run that was stopped goes on where it stopped, as long as the code is the same.
 */
export const nullForecastsSoak: Soak = {
  about: `the whole pipeline where nothing can be known, ${SEEDS} seeds × ${ROWS} rows (--seeds, --seed, --inputs ROWS, --seconds, --only events:10)`,
  async run({ seeds, firstSeed, seconds, inputs, only }, progress) {
    const targets = chosen(only, TARGETS);
    const rows = inputs ?? ROWS;
    const messages = Math.ceil(rows * MESSAGES_PER_ROW);
    const key = keyOf(messages);
    const kept = readKept(key);
    const begun = performance.now();
    mkdirSync(dirname(KEPT), { recursive: true });
    const first = firstSeed ?? 1;
    const numbers = Array.from({ length: Math.max(2, seeds ?? SEEDS) }, (_, i) => first + i);
    for (const seed of numbers) {
      const missing = targets.filter((target) => !kept.some((run) => run.seed === seed && run.target === target));
      if (missing.length === 0) continue;
      if (seconds !== null && performance.now() - begun > seconds * 1000) break;
      for (const [target, run] of await runSeed(seed, messages, missing)) {
        const line = { key, target, seed, ...run };
        appendFileSync(KEPT, `${JSON.stringify(line)}\n`);
        kept.push(line);
        const elapsed = ((performance.now() - begun) / 1000).toFixed(0);
        progress(
          `seed ${seed}, ${target}: ${run.rows} rows, ensemble ${run.gains.ensemble.toExponential(2)} nats, ${elapsed} s`,
        );
      }
    }
    const problems: string[] = [];
    const figures: Record<string, unknown> = { messages, rowsAsked: rows };
    for (const target of targets) {
      const runs = kept.filter((run) => run.target === target && numbers.includes(run.seed));
      if (runs.length < numbers.length) {
        problems.push(`${target}: only ${runs.length} of ${numbers.length} seeds; the same command again goes on`);
      }
      if (runs.length < 2) continue;
      const fewest = Math.min(...runs.map((run) => run.rows));
      if (fewest < rows) problems.push(`${target}: a seed has ${fewest} test rows apart, fewer than ${rows}`);
      const verdicts = nullVerdicts(runs);
      figures[`${target}: test rows apart a seed`] = { fewest, mean: Math.round(mean(runs.map((run) => run.rows))) };
      // In millionths of a nat, since a table shows three decimals.
      figures[target] = verdicts.map(({ forecast, seeds: count, mean: average, standardError, t, passed }) => ({
        forecast,
        seeds: count,
        'mean direction gain, µnat': average * 1e6,
        'standard error, µnat': standardError * 1e6,
        't (not above 2)': t,
        passed: String(passed),
      }));
      for (const verdict of verdicts.filter(({ forecast, passed }) => !passed && !BASELINES.includes(forecast))) {
        problems.push(
          `${target}: ${verdict.forecast} finds a direction where there is none: ${JSON.stringify(verdict)}; ` +
            `repeat: npm run soak -- null-forecasts --only ${target} --seed ${first} --seeds ${numbers.length}`,
        );
      }
    }
    return { problems, figures };
  },
};
