import { LadderBook, messageEnd, Side } from '../../../src/market/index.ts';
import { openSim, type SimOptions } from '../../../src/venues/sim/index.ts';

/** What a reader of the feed sees after each message, one row a message, and beside it what the simulator knows. */
export interface Observation {
  readonly n: number;
  readonly mid: Float64Array;
  readonly spread: Float64Array;
  readonly tsNs: Float64Array;
  /** (bid − ask) / (bid + ask) of the best level, and of levels 2–4. */
  readonly imbalance: Float64Array;
  readonly deepImbalance: Float64Array;
  /** All lots of the best ten levels of both sides. */
  readonly depth: Float64Array;
  /** Lots bought less lots sold, in this message. */
  readonly tradeFlow: Float64Array;
  /** Order flow imbalance of the best level over this message (Cont, Kukanov and Stoikov 2014). */
  readonly ofi: Float64Array;
  readonly events: Float64Array;
  readonly pUp: Float64Array;
  readonly regime: Float64Array;
}

const DEPTH = 10;
const book = new LadderBook();

export async function observe(options: SimOptions & { messages: number }): Promise<Observation> {
  const n = options.messages;
  const column = (): Float64Array => new Float64Array(n);
  const o = {
    ...{ n, mid: column(), spread: column(), tsNs: column(), imbalance: column(), deepImbalance: column() },
    ...{ depth: column(), tradeFlow: column(), ofi: column(), events: column(), pUp: column(), regime: column() },
  };
  const source = openSim(options);
  book.clear();
  const ticks = [new Int32Array(DEPTH), new Int32Array(DEPTH)];
  const lots = [new Float64Array(DEPTH), new Float64Array(DEPTH)];
  const before = { bid: 0, bidLots: 0, ask: 0, askLots: 0 };
  let row = 0;
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      book.applyRows(batch, from, to);
      for (const side of [Side.BID, Side.ASK]) book.top(side, DEPTH, ticks[side], lots[side]);
      const [bids, asks] = lots;
      const [bid, ask] = [ticks[0][0], ticks[1][0]];
      o.mid[row] = (bid + ask) / 2;
      o.spread[row] = ask - bid;
      o.tsNs[row] = batch.tsEventNs[from];
      o.imbalance[row] = (bids[0] - asks[0]) / (bids[0] + asks[0]);
      const deepBid = bids[1] + bids[2] + bids[3];
      const deepAsk = asks[1] + asks[2] + asks[3];
      o.deepImbalance[row] = (deepBid - deepAsk) / (deepBid + deepAsk);
      for (let i = 0; i < DEPTH; i++) o.depth[row] += bids[i] + asks[i];
      for (let i = from; i < to; i++) {
        if (batch.kind[i] === 4)
          o.tradeFlow[row] += batch.side[i] === Side.ASK ? batch.sizeLots[i] : -batch.sizeLots[i];
      }
      o.events[row] = to - from;
      o.ofi[row] =
        (bid >= before.bid ? bids[0] : 0) -
        (bid <= before.bid ? before.bidLots : 0) -
        (ask <= before.ask ? asks[0] : 0) +
        (ask >= before.ask ? before.askLots : 0);
      if (row === 0) o.ofi[row] = 0;
      Object.assign(before, { bid, bidLots: bids[0], ask, askLots: asks[0] });
      row++;
      from = to;
    }
  }
  row = 0;
  for (const truth of source.truth()) {
    o.pUp[row] = truth.pUp;
    o.regime[row++] = truth.regime;
  }
  if (row !== n) throw new Error(`${row} truth records for ${n} messages`);
  return o;
}

/** One state of an observation and the mid change that came next. */
export interface Stretch {
  /** The row at which the mid arrived at its present value. */
  readonly from: number;
  /** The row at which it left. */
  readonly to: number;
  readonly up: boolean;
}

/** The spells of constant mid, each with the direction of the change that ended it; the unfinished last one is left out. */
export function stretches(o: Observation): Stretch[] {
  const out: Stretch[] = [];
  let from = 0;
  for (let row = 1; row < o.n; row++) {
    if (o.mid[row] === o.mid[row - 1]) continue;
    out.push({ from, to: row, up: o.mid[row] > o.mid[row - 1] });
    from = row;
  }
  return out;
}

/**
 * Score test of one coefficient of a logistic regression at the null that `hits` are independent with the probabilities
 * `p`: standard normal under the null, and its square the gain of a fitted model in twice the log-likelihood.
 */
export function scoreZ(x: readonly number[], hits: readonly boolean[], p: readonly number[]): number {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  let score = 0;
  let information = 0;
  for (let i = 0; i < x.length; i++) {
    const centred = x[i] - mean;
    score += centred * ((hits[i] ? 1 : 0) - p[i]);
    information += centred * centred * p[i] * (1 - p[i]);
  }
  return information === 0 ? 0 : score / Math.sqrt(information);
}

/** (observed − expected) / standard deviation of a count of independent events with the probabilities `p`. */
export function countZ(hits: readonly boolean[], p: readonly number[]): number {
  let excess = 0;
  let variance = 0;
  for (let i = 0; i < hits.length; i++) {
    excess += (hits[i] ? 1 : 0) - p[i];
    variance += p[i] * (1 - p[i]);
  }
  return variance === 0 ? 0 : excess / Math.sqrt(variance);
}
