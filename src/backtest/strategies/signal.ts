import { Random } from '../../core/index.ts';
import type { Forecast } from '../../forecast/index.ts';

/** What a strategy trades on: a number in [−1, 1], above 0 where the price should rise. */
export interface Signal {
  readonly name: string;
  /** Of a forecast, in order; `NaN` where it abstains. */
  read(forecast: Forecast): number;
}

/** The served forecast's own direction: p(up) − p(down). */
class ForecastSignal implements Signal {
  readonly name: string = 'forecast';

  read(forecast: Forecast): number {
    if (forecast.abstained !== null) return Number.NaN;
    const served = forecast.probabilities[forecast.probabilities.length - 1];
    // Falling prices are the first class and rising prices the last.
    return served[served.length - 1] - served[0];
  }
}

/**
 * The same without skill: as large as the forecast's at every moment and of one sign for as long, but which sign, a coin says. So it trades as
 * often, and what it earns is what the market pays to anybody.
 */
class CoinSignal implements Signal {
  readonly name: string = 'coin';
  readonly #true = new ForecastSignal();
  readonly #random: Random;
  #sign = 0;
  #coin = 1;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  read(forecast: Forecast): number {
    const value = this.#true.read(forecast);
    const sign = Math.sign(value);
    if (sign !== 0 && !Number.isNaN(sign) && sign !== this.#sign) {
      this.#sign = sign;
      this.#coin = this.#random.uint32() % 2 === 0 ? 1 : -1;
    }
    return value * this.#coin;
  }
}

/** Always 0: what a strategy does that knows nothing of the direction. */
class NoSignal implements Signal {
  readonly name: string = 'none';

  read(): number {
    return 0;
  }
}

export type SignalKind = 'forecast' | 'coin' | 'none';

/** A new signal of a kind; `seed` is the coin's. */
export function createSignal(kind: SignalKind, seed: number): Signal {
  if (kind === 'forecast') return new ForecastSignal();
  return kind === 'coin' ? new CoinSignal(seed) : new NoSignal();
}
