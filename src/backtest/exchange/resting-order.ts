import type { OrderRequest, OrderSide } from '../order.ts';

/** An order of ours at the venue. Only its exchange writes to it. */
export class RestingOrder {
  readonly id: number;
  readonly side: OrderSide;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  priceTicks: number;
  /** 0: gone. */
  left: number;
  /** Orders of ours arrive one after another: the larger, the newer. */
  turn = 0;
  /** The tape does not tell its level just now: it lies deeper than the venue's window. */
  blind = false;
  /** That was so when it arrived, and its level was not told since. */
  unseen = false;

  // What follows is of exchanges by level alone.
  /** The tape's lots before it, as estimated, with parts of lots; infinite where the level was never told. */
  ahead = 0;
  /** The level's size as last told. */
  reported = 0;
  /** Lots printed at its price since then. */
  traded = 0;
  /** When the level was last told, by the venue's clock as on the tape, ns since the first message's midnight. */
  reportedNs = Number.NEGATIVE_INFINITY;
  /** What that report took off the level beyond trades, and how far we moved forward for it. */
  lostLots = 0;
  gained = 0;

  constructor(id: number, request: OrderRequest) {
    this.id = id;
    this.side = request.side;
    this.postOnly = request.postOnly === true;
    this.reduceOnly = request.reduceOnly === true;
    this.priceTicks = request.priceTicks;
    this.left = request.quantityLots;
  }
}
