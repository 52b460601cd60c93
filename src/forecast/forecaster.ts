import { assert } from '../core/index.ts';
import { BurstClock, FeatureEngine } from '../features/index.ts';
import {
  BookSync,
  Effect,
  type EventBatch,
  EventKind,
  type Instrument,
  LadderBook,
  messageEnd,
  SyncState,
} from '../market/index.ts';
import {
  checkSchema,
  createModels,
  type Decision,
  emptyDecision,
  type Label,
  MarketFacts,
  type Model,
  type Target,
  TargetStream,
} from '../models/index.ts';
import { CalibratedModel } from './calibrated-model.ts';
import type { PredictionSet } from './conformal/prediction-set.ts';
import { Delivery } from './delivery.ts';
import { Digest } from './digest.ts';
import { Ensemble } from './ensemble/ensemble.ts';
import { Panel } from './ensemble/panel.ts';
import type { Forecast, ForecasterHooks } from './forecast.ts';
import type { BundleIdentity, ForecasterOptions } from './forecaster-options.ts';
import { Stopwatch } from './stopwatch.ts';

/** Wide enough for spot markets, whose ticks are fine: 1,300 dollars of BTCUSDT. Two megabytes an instrument. */
const WINDOW_TICKS = 1 << 17;

/** What was said at a decision whose label does not exist yet. */
interface Pending {
  /** By model. */
  readonly said: readonly Float64Array[];
  readonly awake: Uint8Array;
  /** The same, of the ensemble's members alone. */
  readonly members: readonly Float64Array[];
  readonly membersAwake: Uint8Array;
  /** The set that the served forecast was given then; null where no sets are made. */
  readonly set: PredictionSet | null;
}

/**
 * The online path of one instrument: book → row → models → forecast, a pure function of the batches it is given. Cutting
 * the stream anywhere, or playing it at any speed, changes no forecast made before.
 *
 * A forecast is made at the end of each burst (`BurstClock`), of the state at that end, when the next message shows that the
 * burst is over. Labels are learnt as soon as they exist, before the forecast of that moment and never earlier. It abstains
 * while the book cannot be trusted or has one side; signals that still warm up are `NaN`, which the models know to mean
 * "not known".
 */
export class Forecaster {
  readonly instrument: Instrument;
  readonly target: Target;
  /** The served model is the last; baselines come first. */
  readonly models: readonly Model[];
  /** Those that the combiner pools, in the order of its weights; none without one. */
  readonly members: readonly Model[];
  /** Null without a combiner. */
  readonly ensemble: Ensemble | null;
  /** The served model where there is a calibrator, else null. */
  readonly calibrated: CalibratedModel | null;
  /** Null where the models come from no bundle. */
  readonly bundle: BundleIdentity | null;
  readonly features: FeatureEngine;
  readonly book: LadderBook;
  readonly sync: BookSync<LadderBook>;
  /** Forecasts made, which is rows computed. */
  decisions = 0;
  /** Book changes, order messages and trades taken; heads, faults and verifying quotes do not count. */
  events = 0;
  readonly #hooks: ForecasterHooks;
  readonly #clock: BurstClock;
  readonly #usesRecvTime: boolean;
  readonly #targets: TargetStream;
  readonly #market: MarketFacts;
  readonly #decision: Decision;
  readonly #forecast: Forecast;
  /** All models but the ensemble and the calibrated one. */
  readonly #panel: Panel;
  readonly #delivery: Delivery;
  readonly #stopwatch: Stopwatch | null;
  readonly #reasons: (string | null)[];
  /** Number of the first model that the combiner pools. */
  readonly #firstMember: number;
  /** By slot; filled in as slots are first used. */
  readonly #pending: Pending[] = [];
  readonly #rowDigest = new Digest();
  readonly #forecastDigest = new Digest();
  #lastEventNs = Number.NaN;
  #day = 0;

