import {
  type BookMessage,
  type BundleInfo,
  type EndMessage,
  type Explanation,
  type ForecastMessage,
  type HealthMessage,
  healthMessage,
  type InstrumentStatus,
  type Level,
  type MarketPort,
  type MonitorReport,
  type ScoresMessage,
  type StreamMessage,
  type TargetInfo,
  type TrainedModel,
} from '../api/index.ts';
import { type Clock, type DecimalStep, formatSteps, isoTime, NO_PRICE, NS_PER_MS } from '../core/index.ts';
import { Prequential } from '../evaluate/index.ts';
import type { InstrumentHealth } from '../feed/index.ts';
import { explainForecast, type Forecast, type ForecasterOptions, LateMember, withStack } from '../forecast/index.ts';
import { type EventBatch, type EventSource, instrumentKey, priceStep, Side, sizeStep } from '../market/index.ts';
import { formatTarget, type Model, SwappableModel, type Target } from '../models/index.ts';
import { STATE_NAMES, weightNames, weightsOf } from './replay.ts';
import { anchorWords, latencyWords, thresholdWords } from './target-words.ts';

/** How often the page is sent a new book and new scores. Forecasts are sent one by one, each of them. */
const BOOK_EVERY_NS = 100 * NS_PER_MS;
const SCORES_EVERY_NS = 500 * NS_PER_MS;
const STREAM_DEPTH = 10;
/** Points of the weights over time that an answer has at most. */
const MOST_WEIGHTS = 120;

/** Where the events come from. */
export interface DeskSource extends Pick<EventSource, 'instrument' | 'origin' | 'counts'> {
  /** Of a live market. */
  health?(): InstrumentHealth | null;
}

/** One instrument being forecast, as the API sees it. */
export class Desk implements MarketPort {
  readonly session: Prequential;
  readonly #source: DeskSource;
  readonly #key: string;
  readonly #clock: Clock;
  readonly #price: DecimalStep;
  readonly #size: DecimalStep;
  readonly #listeners = new Set<(message: StreamMessage) => void>();
  readonly #ticks = new Int32Array(50);
  readonly #lots = new Float64Array(50);
  readonly #options: ForecasterOptions;
  readonly #target: Omit<TargetInfo, 'undecided'>;
  #nextBookNs = 0;
  #nextScoresNs = 0;
  #end: EndMessage | null = null;

