import { NS_PER_MS, type Random } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { type BookSide, behind, DEPTH, type Flow, OPENING_BID_TICKS, opposite, SIDES, shape, trim } from './flow.ts';
import type { MatchingEngine } from './matching-engine.ts';

/** How the coin that decides each move leans, and what the book shows of it. */
export interface CoinLaw {
  /** P(up) is ½ ± this: by how much the coin leans. 0 is a fair coin. */
  readonly lean: number;
  /** `product`: the lean's direction is s1 · s2; `first`: it is regime · s1. */
  readonly signal: 'product' | 'first';
  /** The regime changes its sign after every so many moves; `Infinity`: never. */
  readonly movesPerRegime: number;
  /** Lots by which a sign shows: the side it points to is longer by so many. */
  readonly signLots: number;
  /** The lots that every queue has at least, and by how many the noise may exceed it. */
  readonly baseLots: number;
  readonly noiseLots: number;
}

export const NULL_LAW: CoinLaw = {
  lean: 0,
  signal: 'first',
  movesPerRegime: Number.POSITIVE_INFINITY,
  signLots: 0,
  baseLots: 1,
  noiseLots: 31,
};

export const NONLINEAR_LAW: CoinLaw = {
  lean: 0.35,
  signal: 'product',
  movesPerRegime: Number.POSITIVE_INFINITY,
  signLots: 16,
  baseLots: 6,
  noiseLots: 10,
};

export const SWITCHING_LAW: CoinLaw = { ...NONLINEAR_LAW, signal: 'first', movesPerRegime: 500 };

/** Probability that a message moves the price: the same at every message, whatever the book. */
const HAZARD = 0.1;
const MEAN_WAIT_NS = 20 * NS_PER_MS;
const MAX_NOISE_ORDER_LOTS = 5;
/** s1 shows in the best level, s2 in the levels from the second up to here. */
const LAST_SIGN_DEPTH = 3;

/**
 * Modes `null`, `oracle-nonlinear` and `switching`: every price move is decided by a coin. The spread is always one
 * tick, and each message is, with the constant probability 0.1, a move; otherwise it is noise. Both that and the coin come
 * from a random stream of their own, so that the moves to come are independent of all that was seen, but for the
 * coin's lean, which is a function of two signs:
 *
 * - A move is one message. An aggressive order sweeps the best level of the drawn side to its last lot and rests beyond
 *   it as the new best of its own side; other orders come and go until the book has its new shape. The mid moves one
 *   tick. Two fair signs s1, s2 are drawn afresh: s1 is the side on which the best level is longer, s2 that on which
 *   levels 2–4 are; the two sides of a level always sum to the same, but for the noise.
 * - Noise adds or takes 1–5 lots at a random level of a random side (an order, a cancellation or a market order), and
 *   moves each queue within a fixed range above its own floor, so that no noise moves the mid or turns a sign. Its law
 *   does not depend on the signs.
 *
 * `null`: a fair coin and no signs. The mid at the messages to come is a lazy random walk independent of everything
 * seen: no target on it, in events, in time or on the next change, can be forecast better than by its own frequencies.
 *
 * `oracle-nonlinear`: P(up) = ½ + 0.35 · s1 · s2. A signal that changes its sign when the book is mirrored (imbalances,
 * flows, returns, weighted prices) cannot contain s1 · s2, which does not; a signal that does not change its sign
 * (depth of both sides, spread, volatility, event rates) does not depend on the signs, by the constant sums. So no such
 * signal is correlated with the next move, and the best linear softmax of them is the constant. What does tell is a
 * function that bends across the best and the deeper levels, such as |imbalance of five levels|.
 *
 * `switching`: P(up) = ½ + 0.35 · c · s1, where the regime c = ±1 changes its sign after every 500 moves.
 *
 * All of it is a device for tests; no number here was taken from a market.
 */
export class CoinFlow implements Flow {
  pUp = 0.5;
  regime = 0;
  readonly #law: CoinLaw;
  readonly #random: Random;
  readonly #coin: Random;
  #s1 = 1;
  #s2 = 1;
  #moves = 0;

  constructor(random: Random, law: CoinLaw) {
    this.#law = law;
    this.#random = random;
    this.#coin = random.fork();
  }

  open(engine: MatchingEngine): void {
    this.#drawSigns();
    for (const side of SIDES) this.#shapeSide(engine, side, OPENING_BID_TICKS + side, 0);
  }

  waitNs(): number {
    return 1 + Math.floor(this.#random.exponential(MEAN_WAIT_NS));
  }

  act(engine: MatchingEngine): void {
    const moves = this.#coin.bernoulli(HAZARD);
    const up = this.#coin.bernoulli(this.pUp);
    if (moves) this.#move(engine, up ? Side.BID : Side.ASK);
    else this.#noise(engine);
  }

  #move(engine: MatchingEngine, aggressor: BookSide): void {
    const swept = opposite(aggressor);
    const priceTicks = engine.bestTicks(swept);
    this.#moves++;
    this.#drawSigns();
    engine.place(aggressor, priceTicks, engine.bestLots(swept) + this.#freshLots(aggressor, 0));
    this.#shapeSide(engine, aggressor, priceTicks, 1);
    this.#shapeSide(engine, swept, behind(swept, priceTicks, 1), 0);
    shape(engine, aggressor, engine.level(aggressor, DEPTH)!.priceTicks, 0);
  }

  #noise(engine: MatchingEngine): void {
    const random = this.#random;
    const side = SIDES[random.below(2)];
    const depth = random.below(DEPTH);
    const lots = 1 + random.below(MAX_NOISE_ORDER_LOTS);
    const level = engine.level(side, depth)!;
    const above = level.lots - this.#floorLots(side, depth);
    const adds = above < lots || (above + lots <= this.#law.noiseLots && random.bernoulli(0.5));
    if (adds) engine.place(side, level.priceTicks, lots);
    else if (depth === 0 && random.bernoulli(0.5)) engine.take(opposite(side), lots);
    else trim(engine, side, level.priceTicks, lots);
  }

  #drawSigns(): void {
    const law = this.#law;
    this.#s1 = this.#random.bernoulli(0.5) ? 1 : -1;
    this.#s2 = this.#random.bernoulli(0.5) ? 1 : -1;
    if (law.movesPerRegime !== Number.POSITIVE_INFINITY) {
      this.regime = Math.floor(this.#moves / law.movesPerRegime) % 2 === 0 ? 1 : -1;
    }
    this.pUp = 0.5 + law.lean * this.#s1 * (law.signal === 'product' ? this.#s2 : this.regime);
  }

  /** What a queue holds at least. Both sides of a level sum to the same whatever the signs. */
  #floorLots(side: BookSide, depth: number): number {
    const { baseLots, signLots } = this.#law;
    const sign = depth === 0 ? this.#s1 : depth <= LAST_SIGN_DEPTH ? this.#s2 : 0;
    return baseLots + (signLots / 2) * (1 + (side === Side.BID ? sign : -sign));
  }

  #freshLots(side: BookSide, depth: number): number {
    return this.#floorLots(side, depth) + this.#random.below(this.#law.noiseLots + 1);
  }

  #shapeSide(engine: MatchingEngine, side: BookSide, bestTicks: number, from: number): void {
    for (let depth = from; depth < DEPTH; depth++) {
      shape(engine, side, behind(side, bestTicks, depth), this.#freshLots(side, depth));
    }
  }
}