  /** Throws `schema-mismatch` where a model reads rows of another schema than the signals make. */
  constructor(instrument: Instrument, target: Target, hooks: ForecasterHooks = {}, options: ForecasterOptions = {}) {
    this.instrument = instrument;
    this.target = target;
    this.#hooks = hooks;
    this.book = new LadderBook({ windowTicks: WINDOW_TICKS });
    this.sync = new BookSync(instrument, this.book);
    const { models: given, combiner, calibrator, sets, abstention, monitor, clock, bundle, ...features } = options;
    this.bundle = bundle ?? null;
    this.features = new FeatureEngine(instrument, features);
    this.#clock = new BurstClock(instrument.burstQuietNs);
    this.#usesRecvTime = instrument.burstQuietNs > 0;
    const { schema } = this.features;
    const models = given ?? createModels(target, schema);
    for (const model of models) {
      checkSchema(model, schema);
      const whole = !(model instanceof Ensemble || model instanceof CalibratedModel);
      assert(whole, 'an ensemble is part of one forecaster: give another one a combiner');
    }
    const count = models.length + (combiner === undefined ? 0 : 1) + (calibrator === undefined ? 0 : 1);
    const probabilities = this.#vectors(count);
    const awake = new Uint8Array(count);
    this.#reasons = Array.from({ length: count }, () => null);
    this.#panel = new Panel(models, awake, this.#reasons);
    this.#firstMember = models.length - (combiner === undefined ? 0 : combiner.weights.length - 1);
    assert(this.#firstMember >= 0, 'a combiner is made for as many members as there are models, or fewer');
    this.members = combiner === undefined ? [] : models.slice(this.#firstMember);
    this.ensemble =
      combiner === undefined ? null : new Ensemble(combiner, this.members, ...this.#membersOf(probabilities, awake));
    const raw = this.ensemble ?? models[models.length - 1];
    this.calibrated = calibrator === undefined ? null : new CalibratedModel(raw, calibrator, probabilities[count - 2]);
    this.models = [...models, this.ensemble, this.calibrated].filter((model) => model !== null);
    this.#delivery = new Delivery({
      ...(sets === undefined ? {} : { sets }),
      ...(abstention === undefined ? {} : { abstention }),
      ...(monitor === undefined ? {} : { monitor }),
    });
    this.#stopwatch = clock === undefined || monitor === undefined ? null : new Stopwatch(clock, monitor);
    this.#targets = new TargetStream(target);
    this.#market = new MarketFacts(target.anchorLevels);
    this.#decision = emptyDecision(this.features.row());
    this.#forecast = {
      index: 0,
      tsEventNs: Number.NaN,
      day: 0,
      sequence: Number.NaN,
      midTicks: Number.NaN,
      bidTicks: 0,
      askTicks: 0,
      abstained: 'nothing has been received yet',
      version: null,
      row: this.#decision.row,
      probabilities,
      awake,
      reasons: this.#reasons,
      weights: combiner?.weights ?? null,
      set: this.#delivery.set,
    };
    this.#forecast.version = this.#version();
  }

  get served(): Model {
    return this.models[this.models.length - 1];
  }

  /** The last forecast or abstention; reused, so copy what is kept. */
  get last(): Forecast {
    return this.#forecast;
  }

  /** What the last forecast was made of; reused, and meaningless before the first. */
  get decision(): Decision {
    return this.#decision;
  }

  /** Undecided forecasts that a gap or a full buffer took: their outcome will never be known. */
  get unresolved(): { pending: number; dropped: number; overflowed: number } {
    const { pending, dropped, overflowed } = this.#targets;
    return { pending, dropped, overflowed };
  }

