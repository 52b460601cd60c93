import { analyseRun, type StrategyConfig } from '../../src/backtest/index.ts';
import { NS_PER_SECOND } from '../../src/core/index.ts';
import { type Figure, type Figures, figuresOf, leadOf } from './figures.ts';
import type { Assumptions, Player } from './player.ts';
import { GOOG, type Market } from './sessions.ts';

export type Maker = Extract<StrategyConfig, { kind: 'maker' }>;

/** What was tried of the maker's settings. */
export type MakerSettings = Pick<Maker, 'quotes' | 'riskAversion' | 'skewTicks' | 'toleranceTicks'>;

export const THRESHOLDS: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
const COIN_THRESHOLD = 0.3;
export const SIGNALS = ['none', 'forecast', 'coin'] as const;
const DELAYS_MS: readonly number[] = [1, 10];
/** Settings that trade less are not chosen: a maker that hardly trades hardly loses. */
const LEAST_FILLS = 100;
const QUOTES = ['glft', 'avellaneda-stoikov'] as const;
const AVERSIONS = [0.001, 0.01, 0.1];
const TOLERANCES = [0, 5];

const queuesOf = (market: Market): string[] =>
  market === GOOG ? ['exact', 'risk-averse'] : ['risk-averse', 'power:3'];

export function assumptionsOf(market: Market): Assumptions[] {
  return queuesOf(market).flatMap((queue) => DELAYS_MS.map((delayMs) => ({ queue, delayMs })));
}

export function grid({ skews }: Market): MakerSettings[] {
  return QUOTES.flatMap((quotes) =>
    AVERSIONS.flatMap((riskAversion) =>
      skews.flatMap((skewTicks) =>
        TOLERANCES.map((toleranceTicks) => ({ quotes, riskAversion, skewTicks, toleranceTicks })),
      ),
    ),
  );
}

function maker({ quantityLots }: Market, settings: MakerSettings, signal: Maker['signal']): Maker {
  return {
    kind: 'maker',
    signal,
    ...settings,
    horizonSeconds: 10,
    quantityLots,
    maxPositionLots: 5 * quantityLots,
    requote: 'replace',
    start: 'wait',
    halfLifeSeconds: 60,
  };
}

/** What one setting came to on one session that settings are chosen on. */
export interface Trial {
  readonly settings: MakerSettings;
  readonly fills: number;
  readonly gross: number;
  readonly turnover: number;
}

/** The whole grid, with the forecast, under the first assumptions. */
export function tryAll(player: Player): Trial[] {
  const { market } = player.session;
  const [first] = assumptionsOf(market);
  return grid(market).map((settings) => {
    const run = player.run(maker(market, settings, 'forecast'), first);
    const { turnover } = analyseRun(run, player.terms).trades;
    return { settings, fills: run.fills.length, gross: run.totals.gross, turnover };
  });
}

/** Settings of another market of the same thing whose ticks are `ratio` times as fine. */
export function scaled(
  { quotes, riskAversion, skewTicks, toleranceTicks }: MakerSettings,
  ratio: number,
): MakerSettings {
  return {
    quotes,
    riskAversion: riskAversion / ratio,
    skewTicks: skewTicks * ratio,
    toleranceTicks: toleranceTicks * ratio,
  };
}

/** Of settings tried in the same order on several sessions: the most gross profit for what was traded, of those that trade enough on each. */
export function choose(sessions: readonly (readonly Trial[])[]): MakerSettings {
  let best = sessions[0][0].settings;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < sessions[0].length; k++) {
    const trials = sessions.map((trials) => trials[k]);
    if (trials.some(({ fills }) => fills < LEAST_FILLS)) continue;
    const bps = trials.reduce((sum, { gross, turnover }) => sum + gross / turnover, 0);
    if (bps <= most) continue;
    most = bps;
    best = trials[0].settings;
  }
  return best;
}

export interface TakerRow {
  readonly signal: 'forecast' | 'coin';
  readonly threshold: number;
  readonly figures: Figures;
}

export interface MakerRow extends Assumptions {
  readonly signal: Maker['signal'];
  readonly figures: Figures;
  /** Net profit less that of the plain maker under the same assumptions, over the whole session; null of the plain one. */
  readonly lead: Figure | null;
}

/** What is kept of a session. */
export interface SessionResult {
  readonly instrument: string;
  readonly currency: string;
  readonly seconds: number;
  readonly messages: number;
  readonly decisions: number;
  readonly trials: number;
  readonly settings: MakerSettings;
  readonly assumptions: readonly string[];
  readonly notes: readonly string[];
  readonly takers: readonly TakerRow[];
  readonly makers: readonly MakerRow[];
}

/**
 * Runs by hand before the grid and its rule were fixed (27 on 2024-07, 18 on 2023-04, 13 on GOOG before 14:00), and a first pass of all sessions with quotes
 * rounded away from the mid: they were looked at, and so they count.
 */
const TRIED_BEFORE = 85;

/** `settings`: of the maker. */
export function play(player: Player, settings: MakerSettings): SessionResult {
  const { market } = player.session;
  const assumptions = assumptionsOf(market);
  const trials = TRIED_BEFORE + grid(market).length + THRESHOLDS.length + 1 + SIGNALS.length * assumptions.length;
  const wanted: Pick<TakerRow, 'signal' | 'threshold'>[] = [
    ...THRESHOLDS.map((threshold) => ({ signal: 'forecast' as const, threshold })),
    { signal: 'coin', threshold: COIN_THRESHOLD },
  ];
  const takers = wanted.map((row) => {
    const { quantityLots } = market;
    const run = player.run({ kind: 'taker', ...row, quantityLots, holdSeconds: 1 }, assumptions[0]);
    return { ...row, figures: figuresOf(run, player, trials).figures };
  });
  const makers = assumptions.flatMap((assumption) => {
    const judged = SIGNALS.map((signal) =>
      figuresOf(player.run(maker(market, settings, signal), assumption), player, trials),
    );
    return SIGNALS.map((signal, i) => ({
      signal,
      ...assumption,
      figures: judged[i].figures,
      lead: i === 0 ? null : leadOf(judged[i], judged[0]),
    }));
  });
  const run = player.run(maker(market, settings, 'none'), assumptions[0]);
  return {
    instrument: run.instrument,
    currency: run.currency,
    seconds: (run.endNs - run.startNs) / NS_PER_SECOND,
    messages: run.messages,
    decisions: player.forecasts.decisions,
    trials,
    settings,
    assumptions: run.assumptions,
    notes: run.notes,
    takers,
    makers,
  };
}
