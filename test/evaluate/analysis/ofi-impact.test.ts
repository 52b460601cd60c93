import { describe, expect, it } from 'vitest';
import { FlowRecorder, flowWindows, ofiImpact } from '../../../src/evaluate/analysis/ofi-impact.ts';
import type { EventBatch } from '../../../src/market/index.ts';
import { openLobster } from '../../../src/venues/lobster/index.ts';
import {
  ask,
  bid,
  delta,
  disconnect,
  instrumentOf,
  type Message,
  snapshot,
  toBatch,
} from '../../features/random-market.ts';
import { dataPath, needs } from '../../support/data.ts';

async function* once(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

const SECOND = 1e9;
const BOOK = [bid(100, 10), bid(99, 5), ask(102, 8), ask(103, 4)];

describe('flowWindows', () => {
  it('sums the flow of every message and takes the mid at both ends of a window', async () => {
    const messages: Message[] = [
      snapshot(0, BOOK),
      // Window 0 opens at the snapshot, before which nothing was known: it is left out.
      delta(0.5 * SECOND, [bid(100, 12)]),
      // Window 1, [1 s, 2 s): mid 101 at its start.
      delta(1.1 * SECOND, [bid(100, 15)]), // touch: +3
      delta(1.6 * SECOND, [ask(102, 2)]), // touch: +6
      delta(1.9 * SECOND, [bid(101, 7), bid(99, 6)]), // a better bid of 7: +7; level 2 was 99 with 5 and is now 100 with 15: +15
      // Window 2 and 3 are quiet, window 4 begins: mid 101.5.
      delta(4.2 * SECOND, [ask(103, 1)]), // level 2 of the ask, 4 to 1: +3
      delta(5.0 * SECOND, [ask(102, 0)]), // after window 4
    ];
    const [windows] = await flowWindows(instrumentOf(), once(toBatch(messages)), [1]);
    expect([...windows.moveTicks]).toEqual([0.5, 0, 0, 0]);
    expect([...windows.flowLots[0]]).toEqual([16, 0, 0, 0]);
    expect([...windows.flowLots[1]]).toEqual([15, 0, 0, 3]);
    expect(windows.flowLots.length).toBe(10);
  });

  it('leaves out the windows in which the book was lost, until it is known again at a start', async () => {
    const step = (seconds: number, lots: number): Message => delta(seconds * SECOND, [bid(100, lots)]);
    const messages: Message[] = [
      snapshot(0, BOOK),
      step(1.2, 11),
      disconnect(2.5 * SECOND),
      snapshot(4.5 * SECOND, BOOK),
      step(5.5, 13),
      step(6.5, 14),
    ];
    const [windows] = await flowWindows(instrumentOf(), once(toBatch(messages)), [1]);
    // Window 1 and window 5: 2 was lost in, 3 had no book, 4 found one only in its middle; 6 is cut off by the end.
    expect([...windows.flowLots[0]]).toEqual([1, 3]);
  });

  it('numbers half hours', () => {
    const recorder = new FlowRecorder(600, 1);
    for (let k = 0; k <= 7; k++) recorder.moveTo(k * 600 * SECOND, 100 + k);
    expect([...recorder.windows().period]).toEqual([0, 0, 0, 1, 1, 1, 2]);
    expect([...recorder.windows().moveTicks]).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });
});

describe('ofiImpact', () => {
  it('explains all of a move that is a multiple of the flow, in sample and out of it', () => {
    const flow = Float64Array.from({ length: 90 }, (_, i) => ((i * 37) % 19) - 9);
    const deep = Float64Array.from({ length: 90 }, (_, i) => ((i * 11) % 7) - 3);
    const period = Int32Array.from({ length: 90 }, (_, i) => Math.floor(i / 45));
    const found = ofiImpact({ seconds: 10, moveTicks: flow.map((x) => 0.5 * x), flowLots: [flow, deep], period });
    expect(found.touch.slopes[0]).toBeCloseTo(0.5, 12);
    expect(found.touch.r2).toBeCloseTo(1, 12);
    expect(found.byPeriod!.periods).toBe(2);
    expect(found.byPeriod!.r2).toBeCloseTo(1, 12);
    expect(found.outOfSample.levels).toBeCloseTo(1, 12);
  });

  it('does not take what deeper levels tell for the touch', () => {
    const flow = Float64Array.from({ length: 90 }, (_, i) => ((i * 37) % 19) - 9);
    const deep = Float64Array.from({ length: 90 }, (_, i) => ((i * 11) % 7) - 3);
    const found = ofiImpact({ seconds: 1, moveTicks: deep, flowLots: [flow, deep], period: new Int32Array(90) });
    expect(found.touch.r2).toBeLessThan(0.05);
    expect(found.levels!.r2).toBeCloseTo(1, 12);
    // A sign that is not sure reaches down to nothing.
    expect(found.interval).toMatchObject({ low: 0 });
  });

  it('has no regression on ten levels for thirty windows', () => {
    const flow = Float64Array.from({ length: 30 }, (_, i) => ((i * 37) % 19) - 9);
    const found = ofiImpact({
      seconds: 10,
      moveTicks: flow.map((x, i) => x + (i % 3)),
      flowLots: new Array<Float64Array>(10).fill(flow),
      period: new Int32Array(30),
    });
    expect(found.touch.r2).toBeGreaterThan(0.9);
    expect(found).toMatchObject({ levels: null, outOfSample: { levels: Number.NaN } });
  });

  it('says how many windows there are where they are too few', () => {
    const few = {
      seconds: 10,
      moveTicks: new Float64Array(19),
      flowLots: Array.from({ length: 10 }, () => new Float64Array(19)),
      period: new Int32Array(19),
    };
    expect(() => ofiImpact(few)).toThrow('19 whole windows of 10 s are too few to compare');
  });

  const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
  it.skipIf(dataPath(GOOG) === null)(
    `explains about as much of GOOG within half hours as before${needs(GOOG)}`,
    async () => {
      const source = await openLobster({ paths: [dataPath(GOOG)!] });
      const [windows] = await flowWindows(source.instrument, source.batches({ lend: true }), [10]);
      const found = ofiImpact(windows);
      expect(found.byPeriod!.periods).toBe(13);
      expect(found.byPeriod!.r2).toBeGreaterThan(0.38);
      expect(found.byPeriod!.r2).toBeLessThan(0.45);
      expect(found.levels!.r2).toBeGreaterThan(found.touch.r2);
      expect(found.interval!.low).toBeLessThan(found.touch.r2);
      expect(found.interval!.high).toBeGreaterThan(found.touch.r2);
    },
  );
});
