import { assert, NS_PER_MS } from '../../core/index.ts';

/** How long the venue's messages take to us. The part of a `LatencyModel` that is about the feed. */
export interface FeedDelay {
  readonly assumption: string;
  /** Where every message takes equally long: nobody need ask for each. */
  readonly constantNs?: number;
  feed(tsEventNs: number, tsRecvNs: number): number;
}

export class ConstantFeed implements FeedDelay {
  readonly assumption: string;
  readonly constantNs: number;

  constructor(ns: number) {
    assert(ns >= 0 && Number.isFinite(ns), 'a delay is at least 0');
    this.constantNs = ns;
    this.assumption = `feed: ${ns / NS_PER_MS} ms`;
  }

  feed(): number {
    return this.constantNs;
  }
}

/**
 * As recorded: `tsRecv − tsEvent`, less the least of it so far, plus a stated floor. The two times are of two clocks, whose difference is not known: the least
 * difference so far stands for it, and the floor for how long the fastest message really took. Nothing later than the message is used. A recorder whose clock is set back
 * gives a new least; one whose clock runs ahead of the venue's makes messages seem slower as the run goes on.
 */
export class RecordedFeed implements FeedDelay {
  readonly assumption: string;
  readonly #floorNs: number;
  #leastNs = Number.POSITIVE_INFINITY;

  constructor(floorNs: number) {
    assert(floorNs >= 0 && Number.isFinite(floorNs), 'a delay is at least 0');
    this.#floorNs = floorNs;
    this.assumption = `feed: as recorded, less the least difference of the two clocks so far, plus ${floorNs / NS_PER_MS} ms`;
  }

  feed(tsEventNs: number, tsRecvNs: number): number {
    const difference = tsRecvNs - tsEventNs;
    if (difference < this.#leastNs) this.#leastNs = difference;
    return difference - this.#leastNs + this.#floorNs;
  }
}
