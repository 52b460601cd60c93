import { EventKind } from '../../../market/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Orders remembered; a power of two. */
const PLACES = 8192;

/**
 * How old a deleted order was. Orders are remembered by the low bits of their number, the newer one taking the place of the
 * older: where numbers count upwards these are the last 8192 orders, so very old ones may be unknown. That suits signals
 * that ask for the young.
 */
export class OrderAges implements Part {
  /** Of the present order row where it deletes an order whose birth is remembered; else `NaN`. */
  deletedNs = Number.NaN;
  readonly #ids = new Float64Array(PLACES).fill(Number.NaN);
  readonly #bornNs = new Float64Array(PLACES);

  onOrder(view: MarketView, kind: number, _side: number, _priceTicks: number, _lots: number, orderId: number): void {
    this.deletedNs = Number.NaN;
    const place = orderId & (PLACES - 1);
    if (kind === EventKind.ADD) {
      this.#ids[place] = orderId;
      this.#bornNs[place] = view.nowNs;
    } else if (kind === EventKind.DELETE && this.#ids[place] === orderId) {
      this.deletedNs = view.nowNs - this.#bornNs[place];
      this.#ids[place] = Number.NaN;
    }
  }

  reset(): void {
    this.deletedNs = Number.NaN;
    this.#ids.fill(Number.NaN);
  }
}
