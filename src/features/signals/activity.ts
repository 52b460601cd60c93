import { NS_PER_MS } from '../../core/index.ts';
import { DecayedSum, tauName } from '../decayed-sum.ts';
import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * How busy the market is: ln(1 + events per second), decayed; the logarithm because rates spread over decades. An event is
 * a level change, an order message or an execution. Unit: ln(1 + 1/s). Warm-up: the decay time. Cost: an exponential a
 * book message.
 */
export class EventRate implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #events: readonly DecayedSum[];

  constructor(tausSeconds: readonly number[]) {
    this.#events = tausSeconds.map((tau) => new DecayedSum(tau));
    const what = 'book events (level changes, order messages, executions)';
    this.columns = tausSeconds.map((tau) => rateInfo('event_rate', what, tau));
  }

  onBook(view: MarketView): void {
    for (let c = 0; c < this.#events.length; c++) this.#events[c].add(view.nowNs, view.events);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    for (let c = 0; c < this.#events.length; c++) out[at + c] = Math.log1p(this.#events[c].perSecond(view.nowNs));
  }

  reset(): void {
    for (let c = 0; c < this.#events.length; c++) this.#events[c].reset();
  }
}

/** As `EventRate`, of trades, signed or not. Cost: an exponential a trade. */
export class TradeRate implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #trades: DecayedSum;

  constructor(tauSeconds: number) {
    this.#trades = new DecayedSum(tauSeconds);
    this.columns = [rateInfo('trade_rate', 'trades', tauSeconds)];
  }

  onTrade(view: MarketView): void {
    this.#trades.add(view.nowNs, 1);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.log1p(this.#trades.perSecond(view.nowNs));
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
    out[at] = view.has(1) ? Math.log1p((view.nowNs - this.#movedAtNs) / NS_PER_MS) : Number.NaN;
  }

  reset(): void {
    this.#movedAtNs = Number.NaN;
  }
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