  /** `options` without a combiner are those of the stack that learns live (`withStack`). */
  constructor(source: DeskSource, target: Target, clock: Clock, options: ForecasterOptions = {}) {
    this.#source = source;
    this.#key = instrumentKey(source.instrument);
    this.#clock = clock;
    this.#price = priceStep(source.instrument);
    this.#size = sizeStep(source.instrument);
    const onForecast = (forecast: Forecast): void => {
      if (this.#listeners.size > 0) this.#publish(this.#forecastMessage(forecast));
    };
    this.#options = withStack(source.instrument, target, options, clock);
    this.#target = targetInfo(target);
    this.session = new Prequential(source.instrument, target, { onForecast }, this.#options);
  }

  apply(batch: EventBatch, from: number, to: number): void {
    this.session.apply(batch, from, to);
    if (this.#listeners.size === 0) return;
    const now = this.#clock.monotonicNs();
    if (now >= this.#nextBookNs) {
      this.#nextBookNs = now + BOOK_EVERY_NS;
      this.#publish(this.#bookMessage(STREAM_DEPTH));
    }
    if (now >= this.#nextScoresNs) {
      this.#nextScoresNs = now + SCORES_EVERY_NS;
      this.#publish(this.#scoresMessage());
    }
  }

  /** Of a live market: nothing to come was received before `untilNs`. */
  quietUntil(untilNs: number): void {
    this.session.forecaster.quietUntil(untilNs);
  }

  /** The source has ended: the last book and scores, then `end`. */
  finish(): EndMessage {
    const { forecaster } = this.session;
    this.#end = { type: 'end', instrument: this.#key, decisions: forecaster.decisions, hash: forecaster.hash() };
    this.#publish(this.#bookMessage(STREAM_DEPTH));
    this.#publish(this.#scoresMessage());
    this.#publish(this.#end);
    return this.#end;
  }

  instruments(): InstrumentStatus[] {
    const { instrument, origin, counts } = this.#source;
    const { forecaster } = this.session;
    const { gaps, crossed, stale } = forecaster.sync.faults;
    const { names, hash } = forecaster.features.schema;
    const [served, ...others] = forecaster.models.map((model) => model.name).reverse();
    return [
      {
        key: this.#key,
        venue: instrument.venue,
        name: instrument.name,
        tickSize: instrument.tickSize,
        lotSize: instrument.lotSize,
        origin,
        state: STATE_NAMES[forecaster.sync.state],
        finished: this.#end !== null,
        messages: counts.messages,
        events: forecaster.events,
        decisions: forecaster.decisions,
        faults: { gaps, crossed, stale, unparsable: counts.unparsable },
        feed: this.health(this.#key)?.feed ?? null,
        target: this.#targetInfo(),
        models: [served, ...others.reverse()],
        bundle: this.#bundle,
        trained: this.#trained(),
        features: { names: [...names], hash },
      },
    ];
  }

  forecast(key: string): ForecastMessage | null {
    return key === this.#key ? this.#forecastMessage(this.session.forecaster.last) : null;
  }

  book(key: string, depth: number): BookMessage | null {
    return key === this.#key ? this.#bookMessage(depth) : null;
  }

  scores(key: string): ScoresMessage | null {
    return key === this.#key ? this.#scoresMessage() : null;
  }

  monitor(key: string): MonitorReport | null {
    const { monitor, sets } = this.#options;
    if (key !== this.#key || monitor === undefined) return null;
    const { changes, ...snapshot } = monitor.snapshot();
    const { day } = this.session.forecaster.last;
    return {
      ...(snapshot as Omit<MonitorReport, 'instrument' | 'model' | 'coverage' | 'weights' | 'changes'>),
      changes: { ...changes, last: changes.last.map((alarm) => ({ ...alarm, time: timeText(alarm.tsNs, day) })) },
      instrument: this.#key,
      model: this.session.forecaster.served.name,
      coverage: sets?.coverage ?? null,
      weights: this.#weightHistory(),
    };
  }

  explanation(key: string): Explanation | null {
    const { forecaster } = this.session;
    if (key !== this.#key) return null;
    return {
      instrument: this.#key,
      time: timeText(forecaster.last.tsEventNs, forecaster.last.day),
      classes: [...forecaster.target.classes],
      unit: 'nats',
      ...(explainForecast(forecaster) as Pick<Explanation, 'index' | 'members'>),
    };
  }

  health(key: string): HealthMessage | null {
    const health = key === this.#key ? this.#source.health?.() : null;
    return health === null || health === undefined ? null : healthMessage(health);
  }

  subscribe(key: string, listener: (message: StreamMessage) => void): () => void {
    if (key !== this.#key) return () => {};
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #trained(): TrainedModel[] {
    return this.session.forecaster.models.flatMap((model) => {
      const slot = model instanceof LateMember ? model.slot : model;
      if (!(slot instanceof SwappableModel)) return [];
      const { name, version, since, swaps, current } = slot;
      return [{ model: name, version, kind: current.file.metadata.kind, device: current.device, since, swaps }];
    });
  }

  #publish(message: StreamMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  #forecastMessage(forecast: Forecast): ForecastMessage {
    const { forecaster } = this.session;
    const ready = forecast.abstained === null;
    const models = ready
      ? Object.fromEntries(forecaster.models.map((model, m) => [model.name, [...forecast.probabilities[m]]]))
      : {};
    const { set } = forecast;
    return {
      type: 'forecast',
      instrument: this.#key,
      origin: this.#source.origin,
      index: forecast.index,
      time: timeText(forecast.tsEventNs, forecast.day),
      sequence: Number.isNaN(forecast.sequence) ? null : forecast.sequence,
      status: ready ? 'ready' : 'abstained',
      reason: forecast.abstained,
      bid: this.#priceText(forecast.bidTicks),
      ask: this.#priceText(forecast.askTicks),
      mid: this.#midNumber(forecast.midTicks),
      model: forecaster.served.name,
      version: forecast.version,
      bundle: this.#bundle,
      schema: forecaster.features.schema.hash,
      probabilities: ready ? models[forecaster.served.name] : null,
      models,
      calibrated: forecaster.calibrated !== null,
      weights: ready ? weightsOf(forecaster) : null,
      set: !ready || set === null ? null : { classes: this.#classesOf(set.members), coverage: this.#coverage },
      asleep: asleepOf(forecaster.models, forecast.reasons),
    };
  }

  get #bundle(): BundleInfo | null {
    const { bundle } = this.session.forecaster;
    return bundle === null ? null : { name: bundle.name, version: bundle.version };
  }

  #targetInfo(): TargetInfo {
    const { pending, dropped, overflowed } = this.session.forecaster.unresolved;
    return { ...this.#target, undecided: { waiting: pending, lost: dropped + overflowed } };
  }

  get #coverage(): number {
    return this.#options.sets?.coverage ?? Number.NaN;
  }

  #classesOf(members: Uint8Array): string[] {
    return this.session.forecaster.target.classes.filter((_, k) => members[k] === 1);
  }

  #weightHistory(): MonitorReport['weights'] {
    const { ensemble } = this.session.forecaster;
    if (ensemble === null) return null;
    const { indices, weights } = ensemble.history.series();
    const every = Math.ceil(indices.length / MOST_WEIGHTS);
    const kept = (column: Float64Array): number[] => [...column].filter((_, i) => i % every === 0);
    return { names: weightNames(this.session.forecaster), indices: kept(indices), values: weights.map(kept) };
  }

  #bookMessage(depth: number): BookMessage {
    const { forecaster } = this.session;
    const { tsEventNs, day } = forecaster.last;
    return {
      type: 'book',
      instrument: this.#key,
      time: timeText(tsEventNs, day),
      sequence: Number.isNaN(forecaster.sync.lastSequence) ? null : forecaster.sync.lastSequence,
      state: STATE_NAMES[forecaster.sync.state],
      mid: this.#midNumber(forecaster.book.mid),
      bids: this.#levels(Side.BID, depth),
      asks: this.#levels(Side.ASK, depth),
    };
  }

  #scoresMessage(): ScoresMessage {
    const { forecaster } = this.session;
    return {
      type: 'scores',
      instrument: this.#key,
      time: timeText(forecaster.last.tsEventNs, forecaster.last.day),
      target: this.#targetInfo(),
      scores: this.session.scores().map(({ directionGain: _, ...score }) => score),
    };
  }

  #levels(side: Side, depth: number): Level[] {
    const n = this.session.forecaster.book.top(side, Math.min(depth, this.#ticks.length), this.#ticks, this.#lots);
    return Array.from({ length: n }, (_, i) => ({
      price: formatSteps(this.#ticks[i], this.#price),
      size: formatSteps(this.#lots[i], this.#size),
      ticks: this.#ticks[i],
      lots: this.#lots[i],
    }));
  }

  #priceText(ticks: number): string | null {
    return ticks === NO_PRICE ? null : formatSteps(ticks, this.#price);
  }

  /** For display. Half ticks are exact in a float of this size. */
  #midNumber(midTicks: number): number | null {
    return Number.isNaN(midTicks) ? null : Number((midTicks * this.#price.value).toFixed(this.#price.scale + 1));
  }
}

function targetInfo(target: Target): Omit<TargetInfo, 'undecided'> {
  const { kind, horizon, classes } = target;
  const words = { anchor: anchorWords(target), threshold: thresholdWords(target), latency: latencyWords(target) };
  return { kind, horizon, classes: [...classes], text: formatTarget(target), ...words };
}

/** Why models are asleep, by name; one that is awake is not there. */
function asleepOf(models: readonly Model[], reasons: readonly (string | null)[]): Record<string, string> {
  const asleep: Record<string, string> = {};
  models.forEach(({ name }, m) => {
    const reason = reasons[m];
    if (reason !== null) asleep[name] = reason;
  });
  return asleep;
}

function timeText(ns: number, day: number): string | null {
  return Number.isNaN(ns) ? null : isoTime(ns, day);
}
