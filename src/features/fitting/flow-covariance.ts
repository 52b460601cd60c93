import { assert } from '../../core/index.ts';
import type { ComponentsFit } from '../fit.ts';
import type { MarketView } from '../market-view.ts';
import { principalComponent } from './principal-component.ts';

/** Book messages of a window. */
const WINDOW = 20;

/**
 * How the order flows of the levels go together: Σ x xᵀ over windows of 20 book messages, x = flow of each level in the window
 * by average levels. Every window counts with its mirror image, −x, so that the mean is 0 and none is taken off.
 */
export class FlowCovariance {
  /** Whole windows so far. */
  windows = 0;
  readonly #depth: number;
  readonly #products: Float64Array;
  readonly #flow: Float64Array;
  #messages = 0;

  constructor(depth: number) {
    this.#depth = depth;
    this.#products = new Float64Array(depth * depth);
    this.#flow = new Float64Array(depth);
  }

  add(view: MarketView): void {
    const flow = this.#flow;
    for (let m = 0; m < flow.length; m++) flow[m] += view.flowLots[m];
    if (++this.#messages < WINDOW) return;
    const n = this.#depth;
    const perSquare = 1 / view.meanLots ** 2;
    // A book that never had a level gives no yardstick and no flow.
    if (perSquare > 0) {
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) this.#products[i * n + j] += flow[i] * flow[j] * perSquare;
      this.windows++;
    }
    this.breakOff();
  }

  /** The window that has begun is dropped. */
  breakOff(): void {
    this.#flow.fill(0);
    this.#messages = 0;
  }

  /** True where anything flowed: without, there is no component. */
  get varies(): boolean {
    return this.#products.some((x) => x !== 0);
  }

  fit(): ComponentsFit {
    assert(this.varies, 'something flowed');
    const { vector, explained } = principalComponent(this.#products, this.#depth);
    const total = vector.reduce((sum, x) => sum + Math.abs(x), 0);
    return { weights: Array.from(vector, (x) => x / total + 0), explained };
  }
}