  /** SHA-256 of every row and of every model's every forecast so far, bit for bit. */
  hash(): { rows: string; forecasts: string } {
    return { rows: this.#rowDigest.hex(), forecasts: this.#forecastDigest.hex() };
  }

  /** Takes rows [from, to) of a batch: whole messages, in order. */
  apply(batch: EventBatch, from = 0, to = batch.length): void {
    for (let i = from; i < to; ) {
      const end = messageEnd(batch, i);
      assert(end <= to, 'a range of rows holds whole messages');
      this.#takeMessage(batch, i, end);
      i = end;
    }
  }

  /**
   * For a live stream that is silent: no message to come was received before `nowNs` (since the batches' day). Makes the
   * forecast of a burst that is over now, not with the next message; it is the same forecast, bit for bit. Where the abstention rule limits the
   * age of the book, it also withdraws a forecast that has grown too old.
   */
  quietUntil(nowNs: number): void {
    if (!this.#usesRecvTime) return;
    if (this.#clock.endedBy(nowNs)) this.#decide();
    if (this.#forecast.abstained !== null) return;
    const expired = this.#delivery.expired(nowNs - this.#decision.tsNs, this.#decision.row);
    if (expired !== null) this.#abstain(expired);
  }

  #takeMessage(batch: EventBatch, from: number, to: number): void {
    // What comes twice happened once: its trades are no news, and it ends no burst.
    if (this.sync.isOld(batch, from, to)) {
      this.sync.applyMessage(batch, from, to);
      return;
    }
    // The venue's own quotes verify; nothing else may depend on them, not even when a burst ends.
    if (batch.kind[from] !== EventKind.BBO) {
      const ts = this.#usesRecvTime ? batch.tsRecvNs[from] : batch.tsEventNs[from];
      if (this.#clock.endsBefore(ts)) this.#decide();
      this.#day = batch.day;
      const effect = this.sync.applyMessage(batch, from, to);
      this.features.onMessage(batch, from, to, this.book, effect);
      this.#market.onMessage(batch, from, to, effect);
      if (effect === Effect.LOST || effect === Effect.RESYNCED) {
        this.#targets.reset();
        this.#hooks.onBreak?.();
        this.#breakOff();
        if (effect === Effect.LOST) this.#abstain();
      }
      this.#decision.tsNs = ts;
      this.#lastEventNs = batch.tsEventNs[from];
      this.#count(batch, from, to);
    }
    this.#hooks.onMessage?.(batch, from, to, this.book, this.sync.state === SyncState.SYNCED);
  }

  #count(batch: EventBatch, from: number, to: number): void {
    for (let i = from; i < to; i++) if (batch.kind[i] <= EventKind.TRADE) this.events++;
  }

  /** The burst before this message is over: a forecast of the state that it left. */
  #decide(): void {
    const { book } = this;
    const decision = this.#decision;
    if (this.sync.state !== SyncState.SYNCED || Number.isNaN(book.mid)) {
      this.#breakOff();
      this.#abstain();
      return;
    }
    this.#stopwatch?.start();
    // Into the engine's own array, which is the decision's.
    this.features.row();
    this.#stopwatch?.lap(0);
    decision.index = this.decisions++;
    this.#market.describe(book, decision);
    const slot = this.#targets.onDecision(decision, this.#settle);
    this.#hooks.onDecision?.(decision);
    this.#stopwatch?.lap(1);
    this.#rowDigest.add(decision.row);
    const silent = this.#predict(decision) ?? this.#deliver(decision);
    this.#stopwatch?.lap(2);
    const before = this.#forecast.abstained;
    const forecast = this.#note(silent);
    forecast.index = decision.index;
    for (let m = 0; m < this.models.length; m++) this.#forecastDigest.add(forecast.probabilities[m]);
    if (slot >= 0) this.#keep(slot);
    if (silent === null || silent !== before) this.#hooks.onForecast?.(forecast);
  }

  /** Every model's forecast, in place. Returns why the served one gave none, else null. */
  #predict(decision: Decision): string | null {
    const { probabilities, awake } = this.#forecast;
    const reasons = this.#reasons;
    this.#panel.predict(decision, probabilities);
    let at = this.#panel.models.length - 1;
    if (this.ensemble !== null) {
      at++;
      this.ensemble.predict(decision, probabilities[at]);
      awake[at] = 0;
      for (let m = this.#firstMember; m < at; m++) if (awake[m] === 1) awake[at] = 1;
      reasons[at] = awake[at] === 1 ? null : `all its ${this.members.length} members are; the last: ${reasons[at - 1]}`;
    }
    if (this.calibrated !== null) {
      at++;
      this.calibrated.predict(decision, probabilities[at]);
      awake[at] = awake[at - 1];
      reasons[at] = reasons[at - 1];
    }
    if (awake[at] === 1) return null;
    this.#delivery.none();
    const who = this.ensemble === null ? `the model ${this.#raw.name}` : 'the ensemble';
    return `${who} is asleep: ${reasons[at]}`;
  }

  /** Returns why the forecast is withheld, null where it is given out. */
  #deliver({ index, row }: Decision): string | null {
    const { probabilities } = this.#forecast;
    return this.#delivery.deliver(index, row, probabilities[probabilities.length - 1]);
  }

  /** What was just said, until its label exists. */
  #keep(slot: number): void {
    const { probabilities, awake, set } = this.#forecast;
    let kept = this.#pending[slot];
    if (kept === undefined) {
      const said = this.#vectors(probabilities.length);
      const saidAwake = new Uint8Array(awake.length);
      const [members, membersAwake] = this.#membersOf(said, saidAwake);
      kept = { said, awake: saidAwake, members, membersAwake, set: this.#delivery.emptySet() };
      this.#pending[slot] = kept;
    }
    for (let m = 0; m < probabilities.length; m++) kept.said[m].set(probabilities[m]);
    kept.awake.set(awake);
    if (set !== null) kept.set?.copy(set);
  }

  /** The label of an earlier decision exists from now on. */
  readonly #settle = (slot: number, decision: Decision, label: Label): void => {
    const { said, awake, members, membersAwake, set } = this.#pending[slot];
    const last = said.length - 1;
    this.#panel.update(decision, label, said);
    this.ensemble?.settle(members, membersAwake, decision, label);
    // Nothing was said, and so nothing can be learnt of how it was said.
    if (awake[last] === 1) {
      if (this.calibrated !== null) this.calibrated.settle(said[last - 1], label);
      this.#delivery.settle(said[last], set, label, decision);
    }
    this.#hooks.onOutcome?.(decision, label, said);
  };

