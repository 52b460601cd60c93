import { type Forecast, Forecaster, type ForecasterHooks, type ForecasterOptions } from '../forecast/index.ts';
import {
  BookSync,
  Effect,
  type EventBatch,
  EventKind,
  Fault,
  type Instrument,
  LadderBook,
  SyncState,
} from '../market/index.ts';
import type { Target } from '../models/index.ts';

/** As of the forecaster's book: fine ticks far from the touch stay in the dense part. */
const WINDOW_TICKS = 1 << 17;

/** A book of its own, and forecasts as its messages come: a `Forecaster`, or one that plays what a forecaster said before. */
export type ForecastSource = Pick<Forecaster, 'book' | 'sync' | 'apply' | 'quietUntil'>;

/** What is forecast for the strategy, and with what. */
export interface ForecastSettings {
  readonly target: Target;
  readonly options?: ForecasterOptions;
  /** Makes the source; absent, a forecaster with `options`. It calls `onForecast` and `onMessage` as a forecaster would. */
  readonly source?: (instrument: Instrument, hooks: ForecasterHooks) => ForecastSource;
}

/**
 * The market as it has reached us: one book, whether it may be trusted, and the forecaster where there is one (its book then is the book). What is
 * forecast depends on the messages alone; our clock decides when it reaches the strategy.
 */
export class MarketView {
  readonly book: LadderBook;
  readonly target: Target | null;
  halted = false;
  /** The last forecast that was told; reused. */
  forecast: Forecast | null = null;
  readonly #sync: BookSync<LadderBook>;
  readonly #source: ForecastSource | null;
  readonly #quietNs: number;
  /** The forecaster told of the message: it is not old. */
  #told = false;
  /** Of the last message, as recorded, ns since the run's first midnight. */
  #lastRecvNs = Number.NaN;
  /** From the run's first midnight to that of the last message's batch. */
  #shiftNs = 0;
  /** From the run's first midnight to that of a batch. */
  readonly #shiftOf: (batch: EventBatch) => number;

  /** `onForecast` is called as forecasts and abstentions arise; `shiftOf` tells what is added to a batch's times to have ns since the run's first midnight. */
  constructor(
    instrument: Instrument,
    forecast: ForecastSettings | null,
    onForecast: (forecast: Forecast) => void,
    shiftOf: (batch: EventBatch) => number,
  ) {
    this.#shiftOf = shiftOf;
    this.target = forecast?.target ?? null;
    if (forecast === null) {
      this.#source = null;
      this.book = new LadderBook({ windowTicks: WINDOW_TICKS });
      this.#sync = new BookSync(instrument, this.book);
      this.#quietNs = Number.POSITIVE_INFINITY;
      return;
    }
    const hooks: ForecasterHooks = {
      onForecast: (said) => {
        this.forecast = said;
        onForecast(said);
      },
      onMessage: () => {
        this.#told = true;
      },
    };
    this.#source =
      forecast.source?.(instrument, hooks) ??
      new Forecaster(instrument, forecast.target, hooks, forecast.options ?? {});
    this.book = this.#source.book;
    this.#sync = this.#source.sync;
    this.#quietNs = instrument.burstQuietNs > 0 ? instrument.burstQuietNs : Number.POSITIVE_INFINITY;
  }

  /** The book is synced and has two sides. */
  get trusted(): boolean {
    return this.#sync.state === SyncState.SYNCED && !Number.isNaN(this.book.mid);
  }

  /** In ticks, with halves; `NaN` where the book is not trusted. */
  get midTicks(): number {
    return this.#sync.state === SyncState.SYNCED ? this.book.mid : Number.NaN;
  }

  /** How long after a message its burst is over where nothing else comes; infinite where no time ends one. */
  get quietNs(): number {
    return this.#quietNs;
  }

  /** `decisions` and hashes of what was forecast; null in a run that makes no forecasts of its own. */
  get forecaster(): Forecaster | null {
    return this.#source instanceof Forecaster ? this.#source : null;
  }

  /** Takes rows [from, to), one message. False where it came before and is no news. */
  take(batch: EventBatch, from: number, to: number): boolean {
    const { kind } = batch;
    // One change of the book, as most messages of a stream by order are.
    if (this.#source === null && to === from + 1 && kind[from] <= EventKind.EXECUTE) {
      return this.#sync.applyMessage(batch, from, to) !== Effect.OLD;
    }
    for (let i = from; i < to; i++) {
      if (kind[i] !== EventKind.FAULT) continue;
      if (batch.sizeLots[i] === Fault.HALT) this.halted = true;
      else if (batch.sizeLots[i] === Fault.RESUME) this.halted = false;
    }
    if (this.#source === null) {
      // The venue's own quotes verify; no book depends on them.
      if (kind[from] === EventKind.BBO) return !this.#sync.isOld(batch, from, to);
      return this.#sync.applyMessage(batch, from, to) !== Effect.OLD;
    }
    this.#told = false;
    this.#shiftNs = this.#shiftOf(batch);
    this.#lastRecvNs = batch.tsRecvNs[from] + this.#shiftNs;
    this.#source.apply(batch, from, to);
    return this.#told;
  }

  /**
   * `quietNs` passed on our clock since the last message. The forecaster reckons with the times as recorded, so the burst is over only where the message to
   * come was recorded so much later, too (`nextRecvNs`, since the run's first midnight): which forecasts are made is a fact of the recording alone.
   */
  onQuiet(nextRecvNs: number): void {
    const endNs = this.#lastRecvNs + this.#quietNs;
    if (nextRecvNs >= endNs) this.#source?.quietUntil(endNs - this.#shiftNs);
  }
}
