import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { BookcastError, shown } from '../core/index.ts';
import { applyOverride, isRecord, parseYaml, readConfig, refuseUnknown } from '../models/training.ts';
import { type BacktestSettings, openSettings } from './backtest-settings.ts';

const CONFIGS = fileURLToPath(new URL('../../configs/walkforward', import.meta.url));
const DEFAULT_CONFIG = `${CONFIGS}/default.yaml`;
/** More are a search, whose winner means little. */
const MOST_COMBINATIONS = 64;

const PLAIN = {
  folds: Type.Integer({ minimum: 1, maximum: 1000, default: 4, description: 'stretches that are traded, 1 or more' }),
  first: Type.Number({
    minimum: 0.05,
    maximum: 0.9,
    default: 0.4,
    description: 'share of the time that the first fold learns from, 0.05 to 0.9',
  }),
  window: Type.Union([Type.Literal('expanding'), Type.Literal('rolling')], {
    default: 'expanding',
    description: 'expanding or rolling',
  }),
  recipe: Type.String({
    default: 'none',
    description: 'none (what learns live alone), a recipe that comes with the package, or a YAML file',
  }),
  threads: Type.Integer({ minimum: 1, maximum: 256, default: 1, description: 'threads of one fit, 1 or more' }),
};
const KEYS = ['backtest', 'set', 'grid', ...Object.keys(PLAIN)];
const PlainSchema = Type.Object(PLAIN);

export interface WalkSettings extends Static<typeof PlainSchema> {
  readonly where: string;
  /** One a combination, in the order of the grid: its last key runs fastest. */
  readonly settings: readonly BacktestSettings[];
  /** In words. */
  readonly combinations: readonly string[];
}

export interface WalkOverrides {
  readonly set?: readonly string[] | undefined;
  readonly folds?: number | undefined;
}

/**
 * Reads the settings of a walk forward (YAML): `backtest` (a file of settings of a run, as seen from this one; absent, the default ones) with what `set` changes of them, `grid` (by key of
 * these settings the values to choose from), and how the time is cut. `--set` of the command line is above all. Throws `not-found`, and `bad-argument` that
 * names the file, the key and what is expected.
 */
export function openWalkSettings(file: string | undefined, overrides: WalkOverrides = {}): WalkSettings {
  const path = file ?? DEFAULT_CONFIG;
  const where = file ?? 'configs/walkforward/default.yaml';
  if (!existsSync(path)) throw new BookcastError('not-found', `${where}: no such file of settings`, { path });
  const given = parseYaml(readFileSync(path, 'utf8'), where, KEYS.join(', '));
  for (const override of overrides.set ?? []) applyOverride(given, override);
  try {
    refuseUnknown(given, KEYS, '');
    const plain = Object.fromEntries(Object.entries(given).filter(([key]) => key in PLAIN));
    const read = readConfig(PlainSchema, plain) as Static<typeof PlainSchema>;
    const base = leaves(given.set ?? {}, 'set');
    const choices = choicesOf(given.grid ?? {});
    const settings = choices.map((choice) =>
      openSettings(besides(path, given.backtest), { set: [...base, ...choice] }),
    );
    return {
      ...read,
      ...(overrides.folds === undefined ? {} : { folds: overrides.folds }),
      where,
      settings,
      combinations: choices.map((choice) => (choice.length === 0 ? 'as set' : choice.map(words).join(', '))),
    };
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    throw new BookcastError(error.code, `${where}: ${error.message}`, { ...error.context, where });
  }
}

/** Of all that the results depend on but the data. */
export function walkKey(settings: WalkSettings, more: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([settings, more]))
    .digest('hex');
}

/** A file named as seen from the one that names it. */
function besides(path: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return resolve(dirname(path), value);
  throw new BookcastError('bad-argument', `backtest is ${shown(value)}, and must be: a file of settings of a run`);
}

/** `{ strategy: { kind: taker } }` → `strategy.kind="taker"`. */
function leaves(value: unknown, path: string): string[] {
  if (!isRecord(value)) {
    throw new BookcastError('bad-argument', `${path} is ${shown(value)}, and must be: keys and values`);
  }
  const walk = (record: Readonly<Record<string, unknown>>, prefix: string): string[] =>
    Object.entries(record).flatMap(([key, inner]) =>
      isRecord(inner) && Object.keys(inner).length > 0
        ? walk(inner, `${prefix}${key}.`)
        : [`${prefix}${key}=${JSON.stringify(inner)}`],
    );
  return walk(value, '');
}

/** All combinations, each as overrides. */
function choicesOf(grid: unknown): string[][] {
  if (!isRecord(grid)) {
    throw new BookcastError(
      'bad-argument',
      `grid is ${shown(grid)}, and must be: keys with the values to choose from, such as strategy.threshold: [0.2, 0.4]`,
    );
  }
  let choices: string[][] = [[]];
  for (const [key, values] of Object.entries(grid)) {
    if (!Array.isArray(values) || values.length === 0) {
      throw new BookcastError('bad-argument', `grid.${key} is ${shown(values)}, and must be: a list of values`);
    }
    if (!key.startsWith('strategy.')) {
      throw new BookcastError(
        'bad-argument',
        `grid.${key}: what is chosen is the strategy's (strategy.threshold and the like); of the market, its costs and the forecast nobody has a choice`,
        { key },
      );
    }
    choices = choices.flatMap((choice) => values.map((value) => [...choice, `${key}=${JSON.stringify(value)}`]));
  }
  if (choices.length <= MOST_COMBINATIONS) return choices;
  throw new BookcastError(
    'bad-argument',
    `the grid has ${choices.length} combinations, and ${MOST_COMBINATIONS} are the most: the best of many means little`,
    { combinations: choices.length },
  );
}

function words(override: string): string {
  const [key, value] = override.split('=');
  return `${key.split('.').at(-1)} ${value}`;
}