  /** The rows to come do not follow on those before. */
  #breakOff(): void {
    this.#panel.reset();
  }

  /** Says once, after a forecast, that there is none now, and again only when the reason changes. */
  #abstain(reason = this.#reason()): void {
    const repeated = this.#forecast.abstained === reason;
    const forecast = this.#note(reason);
    forecast.index = this.decisions;
    if (!repeated) this.#hooks.onForecast?.(forecast);
  }

  #reason(): string {
    if (this.sync.state === SyncState.EMPTY) return 'nothing has been received yet';
    if (this.sync.state === SyncState.BUFFERING) return 'the book waits for its first snapshot';
    if (this.sync.state === SyncState.GAPPED) return 'the book lost its sequence or crossed, and waits for a snapshot';
    return 'a side of the book is empty';
  }

  #note(abstained: string | null): Forecast {
    const forecast = this.#forecast;
    const trusted = this.sync.state === SyncState.SYNCED;
    forecast.tsEventNs = this.#lastEventNs;
    forecast.day = this.#day;
    forecast.sequence = this.sync.lastSequence;
    forecast.midTicks = trusted ? this.book.mid : Number.NaN;
    forecast.bidTicks = this.book.bestBidTicks;
    forecast.askTicks = this.book.bestAskTicks;
    forecast.abstained = abstained;
    forecast.version = this.#version();
    return forecast;
  }

  /** What is served but for its calibration. */
  get #raw(): Model {
    return this.models[this.models.length - (this.calibrated === null ? 1 : 2)];
  }

  #version(): string | null {
    return this.bundle?.version ?? this.#raw.version ?? null;
  }

  /** Those of all models' arrays that the combiner reads, as views. */
  #membersOf(said: readonly Float64Array[], awake: Uint8Array): [members: readonly Float64Array[], awake: Uint8Array] {
    const end = this.#panel.models.length;
    return [said.slice(this.#firstMember, end), awake.subarray(this.#firstMember, end)];
  }

  #vectors(count: number): Float64Array[] {
    return Array.from({ length: count }, () => new Float64Array(this.target.classes.length));
  }
}
