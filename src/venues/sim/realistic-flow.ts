import type { Random } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { Arrivals } from './arrivals.ts';
import { type BookSide, behind, DEPTH, type Flow, OPENING_BID_TICKS, opposite, SIDES } from './flow.ts';
import type { MatchingEngine, Order } from './matching-engine.ts';

/** 22 messages a second of their own, three in four answers to others: 88 a second, in clusters of 10 ms to 1 s. */
const BASE_RATE = 22;
const KERNELS = [
  { share: 0.5, decay: 120 },
  { share: 0.25, decay: 2 },
] as const;

/** Of three messages about half are limit orders; cancellations keep the book near this many orders. */
const LIMIT_WEIGHT = 0.5;
const CANCEL_WEIGHT = 0.45;
const MARKET_WEIGHT = 0.05;
const USUAL_ORDERS = 240;

/** Levels that no cancellation goes below; one sweep takes at most `DEPTH` less of them. */
const KEPT_LEVELS = DEPTH + 2;
const SWEPT_LEVELS = 2;
const DEEPEST_TICKS = 24;

/**
 * Mode `realistic`: zero-intelligence order flow, with the few regularities without which a book looks like no market's.
 *
 * Skeleton (Cont, Stoikov and Talreja, Operations Research 58, 2010; Smith, Farmer, Gillemot and Krishnamurthy,
 * Quantitative Finance 3, 2003): limit orders arrive at random distances from the best price, each resting order is
 * cancelled at a rate, market orders take from the best price. Added to it:
 * - arrivals excite each other (`Arrivals`);
 * - market orders come as children of parent orders of heavy-tailed length, so that their signs have a long memory
 *   (Lillo, Mike and Farmer, Physical Review E 71, 2005), and lean towards the thinner queue;
 * - orders in the thinner of the two best queues are cancelled more readily, and the longer side quotes into a wide
 *   spread more often: queue imbalance foretells the next move, as in markets (Gould and Bonart, 2016);
 * - a market order often takes exactly what the best price offers, seldom more, never beyond the second level;
 * - sizes are lognormal, or the round 100.
 * Both sides always have at least ten levels.
 *
 * The laws are from those papers; every number was chosen here, so that the spread is mostly one to three ticks and the
 * mid changes about twice a second, back more often than on. They were fitted to no market: a score in this mode says
 * that the machinery works, not how well a market can be forecast. The truth of the next move is not known: `pUp` is
 * `NaN`.
 */
export class RealisticFlow implements Flow {
  readonly pUp = Number.NaN;
  readonly regime = 0;
  readonly #random: Random;
  readonly #arrivals: Arrivals;
  /** The parent order now worked: its side and the market orders still to come. */
  #parentSide: BookSide = Side.BID;
  #childrenLeft = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#arrivals = new Arrivals(random.fork(), BASE_RATE, KERNELS);
  }

  open(engine: MatchingEngine): void {
    for (const side of SIDES) {
      for (let depth = 0; depth < DEEPEST_TICKS; depth++) {
        const orders = depth < 6 ? 6 : 3;
        for (let i = 0; i < orders; i++) {
          engine.place(side, behind(side, OPENING_BID_TICKS + side, depth), this.#orderLots());
        }
      }
    }
  }

  waitNs(): number {
    return this.#arrivals.waitNs();
  }

  act(engine: MatchingEngine): void {
    for (const side of SIDES) {
      // A sweep left the side shallow: somebody quotes behind its last level first.
      if (engine.levelCount(side) < KEPT_LEVELS) {
        const last = engine.level(side, engine.levelCount(side) - 1)!;
        engine.place(side, behind(side, last.priceTicks, 1), this.#orderLots());
        return;
      }
    }
    const cancelWeight = (CANCEL_WEIGHT * engine.orders.length) / USUAL_ORDERS;
    const draw = this.#random.float() * (LIMIT_WEIGHT + MARKET_WEIGHT + cancelWeight);
    if (draw < MARKET_WEIGHT) this.#market(engine);
    else if (draw < MARKET_WEIGHT + cancelWeight) this.#cancel(engine);
    else this.#limit(engine);
  }

  #limit(engine: MatchingEngine): void {
    const random = this.#random;
    const spreadTicks = engine.bestTicks(Side.ASK) - engine.bestTicks(Side.BID);
    const wide = spreadTicks > 1 && random.bernoulli(0.06 * Math.min(spreadTicks, 5));
    const side = random.bernoulli(0.5 + (wide ? 0.3 : 0) * queueImbalance(engine)) ? Side.BID : Side.ASK;
    const best = engine.bestTicks(side);
    const depth = wide ? -1 - random.geometric(0.7) : random.geometric(random.bernoulli(0.7) ? 0.35 : 0.08);
    // Into the spread, but never across it.
    const priceTicks = behind(side, best, Math.max(Math.min(depth, DEEPEST_TICKS), 1 - spreadTicks));
    engine.place(side, priceTicks, this.#orderLots());
  }

  #cancel(engine: MatchingEngine): void {
    const random = this.#random;
    const imbalance = queueImbalance(engine);
    for (let attempt = 0; attempt < 8; attempt++) {
      const order = engine.orders[random.below(engine.orders.length)];
      const best = order.level.priceTicks === engine.bestTicks(order.side);
      const favour = order.side === Side.BID ? imbalance : -imbalance;
      if (random.bernoulli(best ? 0.45 - 0.35 * favour : 0.6) && !isLastSupport(engine, order)) {
        const part = order.lots > 1 && random.bernoulli(0.15);
        engine.cancel(order, part ? 1 + random.below(order.lots - 1) : order.lots);
        return;
      }
    }
    this.#limit(engine);
  }

  #market(engine: MatchingEngine): void {
    const random = this.#random;
    const side = this.#marketSide(queueImbalance(engine));
    const resting = opposite(side);
    const offered = engine.bestLots(resting);
    const draw = random.float();
    if (draw < 0.15) {
      engine.take(side, offered);
    } else if (draw < 0.19) {
      // Takes the best price and rests or trades on at the next: a marketable limit order.
      const limit = engine.level(resting, SWEPT_LEVELS - 1)!.priceTicks;
      engine.place(side, limit, offered + this.#orderLots());
    } else {
      engine.take(side, Math.min(offered, this.#orderLots()));
    }
  }

  #marketSide(imbalance: number): BookSide {
    const random = this.#random;
    if (this.#childrenLeft === 0) {
      this.#parentSide = random.bernoulli(0.5) ? Side.BID : Side.ASK;
      // Pareto with tail exponent 1.5, cut at 200.
      this.#childrenLeft = Math.min(200, Math.ceil((1 - random.float()) ** (-1 / 1.5)));
    }
    if (random.bernoulli(0.5)) {
      this.#childrenLeft--;
      return this.#parentSide;
    }
    return random.bernoulli(0.5 + 0.4 * imbalance) ? Side.BID : Side.ASK;
  }

  #orderLots(): number {
    if (this.#random.bernoulli(0.3)) return 100;
    return Math.max(1, Math.min(2000, Math.round(60 * Math.exp(0.9 * this.#random.normal()))));
  }
}

/** (bid − ask) / (bid + ask) of the best queues. */
function queueImbalance(engine: MatchingEngine): number {
  const bid = engine.bestLots(Side.BID);
  const ask = engine.bestLots(Side.ASK);
  return (bid - ask) / (bid + ask);
}

/** Whether the side would be left with too few levels without this order. */
function isLastSupport(engine: MatchingEngine, order: Order): boolean {
  return order.prev === null && order.next === null && engine.levelCount(order.side) <= KEPT_LEVELS;
}
