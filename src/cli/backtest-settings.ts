import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Type } from 'typebox';
import { QUEUE_MODELS, queueModelOf, STRATEGY_KINDS, type StrategyConfig, StrategySchema } from '../backtest/index.ts';
import { BookcastError, shown } from '../core/index.ts';
import { parseTarget } from '../models/index.ts';
import { applyOverride, isRecord, nearest, parseYaml, readConfig, refuseUnknown } from '../models/training.ts';

/** A strategy of the user's own: a module that exports `createStrategy`. */
export interface StrategyFile {
  readonly kind: 'file';
  readonly path: string;
}

/** Everything that a run is made with, as plain data. What each part says is read when the instrument is known. */
export interface BacktestSettings {
  /** Where they stand, for messages. */
  readonly where: string;
  readonly strategy: StrategyConfig | StrategyFile;
  readonly latency: unknown;
  /** A name of `queueModelOf`, or `auto`: the default model, which a tape without trades does not stop. */
  readonly queue: string;
  /** `levels` takes a tape by order as if it told levels only. */
  readonly by: 'levels' | null;
  /** As `parseFees` reads them, or `venue`: the public schedule of the tape's venue. */
  readonly fees: unknown;
  readonly impact: unknown;
  readonly carry: unknown;
  readonly risk: unknown;
  /** What one contract is worth, where the instrument does not tell. */
  readonly contractValue: number | null;
  /** Null: no forecasts. `signals`: core, full or names. */
  readonly forecast: { readonly target: string; readonly signals: string | null } | null;
  readonly equitySeconds: number;
  readonly seed: number;
  readonly baselines: boolean;
}

/** What stands above the file: flags, then `KEY=VALUE` each, in order. */
export interface SettingsOverrides {
  /** A kind, or a file. */
  readonly strategy?: string | undefined;
  readonly set?: readonly string[] | undefined;
  /** Of the forecasts. */
  readonly target?: string | undefined;
}

const CONFIGS = fileURLToPath(new URL('../../configs/backtest', import.meta.url));
/** What serves where no file is named. */
const DEFAULT_CONFIG = `${CONFIGS}/default.yaml`;
/** Beside the queue models: the default one, for any tape. */
export const AUTO_QUEUE = 'auto';

const PLAIN = {
  queue: Type.String({ default: AUTO_QUEUE, description: `${AUTO_QUEUE}, ${QUEUE_MODELS.join(', ')}` }),
  by: Type.Union([Type.Literal('levels'), Type.Null()], { default: null, description: 'levels, or null' }),
  contractValue: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
    default: null,
    description: 'what one contract is worth, above 0, or null',
  }),
  equitySeconds: Type.Number({
    minimum: 0.001,
    maximum: 86_400,
    default: 1,
    description: 'seconds between points of equity, 0.001 to 86,400',
  }),
  seed: Type.Integer({ minimum: 0, maximum: 999_999_999, default: 1, description: 'a whole number, 0 to 999,999,999' }),
  baselines: Type.Boolean({ default: true, description: 'true or false' }),
};
const ForecastSchema = Type.Object({
  target: Type.String({ default: 'events:10', description: 'what is forecast, such as events:10' }),
  signals: Type.Optional(Type.String({ description: 'signals that the models read: core, full or names' })),
});
const KEYS = ['strategy', 'latency', 'fees', 'impact', 'carry', 'risk', 'forecast', ...Object.keys(PLAIN)];

/**
 * Reads a file of settings (YAML, so JSON too), or the default ones, with the overrides above them. Throws `not-found`, and `bad-argument` that names the
 * file, the key (with the nearest known one) and what is expected.
 */
export function openSettings(file: string | undefined, overrides: SettingsOverrides = {}): BacktestSettings {
  const path = file ?? DEFAULT_CONFIG;
  const where = file ?? 'configs/backtest/default.yaml';
  if (!existsSync(path)) throw new BookcastError('not-found', `${where}: no such file of settings`, { path });
  const given = parseYaml(readFileSync(path, 'utf8'), where, KEYS.join(', '));
  chooseStrategy(given, overrides.strategy);
  for (const override of overrides.set ?? []) applyOverride(given, override);
  if (overrides.target !== undefined) {
    given.forecast = { ...(isRecord(given.forecast) ? given.forecast : {}), target: overrides.target };
  }
  try {
    return settingsOf(given, where);
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    throw new BookcastError(error.code, `${where}: ${error.message}`, { ...error.context, where });
  }
}

/** Keys of another strategy go: they are not those of the one that is asked for. */
function chooseStrategy(given: Record<string, unknown>, asked: string | undefined): void {
  if (asked === undefined) return;
  if (isStrategyPath(asked)) {
    given.strategy = asked;
    return;
  }
  if (!STRATEGY_KINDS.includes(asked)) {
    const near = nearest(asked, STRATEGY_KINDS);
    throw new BookcastError(
      'bad-argument',
      `there is no strategy "${asked}"${near === null ? '' : `; did you mean "${near}"?`}; there are ${STRATEGY_KINDS.join(', ')}, or give a file such as examples/imbalance-trader.ts`,
      { strategy: asked },
    );
  }
  const { strategy } = given;
  const kind = isRecord(strategy) ? (strategy.kind ?? 'maker') : (strategy ?? 'maker');
  if (kind !== asked) given.strategy = { kind: asked };
}

function isStrategyPath(text: string): boolean {
  return /[/\\]|\.[mc]?[jt]s$/.test(text);
}

function settingsOf(given: Record<string, unknown>, where: string): BacktestSettings {
  refuseUnknown(given, KEYS, '');
  const read = readConfig(
    Type.Object(PLAIN),
    Object.fromEntries(Object.entries(given).filter(([key]) => key in PLAIN)),
  ) as Pick<BacktestSettings, keyof typeof PLAIN>;
  if (read.queue !== AUTO_QUEUE) queueModelOf(read.queue);
  const { strategy, latency, fees, impact, carry, risk } = given;
  return {
    where,
    strategy:
      typeof strategy === 'string' && isStrategyPath(strategy)
        ? { kind: 'file', path: strategy }
        : (readConfig(StrategySchema, strategy, 'strategy') as StrategyConfig),
    ...{ latency, fees, impact, carry, risk },
    forecast: forecastOf(given.forecast),
    ...read,
  };
}

function forecastOf(given: unknown): BacktestSettings['forecast'] {
  if (given === 'none' || given === null) return null;
  if (given !== undefined && !isRecord(given)) {
    throw new BookcastError(
      'bad-argument',
      `forecast is ${shown(given)}, and must be: keys (target, signals), or none`,
    );
  }
  const read = readConfig(ForecastSchema, given, 'forecast') as { target: string; signals?: string };
  parseTarget(read.target);
  return { target: read.target, signals: read.signals ?? null };
}
