import { NS_PER_MS, type Random } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { type BookSide, behind, DEPTH, type Flow, OPENING_BID_TICKS, opposite, SIDES, shape, trim } from './flow.ts';
import type { MatchingEngine } from './matching-engine.ts';
import { raceUp } from './queue-race.ts';

/** Both best queues are drawn afresh after a move, each uniform on 1 … this many lots. */
const MAX_FRESH_LOTS = 6;
/** A race with a queue longer than this is decided at once. */
const LONGEST_LOTS = 16;
/** Levels behind the best that come into view are uniform on 1 … this many lots, and then rest. */
const MAX_DEEP_LOTS = 16;
const MEAN_WAIT_NS = 10 * NS_PER_MS;

/**
 * Mode `oracle`: the queue race of Cont and de Larrard (2013) with balanced flows. The spread is always one tick. Each
 * message adds a lot to or takes a lot from the best bid or the best ask, all four with probability ¼; a lot is taken by
 * a market order or by a cancellation, evenly, which the race does not notice. When a queue empties, the price moves one
 * tick that way and both best queues are drawn afresh, all in the same message. In the paper a race has no mean length;
 * here one in which a queue would outgrow 16 lots is decided at once by a coin with the race's own probability, and
 * a sweep empties the loser. Because that probability is a martingale along the race, stopping it so changes none of its
 * earlier values: given the whole past, the next move is upward with probability `raceUp(bid, ask)`, exactly.
 * Nothing else in the book or in time matters.
 *
 * From the paper: the race and its probability. Chosen here: where it is stopped, the law of the fresh queues, the sizes
 * behind the best (they carry nothing), and exponential waiting times of 10 ms mean, independent of everything.
 */
export class QueueFlow implements Flow {
  readonly regime = 0;
  pUp = Number.NaN;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  open(engine: MatchingEngine): void {
    for (const side of SIDES) {
      for (let depth = 0; depth < DEPTH; depth++) {
        const lots = 1 + this.#random.below(depth === 0 ? MAX_FRESH_LOTS : MAX_DEEP_LOTS);
        engine.place(side, behind(side, OPENING_BID_TICKS + side, depth), lots);
      }
    }
    this.#settle(engine);
  }

  waitNs(): number {
    return 1 + Math.floor(this.#random.exponential(MEAN_WAIT_NS));
  }

  act(engine: MatchingEngine): void {
    const draw = this.#random.below(8);
    const side: BookSide = (draw & 1) === 0 ? Side.BID : Side.ASK;
    const best = engine.bestTicks(side);
    if ((draw & 2) === 0) {
      if (engine.bestLots(side) === LONGEST_LOTS) this.#decide(engine, side);
      else engine.place(side, best, 1);
    } else {
      const last = engine.bestLots(side) === 1;
      if ((draw & 4) === 0) engine.take(opposite(side), 1);
      else trim(engine, side, best, 1);
      if (last) this.#move(engine, side, best);
    }
    this.#settle(engine);
  }

  /** `side` would grow beyond the longest queue: the state it would reach says how the coin falls. */
  #decide(engine: MatchingEngine, side: BookSide): void {
    const bidLots = engine.bestLots(Side.BID) + (side === Side.BID ? 1 : 0);
    const askLots = engine.bestLots(Side.ASK) + (side === Side.ASK ? 1 : 0);
    const loser = this.#random.bernoulli(raceUp(bidLots, askLots)) ? Side.ASK : Side.BID;
    this.#move(engine, loser, engine.bestTicks(loser));
  }

  /** `side` loses what is left of its best queue, and that price becomes the best of the other side. */
  #move(engine: MatchingEngine, side: BookSide, priceTicks: number): void {
    const other = opposite(side);
    engine.place(other, priceTicks, engine.lotsAt(side, priceTicks) + 1 + this.#random.below(MAX_FRESH_LOTS));
    shape(engine, side, engine.bestTicks(side), 1 + this.#random.below(MAX_FRESH_LOTS));
    const furthest = engine.level(side, DEPTH - 2)!.priceTicks;
    engine.place(side, behind(side, furthest, 1), 1 + this.#random.below(MAX_DEEP_LOTS));
    shape(engine, other, engine.level(other, DEPTH)!.priceTicks, 0);
  }

  #settle(engine: MatchingEngine): void {
    this.pUp = raceUp(engine.bestLots(Side.BID), engine.bestLots(Side.ASK));
  }
}
