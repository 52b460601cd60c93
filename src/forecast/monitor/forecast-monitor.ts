import { assert, BookcastError, decodeState, encodeState } from '../../core/index.ts';
import { type Decision, InnovationDetector, type Label } from '../../models/index.ts';
import { Cause } from '../conformal/abstention-rule.ts';
import type { PredictionSet } from '../conformal/prediction-set.ts';
import { type CalibrationSnapshot, CalibrationWatch } from './calibration-watch.ts';
import { ChangeAlarms, type ChangeSnapshot } from './change-alarms.ts';
import { LatencyHistogram, type LatencySnapshot } from './latency-histogram.ts';
import type { MonitorReference } from './monitor-reference.ts';
import { type ScoreSnapshot, ScoreWatch } from './score-watch.ts';
import { type StabilitySnapshot, StabilityWatch } from './stability-watch.ts';
import type { WindowSums } from './window-sums.ts';

export interface MonitorOptions {
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Of training; null where the models learn from nothing: then gains are over equal classes and no signal is compared. */
  readonly reference: MonitorReference | null;
  /** Outcomes and rows in the windows, ten at least each. Default 1,000 and 10,000; calibration and stability use the longest. */
  readonly windows?: readonly number[];
  /** Names of the stages that are timed. Default none. */
  readonly stages?: readonly string[];
  /** Probability of a change that sounds the alarm, and below which it is armed again. Default .5 and .1. */
  readonly alarmAt?: number;
  readonly rearmAt?: number;
}

/** All of it can be written as JSON: no NaN, no typed arrays. */
export interface MonitorSnapshot {
  readonly classes: readonly string[];
  readonly forecasts: number;
  /** Forecasts that were abstained from for each cause; one may have several. */
  readonly abstentions: { readonly stale: number; readonly far: number; readonly ambiguous: number };
  /** A window each, and last all outcomes. */
  readonly scores: readonly ScoreSnapshot[];
  readonly calibration: CalibrationSnapshot;
  readonly stability: readonly StabilitySnapshot[];
  readonly changes: ChangeSnapshot;
  readonly latency: Readonly<Record<string, LatencySnapshot>>;
}

const KIND = 'forecast-monitor';
const VERSION = 2;
const BINS = 15;

/**
 * How the forecasts served fare, as data: who draws or alarms reads `snapshot`. Nothing here changes a forecast. Memory is fixed and the
 * methods called for each forecast allocate nothing. `save` keeps scores, calibration, stability, counts and what the
 * detector of changes knows; latencies and alarms are of the process that saw them.
 */
export class ForecastMonitor {
  /** Names of the stages that are timed. */
  readonly stages: readonly string[];
  readonly #classes: readonly string[];
  readonly #reference: MonitorReference | null;
  readonly #scores: readonly ScoreWatch[];
  readonly #calibration: CalibrationWatch;
  readonly #stability: StabilityWatch;
  readonly #changes: ChangeAlarms;
  readonly #innovations = new InnovationDetector();
  readonly #latency: readonly LatencyHistogram[];
  /** Forecasts, then abstentions because of a stale book, far signals and ambiguity. */
  readonly #counts = new Float64Array(4);

  constructor(options: MonitorOptions) {
    const { classes, reference, windows = [1000, 10_000], stages = [], alarmAt = 0.5, rearmAt = 0.1 } = options;
    assert(windows.length > 0, 'there is a window');
    assert(reference === null || reference.prior.length === classes.length, 'the reference is of these classes');
    const longest = Math.max(...windows);
    const count = classes.length;
    const prior = reference?.prior ?? classes.map(() => 1 / count);
    const even = Array.from({ length: BINS - 1 }, (_, i) => 1 / count + ((i + 1) / BINS) * (1 - 1 / count));
    this.#classes = classes;
    this.#reference = reference;
    this.#scores = windows.map((window) => new ScoreWatch(prior, window));
    this.#calibration = new CalibrationWatch(count, reference?.edges ?? even, longest);
    this.#stability = new StabilityWatch(reference?.signals ?? [], longest);
    this.#changes = new ChangeAlarms(alarmAt, rearmAt);
    this.stages = stages;
    this.#latency = stages.map(() => new LatencyHistogram());
  }

  /** A forecast was made of `row`; `causes` are those of `AbstentionRule`, 0 where it was given out. */
  onForecast(row: Float64Array, causes: number): void {
    this.#counts[0]++;
    if (causes & Cause.STALE) this.#counts[1]++;
    if (causes & Cause.FAR) this.#counts[2]++;
    if (causes & Cause.AMBIGUOUS) this.#counts[3]++;
    this.#stability.add(row);
  }

  /**
   * The label of an earlier forecast exists: `probabilities` and `set` (null without one) as they were given then, at `decision`. How much it
   * surprised goes to a detector of changes; an alarm has the time of the decision whose label sounded it.
   */
  onOutcome(
    probabilities: Float64Array,
    set: PredictionSet | null,
    label: Label,
    { tsNs, span }: Pick<Decision, 'tsNs' | 'span'>,
  ): void {
    for (let i = 0; i < this.#scores.length; i++) this.#scores[i].add(probabilities, set, label);
    this.#calibration.add(probabilities, label);
    if (this.#innovations.observe(probabilities, label, span)) this.#changes.add(tsNs, this.#innovations.changed);
  }

  /** Stage number `stage` of the options took `ns`. */
  onLatency(stage: number, ns: number): void {
    this.#latency[stage].record(ns);
  }

  snapshot(): MonitorSnapshot {
    const [forecasts, stale, far, ambiguous] = this.#counts;
    return {
      classes: this.#classes,
      forecasts,
      abstentions: { stale, far, ambiguous },
      scores: [...this.#scores.map((watch) => watch.snapshot()), this.#scores[0].all()],
      calibration: this.#calibration.snapshot(this.#reference),
      stability: this.#stability.snapshot(),
      changes: this.#changes.snapshot(),
      latency: Object.fromEntries(this.stages.map((name, i) => [name, this.#latency[i].snapshot()])),
    };
  }

  save(): Uint8Array {
    const windows = Float64Array.from(this.#sums(), ({ window }) => window);
    const { state } = this.#innovations;
    return encodeState(KIND, VERSION, [this.#counts, windows, ...state, ...this.#sums().map((sums) => sums.write())]);
  }

  /** Throws `bad-input` for bytes that are not the state of a monitor with these classes, signals and windows. */
  restore(bytes: Uint8Array): void {
    const sums = this.#sums();
    const { state } = this.#innovations;
    const kept = state.map(({ length }) => length);
    const lengths = [this.#counts.length, sums.length, ...kept, ...sums.map(({ numbers }) => numbers)];
    const [counts, windows, ...states] = decodeState(bytes, KIND, VERSION, lengths);
    if (sums.some(({ window }, i) => window !== windows[i])) {
      throw new BookcastError(
        'bad-input',
        `the saved monitor has windows of ${windows.join(', ')}, and this one of ${sums.map(({ window }) => window).join(', ')}: restore it with those that it was saved with`,
        { found: [...windows] },
      );
    }
    this.#counts.set(counts);
    for (let i = 0; i < state.length; i++) state[i].set(states[i]);
    for (let i = 0; i < sums.length; i++) sums[i].read(states[state.length + i]);
  }

  #sums(): WindowSums[] {
    return [...this.#scores, this.#calibration, this.#stability].map((watch) => watch.sums);
  }
}
