/** What a step does with a side. */
export const Task = {
  /** Nothing: its levels before are those of now already. */
  REST: 0,
  /** The message left it alone: its levels before become those of now. */
  AGE: 1,
  /** The levels in `next` become those of now, and those of now become those before. */
  RENEW: 2,
} as const;
export type Task = (typeof Task)[keyof typeof Task];

/** Book messages over which the flow of a level fades. */
export const FLOW_MEMORY = 10;
/** What a message leaves of it. */
export const FLOW_KEEP = Math.exp(-1 / FLOW_MEMORY);

/** Addresses of one side's arrays. */
export interface SidePlace {
  readonly nextTicks: number;
  readonly ticks: number;
  readonly oldTicks: number;
  readonly nextLots: number;
  readonly lots: number;
  readonly oldLots: number;
  readonly sumLots: number;
  readonly sumReach: number;
}

/** Addresses of all arrays of a view. Each fills whole words of 16 bytes, and what stands behind its levels is always 0. */
export interface ViewPlace {
  readonly bid: SidePlace;
  readonly ask: SidePlace;
  readonly flowLots: number;
  readonly fadedLots: number;
  readonly totalLots: number;
  readonly bytes: number;
}

export function viewPlace(depth: number): ViewPlace {
  const ticks = 16 * Math.ceil(depth / 4);
  const lots = 16 * Math.ceil(depth / 2);
  let bytes = 0;
  const take = (size: number): number => {
    bytes += size;
    return bytes - size;
  };
  const side = (): SidePlace => ({
    ...{ nextTicks: take(ticks), ticks: take(ticks), oldTicks: take(ticks) },
    ...{ nextLots: take(lots), lots: take(lots), oldLots: take(lots) },
    ...{ sumLots: take(lots), sumReach: take(lots) },
  });
  const sides = { bid: side(), ask: side() };
  return { ...sides, flowLots: take(lots), fadedLots: take(lots), totalLots: take(8), bytes };
}

/** One side's arrays, best level first (`MarketView`). */
export class SideMemory {
  /** The levels to come, for whoever reads them out of the book. */
  readonly nextTicks: Int32Array;
  readonly nextLots: Float64Array;
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
  readonly oldTicks: Int32Array;
  readonly oldLots: Float64Array;
  readonly sumLots: Float64Array;
  readonly sumReach: Float64Array;

  constructor(buffer: ArrayBuffer, place: SidePlace, depth: number) {
    this.nextTicks = new Int32Array(buffer, place.nextTicks, depth);
    this.nextLots = new Float64Array(buffer, place.nextLots, depth);
    this.ticks = new Int32Array(buffer, place.ticks, depth);
    this.lots = new Float64Array(buffer, place.lots, depth);
    this.oldTicks = new Int32Array(buffer, place.oldTicks, depth);
    this.oldLots = new Float64Array(buffer, place.oldLots, depth);
    this.sumLots = new Float64Array(buffer, place.sumLots, depth);
    this.sumReach = new Float64Array(buffer, place.sumReach, depth);
  }

  /** No level at all; one that does not exist lies at `absentTicks`. */
  clear(absentTicks: number): void {
    this.ticks.fill(absentTicks);
    this.oldTicks.fill(absentTicks);
    this.lots.fill(0);
    this.oldLots.fill(0);
    this.sumLots.fill(0);
    this.sumReach.fill(0);
  }
}

/**
 * All arrays of a view, in one block that never moves: code that reads them is compiled with their addresses in it, and a kernel
 * in WebAssembly works on the same bytes.
 */
export class ViewMemory {
  readonly bid: SideMemory;
  readonly ask: SideMemory;
  /** By level: the last message's flow, and its sum that fades over `FLOW_MEMORY` messages. */
  readonly flowLots: Float64Array;
  readonly fadedLots: Float64Array;
  /** The last message's flow over all levels: one number. */
  readonly totalLots: Float64Array;

  constructor(buffer: ArrayBuffer, depth: number) {
    const place = viewPlace(depth);
    this.bid = new SideMemory(buffer, place.bid, depth);
    this.ask = new SideMemory(buffer, place.ask, depth);
    this.flowLots = new Float64Array(buffer, place.flowLots, depth);
    this.fadedLots = new Float64Array(buffer, place.fadedLots, depth);
    this.totalLots = new Float64Array(buffer, place.totalLots, 1);
  }

  clearFlows(): void {
    this.flowLots.fill(0);
    this.fadedLots.fill(0);
    this.totalLots.fill(0);
  }

  /**
   * What a book message does to the arrays: levels, running sums, flows. Prices and sizes are whole numbers, so their sums are exact in
   * whatever order they are taken; only fading rounds, once a product and once a sum. Returns 1 where the best bid changed, plus 2 where the
   * best ask did: its price or its size.
   */
  step(bid: Task, ask: Task): number {
    const { flowLots, fadedLots, totalLots } = this;
    flowLots.fill(0);
    const bidTouch = moveSide(this.bid, 1, bid, flowLots);
    const askTouch = moveSide(this.ask, -1, ask, flowLots);
    let total = 0;
    for (let m = 0; m < flowLots.length; m++) {
      fadedLots[m] = fadedLots[m] * FLOW_KEEP + flowLots[m];
      total += flowLots[m];
    }
    totalLots[0] = total;
    return Number(bidTouch) + 2 * Number(askTouch);
  }
}

/** `sign` is 1 for bids and −1 for asks: sign × price falls from level to level. True where the best level changed. */
function moveSide(side: SideMemory, sign: number, task: Task, flowLots: Float64Array): boolean {
  if (task === Task.REST) return false;
  const { nextTicks, nextLots, ticks, lots, oldTicks, oldLots, sumLots, sumReach } = side;
  oldTicks.set(ticks);
  oldLots.set(lots);
  if (task === Task.AGE) return false;
  ticks.set(nextTicks);
  lots.set(nextLots);
  let sum = 0;
  let reach = 0;
  for (let m = 0; m < ticks.length; m++) {
    const better = sign * (ticks[m] - oldTicks[m]);
    flowLots[m] += sign * ((better >= 0 ? lots[m] : 0) - (better <= 0 ? oldLots[m] : 0));
    sum += lots[m];
    // The product of an absent level is 0: it is far away, but its size is 0.
    reach += lots[m] * (sign * (ticks[0] - ticks[m]));
    sumLots[m] = sum;
    sumReach[m] = reach;
  }
  return ticks[0] !== oldTicks[0] || lots[0] !== oldLots[0];
}
