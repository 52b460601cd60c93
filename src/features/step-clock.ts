import { NS_PER_MS } from '../core/index.ts';
import type { MarketView } from './market-view.ts';
import type { Part } from './signal.ts';

export const STEP_NS = 100 * NS_PER_MS;

/** What has to be done once a step of `StepClock` is over; bins and bars of whole steps are closed there. */
export interface Stepping {
  onStep(view: MarketView): void;
}

/**
 * Ticks every 100 ms after the reset, with the first message at or past the end of a step and before that message counts; once
 * where several steps have passed. One comparison a message for all who sample the market on a grid of time, instead of one each.
 */
export class StepClock implements Part {
  readonly #listeners: Stepping[] = [];
  #nextNs = STEP_NS;

  /** For constructors. Listeners are called in the order in which they asked to be. */
  hear(listener: Stepping): void {
    this.#listeners.push(listener);
  }

  onTime(view: MarketView): void {
    if (view.nowNs >= this.#nextNs) this.#step(view);
  }

  #step(view: MarketView): void {
    this.#nextNs = (Math.floor(view.nowNs / STEP_NS) + 1) * STEP_NS;
    for (const listener of this.#listeners) listener.onStep(view);
  }

  reset(): void {
    this.#nextNs = STEP_NS;
  }
}
