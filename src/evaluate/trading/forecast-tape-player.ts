import type { ForecastSource } from '../../backtest/index.ts';
import { BookcastError } from '../../core/index.ts';
import { BurstClock } from '../../features/index.ts';
import type { Forecast, ForecasterHooks } from '../../forecast/index.ts';
import {
  BookSync,
  Effect,
  type EventBatch,
  EventKind,
  type Instrument,
  LadderBook,
  messageEnd,
  SyncState,
} from '../../market/index.ts';
import type { Target } from '../../models/index.ts';
import type { ForecastTape } from './forecast-tape.ts';

/** As of the forecaster's book. */
const WINDOW_TICKS = 1 << 17;

/**
 * Plays a tape of forecasts: decides where a `Forecaster` decides, by the same book and the same clock of bursts, and says what the tape holds. Of a forecast there is
 * the served model's probabilities alone; it has no signals, no other models and no sets. A tape that was cut short is silent behind its end.
 */
export class PlayedForecasts implements ForecastSource {
  readonly book = new LadderBook({ windowTicks: WINDOW_TICKS });
  readonly sync: BookSync<LadderBook>;
  readonly target: Target;
  readonly #tape: ForecastTape;
  readonly #hooks: ForecasterHooks;
  readonly #clock: BurstClock;
  readonly #usesRecvTime: boolean;
  readonly #forecast: Forecast;
  readonly #served: Float64Array;
  #decisions = 0;
  #lastNs = Number.NaN;
  #lastEventNs = Number.NaN;
  #day = 0;

  constructor(tape: ForecastTape, instrument: Instrument, hooks: ForecasterHooks) {
    this.target = tape.target;
    this.#tape = tape;
    this.#hooks = hooks;
    this.sync = new BookSync(instrument, this.book);
    this.#clock = new BurstClock(instrument.burstQuietNs);
    this.#usesRecvTime = instrument.burstQuietNs > 0;
    this.#served = new Float64Array(tape.target.classes.length);
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
      row: new Float64Array(0),
      probabilities: [this.#served],
      awake: new Uint8Array(1),
      reasons: [null],
      weights: null,
      set: null,
    };
  }

  apply(batch: EventBatch, from = 0, to = batch.length): void {
    for (let i = from; i < to; ) {
      const end = messageEnd(batch, i);
      this.#take(batch, i, end);
      i = end;
    }
  }

  quietUntil(nowNs: number): void {
    if (this.#usesRecvTime && this.#clock.endedBy(nowNs)) this.#decide();
  }

  #take(batch: EventBatch, from: number, to: number): void {
    if (this.sync.isOld(batch, from, to)) {
      this.sync.applyMessage(batch, from, to);
      return;
    }
    if (batch.kind[from] !== EventKind.BBO) {
      const ts = this.#usesRecvTime ? batch.tsRecvNs[from] : batch.tsEventNs[from];
      if (this.#clock.endsBefore(ts)) this.#decide();
      this.#day = batch.day;
      if (this.sync.applyMessage(batch, from, to) === Effect.LOST) this.#abstain();
      this.#lastNs = ts;
      this.#lastEventNs = batch.tsEventNs[from];
    }
    this.#hooks.onMessage?.(batch, from, to, this.book, this.sync.state === SyncState.SYNCED);
  }

  #decide(): void {
    if (this.sync.state !== SyncState.SYNCED || Number.isNaN(this.book.mid)) {
      this.#abstain();
      return;
    }
    const index = this.#decisions++;
    const silent = this.#read(index);
    const before = this.#forecast.abstained;
    this.#forecast.awake[0] = silent === null ? 1 : 0;
    this.#tell(index, silent, silent === null || silent !== before);
  }

  /** Throws `bad-input` where the tape's decision is another one: it was recorded of another stream. */
  #read(index: number): string | null {
    const tape = this.#tape;
    if (index >= tape.decisions) return 'the tape of forecasts has ended';
    if (tape.tsNs(index) === this.#lastNs) return tape.read(index, this.#served);
    throw new BookcastError(
      'bad-input',
      `forecast ${index} was made at ${tape.tsNs(index)} ns and is played at ${this.#lastNs} ns: these forecasts are of another recording; make them anew`,
      { forecast: index, expectedNs: tape.tsNs(index), foundNs: this.#lastNs },
    );
  }

  #abstain(): void {
    const reason = this.#reason();
    this.#tell(this.#decisions, reason, reason !== this.#forecast.abstained);
  }

  #reason(): string {
    if (this.sync.state === SyncState.EMPTY) return 'nothing has been received yet';
    if (this.sync.state === SyncState.BUFFERING) return 'the book waits for its first snapshot';
    if (this.sync.state === SyncState.GAPPED) return 'the book lost its sequence or crossed, and waits for a snapshot';
    return 'a side of the book is empty';
  }

  #tell(index: number, abstained: string | null, isNews: boolean): void {
    const forecast = this.#forecast;
    const { book, sync } = this;
    forecast.index = index;
    forecast.tsEventNs = this.#lastEventNs;
    forecast.day = this.#day;
    forecast.sequence = sync.lastSequence;
    forecast.midTicks = sync.state === SyncState.SYNCED ? book.mid : Number.NaN;
    forecast.bidTicks = book.bestBidTicks;
    forecast.askTicks = book.bestAskTicks;
    forecast.abstained = abstained;
    if (isNews) this.#hooks.onForecast?.(forecast);
  }
}
