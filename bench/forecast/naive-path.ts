import { systemClock } from '../../src/core/index.ts';
import { BurstClock } from '../../src/features/index.ts';
import { priceStep } from '../../src/market/index.ts';
import type { StageTimes } from './staged-path.ts';
import type { RawStream } from './streams.ts';

type Levels = readonly (readonly [price: string, size: string])[];
interface Diff {
  readonly data: { readonly b: Levels; readonly a: Levels };
}
interface Snapshot {
  readonly bids: Levels;
  readonly asks: Levels;
}

const RATE = 0.05;
const HORIZON = 10;

/**
 * What one writes first: `JSON.parse`, a `Map` a side that is looked through for the best price, one signal (the imbalance of the best
 * level), a softmax of it taught by gradient descent ten decisions later, and the mean of that and of the classes' frequencies. It checks
 * no sequence and loses no message here. It decides at the very moments of the other side; returns the mids there, in ticks.
 */
export function runNaive({ instrument, messages }: RawStream, times: StageTimes): number[] {
  const [bids, asks] = [new Map<number, number>(), new Map<number, number>()];
  const clock = new BurstClock(instrument.burstQuietNs);
  const { scale, step } = priceStep(instrument);
  const ticksPerUnit = 10 ** scale / step;
  const weights = [0, 0, 0, 0, 0, 0];
  const counts = [1, 1, 1];
  const waiting: { mid: number; x: number; p: number[] }[] = [];
  const mids: number[] = [];
  const { stages } = times;
  for (const message of messages) {
    const begun = systemClock.monotonicNs();
    const text = message.toString('latin1');
    const space = text.indexOf(' ');
    const line = JSON.parse(text.slice(space + 1)) as Diff | Snapshot;
    const recvNs = Number(text.slice(5, space));
    const decoded = systemClock.monotonicNs();
    const ended = clock.endsBefore(recvNs) && bids.size > 0 && asks.size > 0;
    const mid = ended ? ((best(bids, 1) + best(asks, -1)) * ticksPerUnit) / 2 : Number.NaN;
    const x = ended ? imbalance(bids, asks) : 0;
    const looked = systemClock.monotonicNs();
    const p = ended ? softmax(weights, x) : [];
    const said = systemClock.monotonicNs();
    if (ended) pool(p, counts);
    const combined = systemClock.monotonicNs();
    if (ended) {
      waiting.push({ mid, x, p });
      if (waiting.length > HORIZON) learn(waiting.shift()!, mid, weights, counts);
    }
    const updated = systemClock.monotonicNs();
    apply(bids, 'data' in line ? line.data.b : line.bids);
    apply(asks, 'data' in line ? line.data.a : line.asks);
    const applied = systemClock.monotonicNs();
    if (!ended) continue;
    mids.push(Math.round(2 * mid) / 2);
    stages.decode.push(decoded - begun);
    stages['book and features'].push(looked - decoded + applied - updated);
    stages.members.push(said - looked);
    stages.combine.push(combined - said);
    stages.update.push(updated - combined);
    stages['raw bytes to forecast'].push(applied - begun);
    times.labels.push(updated - combined);
  }
  return mids;
}

function apply(side: Map<number, number>, levels: Levels): void {
  for (const [price, size] of levels) {
    if (Number(size) === 0) side.delete(Number(price));
    else side.set(Number(price), Number(size));
  }
}

function best(side: Map<number, number>, sign: number): number {
  let found = -sign * Number.POSITIVE_INFINITY;
  for (const price of side.keys()) if (sign * price > sign * found) found = price;
  return found;
}

function imbalance(bids: Map<number, number>, asks: Map<number, number>): number {
  const bid = bids.get(best(bids, 1)) as number;
  const ask = asks.get(best(asks, -1)) as number;
  return (bid - ask) / (bid + ask);
}

function softmax(weights: readonly number[], x: number): number[] {
  const exps = [0, 1, 2].map((k) => Math.exp(weights[2 * k] + weights[2 * k + 1] * x));
  const sum = exps[0] + exps[1] + exps[2];
  return exps.map((e) => e / sum);
}

function pool(p: readonly number[], counts: readonly number[]): number[] {
  const all = counts[0] + counts[1] + counts[2];
  return p.map((own, k) => (own + counts[k] / all) / 2);
}

function learn(past: { mid: number; x: number; p: number[] }, mid: number, weights: number[], counts: number[]): void {
  const label = 1 + Math.sign(mid - past.mid);
  counts[label]++;
  for (let k = 0; k < 3; k++) {
    const error = (k === label ? 1 : 0) - past.p[k];
    weights[2 * k] += RATE * error;
    weights[2 * k + 1] += RATE * error * past.x;
  }
}
