import { assert, BookcastError, isoTime } from '../core/index.ts';
import { Effect, type EventBatch, type Instrument, instrumentKey, type LadderBook } from '../market/index.ts';
import { FeatureEngine } from './feature-engine.ts';
import { type FeatureFit, sealFit } from './fit.ts';
import { FlowCovariance } from './fitting/flow-covariance.ts';
import { fitHawkes } from './fitting/hawkes.ts';
import { TradeTimes } from './fitting/trade-times.ts';
import type { MarketView } from './market-view.ts';
import { bookDepth } from './sets.ts';
import type { Signal, SignalDefinition } from './signal.ts';
import { MICROPRICE_STATES, MicropriceSteps, signedState } from './signals/fair-value/microprice-states.ts';

/** Fewer would give parameters that are mostly chance. */
const LEAST_STEPS = 100;
const LEAST_WINDOWS = 50;
const LEAST_TRADES = 100;

/**
 * Estimates the parameters of fitted signals from training data. Give it the very calls that a `FeatureEngine` gets, in order;
 * a lost book breaks what runs across it and forgets nothing. The same messages always give the same fit.
 *
 * - Microprice: Stoikov (2018), from all steps between burst ends, each with its mirror image.
 * - Components: Cont, Cucuringu and Zhang (2023), from the flows of the levels over windows of 20 book messages.
 * - Hawkes: `fitting/hawkes.ts`, from the signed trades.
 */
export class FeatureFitter {
  readonly #instrument: Instrument;
  readonly #collector: Collector;
  /** Finds bursts, trades and flows as it does when serving. */
  readonly #engine: FeatureEngine;
  #messages = 0;
  #untilNs = Number.NaN;
  #untilDay = 0;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
    const collector = new Collector(bookDepth(instrument));
    this.#collector = collector;
    this.#engine = new FeatureEngine(instrument, { signals: [definitionOf(collector)] });
  }

  /** As `FeatureEngine.onMessage`. */
  onMessage(batch: EventBatch, from: number, to: number, book: LadderBook, effect: Effect): void {
    this.#engine.onMessage(batch, from, to, book, effect);
    if (effect === Effect.OLD) return;
    this.#messages++;
    // Where the venue gives no time, ours says where the training data end.
    const venueNs = batch.tsEventNs[from];
    this.#untilNs = Number.isFinite(venueNs) ? venueNs : batch.tsRecvNs[from];
    this.#untilDay = batch.day;
  }

  /** Throws `bad-input` saying what is missing where there are too few data. */
  finish(): FeatureFit {
    const { steps, flows, trades } = this.#collector;
    const lacks = [
      [steps.steps, LEAST_STEPS, 'changes of imbalance, spread or mid between burst ends'],
      [flows.varies ? flows.windows : 0, LEAST_WINDOWS, 'windows of 20 book messages with flow'],
      [trades.seconds > 0 ? trades.count : 0, LEAST_TRADES, 'trades whose side is known'],
    ] as const;
    const missing = lacks.filter(([found, least]) => found < least);
    if (missing.length > 0) {
      const what = missing.map(([found, least, name]) => `${found} ${name}, and ${least} is the least`).join('; ');
      throw new BookcastError(
        'bad-input',
        `${this.#messages} messages of ${instrumentKey(this.#instrument)} are too few to fit signals: ${what}. Give a longer recording.`,
        { messages: this.#messages },
      );
    }
    assert(!Number.isNaN(this.#untilNs), 'data that suffice have a last time');
    const fair = new Float64Array(MICROPRICE_STATES);
    steps.solve(fair);
    return sealFit({
      instrument: instrumentKey(this.#instrument),
      depth: bookDepth(this.#instrument),
      messages: this.#messages,
      until: isoTime(this.#untilNs, this.#untilDay),
      // −0 does not survive JSON.
      microprice: { fair: Array.from(fair, (x) => x + 0) },
      components: flows.fit(),
      hawkes: fitHawkes(trades.times, trades.signs, trades.seconds),
    });
  }
}

/** A signal without columns, which keeps what the fits are made of. */
class Collector implements Signal {
  readonly steps = new MicropriceSteps();
  readonly flows: FlowCovariance;
  readonly trades = new TradeTimes();

  constructor(depth: number) {
    this.flows = new FlowCovariance(depth);
  }

  onBurst(view: MarketView): void {
    this.steps.add(view, signedState(view));
  }

  onTime(view: MarketView): void {
    this.trades.watch(view);
  }

  onTrade(view: MarketView, sign: number): void {
    this.trades.add(view, sign);
  }

  onBook(view: MarketView): void {
    this.flows.add(view);
  }

  write(): void {}

  /** The book was lost. */
  reset(): void {
    this.steps.breakOff();
    this.flows.breakOff();
    this.trades.breakOff();
  }
}

function definitionOf(collector: Collector): SignalDefinition {
  return {
    name: 'collector',
    family: 'order-flow',
    title: 'Collector of training data',
    meaning: 'Keeps what fits are made of.',
    tex: '',
    formula: '',
    warmup: 'none',
    cost: 'constant a message',
    source: 'definition',
    needs: [],
    dependencies: [],
    version: 1,
    columns: () => [],
    create: () => collector,
  };
}
