import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { baselinesOf, createStrategy, type Strategy, type StrategyConfig } from '../backtest/index.ts';
import { BookcastError } from '../core/index.ts';
import type { BacktestSettings, StrategyFile } from './backtest-settings.ts';

/** What makes strategies of one kind: a new one for each run, since they remember. */
export interface StrategyMaker {
  /** It reads forecasts: a run without it makes none. */
  readonly forecasts: boolean;
  /** Lots wanted in all, by tag; empty where nobody can tell. */
  readonly wanted: ReadonlyMap<string, number>;
  create(): Strategy;
}

/** The strategy of the settings and those that it is measured against. Throws `not-found` and `bad-input` for a file that is none. */
export async function strategiesOf(
  settings: BacktestSettings,
): Promise<{ readonly own: StrategyMaker; readonly baselines: readonly StrategyMaker[] }> {
  const { strategy, seed, baselines: wished, forecast } = settings;
  const own =
    strategy.kind === 'file'
      ? await makerOfFile(strategy, forecast !== null)
      : makerOf(strategy, seed, forecast !== null);
  const others: readonly StrategyConfig[] =
    strategy.kind === 'file' ? [{ kind: 'hold', quantityLots: 1 }] : baselinesOf(strategy);
  // A coin's signal is as large as the forecast's: without forecasts there is none.
  const possible = others.filter((config) => wished && (forecast !== null || !readsForecasts(config)));
  return { own, baselines: possible.map((config) => makerOf(config, seed, forecast !== null)) };
}

function makerOf(config: StrategyConfig, seed: number, offered: boolean): StrategyMaker {
  const needs = readsForecasts(config);
  if (needs && !offered) {
    throw new BookcastError(
      'bad-argument',
      `the strategy ${config.kind} reads forecasts, and forecast is none: give forecast: { target: events:10 }, or strategy.signal: none`,
    );
  }
  const wanted = config.kind === 'execution' ? [['parent', config.quantityLots] as const] : [];
  return { forecasts: needs, wanted: new Map(wanted), create: () => createStrategy(config, seed) };
}

function readsForecasts(config: StrategyConfig): boolean {
  if (config.kind === 'hold') return false;
  if (config.kind === 'execution' && config.algorithm !== 'forecast-timed') return false;
  return config.signal !== 'none';
}

async function makerOfFile({ path }: StrategyFile, offered: boolean): Promise<StrategyMaker> {
  if (!existsSync(path)) throw new BookcastError('not-found', `${path}: no such file of a strategy`, { path });
  const create = exportedBy(await load(path), path);
  const make = (): Strategy => {
    let made: unknown;
    try {
      made = create();
    } catch (cause) {
      throw new BookcastError('bad-input', `${path}: createStrategy threw: ${messageOf(cause)}`, { path, cause });
    }
    return checked(made, path);
  };
  // Once now, so that what is wrong with it is said before a tape is read.
  make();
  return { forecasts: offered, wanted: new Map(), create: make };
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} cannot be loaded: ${messageOf(cause)}`, { path, cause });
  }
}

function exportedBy(module: Record<string, unknown>, path: string): () => unknown {
  const { createStrategy: found } = module;
  if (typeof found === 'function') return found as () => unknown;
  const names = Object.keys(module).join(', ');
  throw new BookcastError(
    'bad-input',
    `${path} exports ${names === '' ? 'nothing' : names}, and must export createStrategy(): Strategy; see examples/imbalance-trader.ts`,
    { path },
  );
}

const METHODS = ['onStart', 'onMarket', 'onForecast', 'onReport', 'onTimer'] as const;

function checked(made: unknown, path: string): Strategy {
  const strategy = (made ?? {}) as Record<string, unknown>;
  const wrong = METHODS.find((name) => strategy[name] !== undefined && typeof strategy[name] !== 'function');
  const hears = METHODS.some((name) => typeof strategy[name] === 'function');
  if (typeof strategy.name === 'string' && strategy.name !== '' && wrong === undefined && hears) {
    return made as Strategy;
  }
  const why =
    wrong !== undefined
      ? `whose ${wrong} is no function`
      : typeof strategy.name === 'string' && strategy.name !== ''
        ? `with none of ${METHODS.join(', ')}`
        : 'without a name';
  throw new BookcastError(
    'bad-input',
    `${path}: createStrategy must return a strategy (name, and some of ${METHODS.join(', ')}), and returned something ${why}`,
    { path, name: basename(path) },
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
