import type { ForecastSource } from '../../backtest/index.ts';
import { assert, NS_PER_DAY } from '../../core/index.ts';
import { Forecaster, type ForecasterHooks, type ForecasterOptions } from '../../forecast/index.ts';
import { type EventSource, type Instrument, messageEnd } from '../../market/index.ts';
import type { Target } from '../../models/index.ts';
import { PlayedForecasts } from './forecast-tape-player.ts';

const FIRST_ROOM = 4096;

/** Columns of a tape as they lie in memory. */
export interface ForecastColumns {
  readonly classes: number;
  /** Of each decision: as recorded, on the clock that decides bursts, ns since its batch's midnight. */
  readonly tsNs: Float64Array;
  /** Decisions × classes, of the served model; meaningless where `silent` is not 0. */
  readonly served: Float64Array;
  /** 0 where there is a forecast, else 1 + the place among `reasons`. */
  readonly silent: Uint16Array;
  readonly reasons: readonly string[];
}

/**
 * What a forecaster served over a recording, decision by decision, so that other runs over the same recording play it again instead of
 * forecasting anew. What is kept is a fact of the recording: when a forecast becomes known follows from the clock of the run that plays it, and so do
 * abstentions for want of a book. Memory: 8 bytes a class and 10 more a decision. Signals, members and sets of classes are not kept.
 */
export class ForecastTape {
  readonly target: Target;
  decisions = 0;
  readonly #classes: number;
  #tsNs: Float64Array = new Float64Array(FIRST_ROOM);
  #served: Float64Array;
  #silent: Uint16Array = new Uint16Array(FIRST_ROOM);
  readonly #reasons: string[] = [];

  constructor(target: Target) {
    this.target = target;
    this.#classes = target.classes.length;
    this.#served = new Float64Array(FIRST_ROOM * this.#classes);
  }

  static of(target: Target, columns: ForecastColumns): ForecastTape {
    assert(columns.classes === target.classes.length, 'a tape has the classes of its target');
    const tape = new ForecastTape(target);
    tape.#tsNs = columns.tsNs;
    tape.#served = columns.served;
    tape.#silent = columns.silent;
    tape.#reasons.push(...columns.reasons);
    tape.decisions = columns.tsNs.length;
    return tape;
  }

  /** Copies, as long as there are decisions. */
  columns(): ForecastColumns {
    return {
      classes: this.#classes,
      tsNs: this.#tsNs.slice(0, this.decisions),
      served: this.#served.slice(0, this.decisions * this.#classes),
      silent: this.#silent.slice(0, this.decisions),
      reasons: [...this.#reasons],
    };
  }

  /** The next decision; `silent`: why there is no forecast. */
  add(tsNs: number, served: Float64Array, silent: string | null): void {
    const at = this.decisions;
    if (at === this.#tsNs.length) this.#grow();
    this.#tsNs[at] = tsNs;
    this.#served.set(served, at * this.#classes);
    this.#silent[at] = silent === null ? 0 : this.#reason(silent);
    this.decisions++;
  }

  tsNs(decision: number): number {
    return this.#tsNs[decision];
  }

  /** Copies a decision's probabilities and returns why it is silent; null where it is not. */
  read(decision: number, into: Float64Array): string | null {
    const silent = this.#silent[decision];
    if (silent !== 0) return this.#reasons[silent - 1];
    const from = decision * this.#classes;
    for (let k = 0; k < this.#classes; k++) into[k] = this.#served[from + k];
    return null;
  }

  /** A source of forecasts for one run (`ForecastSettings.source`). */
  readonly player = (instrument: Instrument, hooks: ForecasterHooks): ForecastSource =>
    new PlayedForecasts(this, instrument, hooks);

  #reason(text: string): number {
    let at = this.#reasons.indexOf(text);
    if (at === -1) at = this.#reasons.push(text) - 1;
    assert(at < 0xffff, 'there are few reasons for silence');
    return at + 1;
  }

  #grow(): void {
    const room = 2 * this.#tsNs.length + FIRST_ROOM;
    const [tsNs, served, silent] = [this.#tsNs, this.#served, this.#silent];
    this.#tsNs = new Float64Array(room);
    this.#tsNs.set(tsNs);
    this.#served = new Float64Array(room * this.#classes);
    this.#served.set(served);
    this.#silent = new Uint16Array(room);
    this.#silent.set(silent);
  }
}

export interface RecordOptions extends ForecasterOptions {
  readonly signal?: AbortSignal;
  /** Nothing that happened after this, ns since the first batch's midnight, is of interest: the reading stops. Default: the end. */
  readonly untilNs?: number;
  /** Called after each message that is news. */
  readonly onMessage?: NonNullable<ForecasterHooks['onMessage']>;
  /** Called between batches. */
  readonly onProgress?: (share: number) => void;
}

/** Forecasts a whole recording once. Throws what the source throws, and the signal's reason. */
export async function recordForecasts(
  source: EventSource,
  target: Target,
  { signal, untilNs = Number.POSITIVE_INFINITY, onMessage, onProgress, ...options }: RecordOptions = {},
): Promise<ForecastTape> {
  const tape = new ForecastTape(target);
  const nothing = new Float64Array(target.classes.length);
  const hooks: ForecasterHooks = {
    onForecast: ({ index, probabilities, abstained }) => {
      // An abstention for want of a book carries the number of the decision to come.
      if (index !== forecaster.decisions - 1) return;
      const served = abstained === null ? probabilities[probabilities.length - 1] : nothing;
      tape.add(forecaster.decision.tsNs, served, abstained);
    },
    ...(onMessage === undefined ? {} : { onMessage }),
  };
  const forecaster: Forecaster = new Forecaster(source.instrument, target, hooks, options);
  let startDay = Number.NaN;
  for await (const batch of source.batches({ lend: true })) {
    signal?.throwIfAborted();
    if (batch.length === 0) continue;
    if (Number.isNaN(startDay)) startDay = batch.day;
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const { tsNs } = forecaster.decision;
      const { abstained } = forecaster.last;
      forecaster.apply(batch, from, to);
      // A silence that goes on is told once; the decision fell all the same.
      if (tape.decisions < forecaster.decisions) tape.add(tsNs, nothing, abstained);
      from = to;
    }
    const { bytesRead, bytesTotal } = source.counts;
    onProgress?.(bytesTotal > 0 ? bytesRead / bytesTotal : Number.NaN);
    if (batch.tsEventNs[batch.length - 1] + (batch.day - startDay) * NS_PER_DAY > untilNs) break;
  }
  return tape;
}
