import { NS_PER_MS } from '../../core/index.ts';
import { DecayedSums, tauName } from '../decayed-sums.ts';
import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * How busy the market is: ln(1 + events per second), decayed; the logarithm because rates spread over decades. An event is
 * a level change, an order message or an execution. Unit: ln(1 + 1/s). Warm-up: the decay time. Cost: a multiplication a
 * message and decay time, a logarithm at writing.
 */
export class EventRate implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #events: DecayedSums;

  constructor(tausSeconds: readonly number[]) {
    this.#events = new DecayedSums(tausSeconds);
    const what = 'book events (level changes, order messages, executions)';
    this.columns = tausSeconds.map((tau) => rateInfo('event_rate', what, tau));
  }

  onTime(view: MarketView): void {
    this.#events.fade(view);
  }

  onBook(view: MarketView): void {
    this.#events.add(view.events);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    writeLogRates(this.#events, view, out, at);
  }

  reset(): void {
    this.#events.reset();
  }
}

/** As `EventRate`, of trades, signed or not. */
export class TradeRate implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #trades: DecayedSums;

  constructor(tausSeconds: readonly number[]) {
    this.#trades = new DecayedSums(tausSeconds);
    this.columns = tausSeconds.map((tau) => rateInfo('trade_rate', 'trades', tau));
  }

  onTime(view: MarketView): void {
    this.#trades.fade(view);
  }

  onTrade(): void {
    this.#trades.add(1);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    writeLogRates(this.#trades, view, out, at);
  }

  reset(): void {
    this.#trades.reset();
  }
}

/**
 * Time since the mid last moved: ln(1 + milliseconds), since waiting times spread over decades. Unit: ln(1 + ms).
 * Warm-up: the first move. Cost: a comparison a book message.
 */
export class MidAge implements Signal {
  readonly columns: readonly FeatureInfo[] = [
    {
      name: 'mid_age',
      family: 'activity',
      unit: 'ln(1 + ms)',
      formula: 'ln(1 + t), t = milliseconds since the book message that last moved the mid',
      warmup: 'the first move of the mid',
      source:
        'Engle and Russell (1998), Autoregressive conditional duration, Econometrica 66(5): durations predict durations',
      parity: 'even',
      version: 1,
    },
  ];
  #movedAtNs = Number.NaN;

  onBook(view: MarketView): void {
    if (view.moveTicks !== 0) this.#movedAtNs = view.nowNs;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.has(1) ? Math.log(1 + (view.nowNs - this.#movedAtNs) / NS_PER_MS) : Number.NaN;
  }

  reset(): void {
    this.#movedAtNs = Number.NaN;
  }
}

function writeLogRates(sums: DecayedSums, view: MarketView, out: Float64Array, at: number): void {
  for (let c = 0; c < sums.values.length; c++) out[at + c] = Math.log(1 + sums.perSecond(view, c));
}

function rateInfo(name: string, what: string, tauSeconds: number): FeatureInfo {
  return {
    name: `${name}_${tauName(tauSeconds)}`,
    family: 'activity',
    unit: 'ln(1 + 1/s)',
    formula: `ln(1 + r), r = sum over ${what} of w / integral of w; w = exp(-age / ${tauSeconds} s)`,
    warmup: `${tauSeconds} s`,
    source: 'definition; exponentially weighted intensity',
    parity: 'even',
    version: 1,
  };
}
