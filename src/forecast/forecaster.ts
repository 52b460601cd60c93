import { assert } from '../core/index.ts';
import { BurstClock, FeatureEngine, type FeatureFit, type SignalDefinition } from '../features/index.ts';
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
  type Model,
  type Target,
  TargetStream,
} from '../models/index.ts';
import { Digest } from './digest.ts';

/** Wide enough for spot markets, whose ticks are fine: 1,300 dollars of BTCUSDT. Two megabytes an instrument. */
const WINDOW_TICKS = 1 << 17;

/** What was forecast at a decision point, or why nothing was. Reused: valid during the call that hands it out. */
export interface Forecast {
  /** Counts the forecasts of a stream from 0; an abstention carries the number of the next one. */
  index: number;
  /** Of the last event seen: the venue's time, ns since `day`. */
  tsEventNs: number;
  day: number;
  /** Of the last book message applied; NaN before the first snapshot. */
  sequence: number;
  /** Half ticks possible; NaN while a side is empty or the book is not trusted. */
  midTicks: number;
  bidTicks: number;
  askTicks: number;
  /** Null where there is a forecast, else the reason for abstaining, in words. */
  abstained: string | null;
  /** Version of the served model at this moment; null where it learns online. */
  version: string | null;
  /** The signals at the decision point; meaningless in an abstention. */
  row: Float64Array;
  /** One row of probabilities a model, in the order of `models`; meaningless in an abstention. */
  probabilities: readonly Float64Array[];
}

export interface ForecasterHooks {
  /** A forecast, or the first abstention after one: the market is followed by its reader in order. */
  onForecast?(forecast: Forecast): void;
  /**
   * An earlier forecast met its outcome: `label` is the index of the class that came true, `probabilities` what each model
   * had said then. The arrays are valid during the call.
   */
  onOutcome?(decision: Decision, label: Label, probabilities: readonly Float64Array[]): void;
  /** After rows [from, to), one message that is not old, were taken. For verification: the book must not be written to. */
  onMessage?(batch: EventBatch, from: number, to: number, book: LadderBook, synced: boolean): void;
}

export interface ForecasterOptions {
  /** Default: the core set. */
  signals?: readonly SignalDefinition[];
  /** For signals that need one. */
  fit?: FeatureFit;
  /** The models, the served one last; default: new ones for the rows' schema. */
  models?: readonly Model[];
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
  readonly #decision: Decision;
  readonly #forecast: Forecast;
  /** What each model said at the pending decisions: [slot][model]. Filled in as slots are first used. */
  readonly #pending: Float64Array[][] = [];
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
    const { models, ...features } = options;
    this.features = new FeatureEngine(instrument, features);
    this.#clock = new BurstClock(instrument.burstQuietNs);
    this.#usesRecvTime = instrument.burstQuietNs > 0;
    const { schema } = this.features;
    this.models = models ?? createModels(target, schema);
    for (const model of this.models) checkSchema(model, schema);
    this.#targets = new TargetStream(target);
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
      version: this.served.version ?? null,
      row: this.#decision.row,
      probabilities: this.#vectors(),
    };
  }

  get served(): Model {
    return this.models[this.models.length - 1];
  }

  /** The last forecast or abstention; reused, so copy what is kept. */
  get last(): Forecast {
    return this.#forecast;
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
   * forecast of a burst that is over now, not with the next message; it is the same forecast, bit for bit.
   */
  quietUntil(nowNs: number): void {
    if (this.#usesRecvTime && this.#clock.endedBy(nowNs)) this.#decide();
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
      if (effect === Effect.LOST || effect === Effect.RESYNCED) {
        this.#targets.reset();
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
    // Into the engine's own array, which is the decision's.
    this.features.row();
    decision.index = this.decisions++;
    decision.midTicks = book.mid;
    decision.spreadTicks = book.bestAskTicks - book.bestBidTicks;
    const depth = book.bestBidLots + book.bestAskLots;
    decision.imbalance = (book.bestBidLots - book.bestAskLots) / depth;
    const slot = this.#targets.onDecision(decision, this.#settle);
    const forecast = this.#note(null);
    forecast.index = decision.index;
    let kept = this.#pending[slot];
    if (kept === undefined) kept = this.#pending[slot] = this.#vectors();
    this.#rowDigest.add(decision.row);
    for (let m = 0; m < this.models.length; m++) {
      const out = forecast.probabilities[m];
      this.models[m].predict(decision, out);
      kept[m].set(out);
      this.#forecastDigest.add(out);
    }
    this.#hooks.onForecast?.(forecast);
  }

  /** The label of an earlier decision exists from now on. */
  readonly #settle = (slot: number, decision: Decision, label: Label): void => {
    const said = this.#pending[slot];
    for (let m = 0; m < this.models.length; m++) this.models[m].update(decision, label, said[m]);
    this.#hooks.onOutcome?.(decision, label, said);
  };

  /** The rows to come do not follow on those before. */
  #breakOff(): void {
    for (const model of this.models) model.reset?.();
  }

  /** Says once, after a forecast, that there is none now, and again only when the reason changes. */
  #abstain(): void {
    const reason = this.#reason();
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
    forecast.version = this.served.version ?? null;
    return forecast;
  }

  #vectors(): Float64Array[] {
    return this.models.map(() => new Float64Array(this.target.classes.length));
  }
}
