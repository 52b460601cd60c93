import type { Clock } from '../core/index.ts';
import { FeatureEngine } from '../features/index.ts';
import type { Instrument } from '../market/index.ts';
import { createModels, type Target } from '../models/index.ts';
import { OnlineTemperature } from './calibration/online-temperature.ts';
import { AbstentionRule } from './conformal/abstention-rule.ts';
import { ConformalSets } from './conformal/conformal-sets.ts';
import { ExponentialWeights } from './ensemble/exponential-weights.ts';
import type { ForecasterOptions } from './forecaster-options.ts';
import { ForecastMonitor } from './monitor/forecast-monitor.ts';
import { STAGES } from './stopwatch.ts';

/** Share of the sets that shall hold what comes true. */
const COVERAGE = 0.9;

/** A live book of which nothing was heard for so long is no basis for a forecast. */
const STALE_AFTER_NS = 10e9;

/**
 * Decisions for which labels are taken to overlap where the target does not tell: of horizons in time, in lots, or of the next change. On the
 * side of too many, since a temperature that takes labels which repeat each other for so many different ones is worse than none.
 */
const USUAL_OVERLAP = 100;

/**
 * The stack that serves where no bundle says otherwise, learnt live from nothing: of the models given (default: `createModels`) all but the
 * baselines are pooled by exponential weights, the pool is calibrated by an online temperature and given adaptive conformal sets, and a
 * monitor watches. A set of several classes is told and silences nobody; a book gone stale does. Options that name a combiner are served as
 * they are, watched in any case. `clock` times the stages for the monitor.
 */
export function withStack(
  instrument: Instrument,
  target: Target,
  options: ForecasterOptions = {},
  clock?: Clock,
): ForecasterOptions {
  const classes = target.classes.length;
  const watched = {
    monitor: new ForecastMonitor({ classes: target.classes, reference: null, stages: STAGES }),
    ...(clock === undefined ? {} : { clock }),
  };
  if (options.combiner !== undefined) return { ...watched, ...options };
  const { signals, fit } = options;
  const features = { ...(signals === undefined ? {} : { signals }), ...(fit === undefined ? {} : { fit }) };
  const models = options.models ?? createModels(target, new FeatureEngine(instrument, features).schema);
  const baselines = models.filter(({ baseline }) => baseline);
  const members = models.filter(({ baseline }) => !baseline);
  const overlap = target.kind === 'events' ? target.horizon : USUAL_OVERLAP;
  return {
    calibrator: new OnlineTemperature({ classes, weight: 1 / overlap }),
    sets: new ConformalSets({ classes, coverage: COVERAGE, overlap }),
    abstention: new AbstentionRule({ classes, onAmbiguity: false, staleAfterNs: STALE_AFTER_NS, range: null }),
    ...watched,
    ...options,
    models: [...baselines, ...members],
    combiner: new ExponentialWeights({ members: members.length, classes }),
  };
}
