import { describe, expect, it } from 'vitest';
import { Backtest, type BacktestRun, MARKOUT_NS, type Strategy } from '../../../src/backtest/index.ts';
import {
  BookSync,
  copyMessages,
  type EventBatch,
  type Instrument,
  LadderBook,
  messageEnd,
  Side,
  SyncState,
} from '../../../src/market/index.ts';
import { constantLatency, MS, ToyTape, toyOptions } from '../toy-market.ts';
import { MAKER, play, simTape, TAKER } from './sim-tape.ts';

const FEED_NS = 3 * MS;
const latency = constantLatency(FEED_NS, MS, MS);

/** The mid after each message, by a loop that knows nothing of the engine. */
function midsOf(instrument: Instrument, batches: readonly EventBatch[]): { ns: number[]; mid: number[] } {
  const book = new LadderBook();
  const sync = new BookSync(instrument, book);
  const ns: number[] = [];
  const mid: number[] = [];
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      sync.applyMessage(batch, from, to);
      ns.push(batch.tsEventNs[from]);
      mid.push(sync.state === SyncState.SYNCED ? book.mid : Number.NaN);
      from = to;
    }
  }
  return { ns, mid };
}

/** Place of the last of `ns` at or before `at`; −1 before the first. */
function lastAt(ns: readonly number[], at: number): number {
  return ns.findLastIndex((value) => value <= at);
}

/** The first `messages` of the tape. */
function cut(batches: readonly EventBatch[], messages: number): EventBatch[] {
  const kept: EventBatch[] = [];
  let left = messages;
  for (const batch of batches) {
    let to = 0;
    while (to < batch.length && left > 0) {
      to = messageEnd(batch, to);
      left--;
    }
    if (to > 0) kept.push(copyMessages(batch, 0, to));
  }
  return kept;
}

describe('rivals’ fault: nearest-time joins into the future', () => {
  it('a strategy sees the forecast and the mid of messages that have reached it, never of nearer later ones', async () => {
    const tape = await simTape('realistic', 5, 3000);
    const { ns, mid } = midsOf(tape.instrument, tape.batches);
    const startNs = 0;
    let [forecasts, looks] = [0, 0];
    const watcher: Strategy = {
      name: 'watcher',
      onForecast: (broker, { tsEventNs, abstained }) => {
        if (abstained !== null) return;
        forecasts++;
        expect(tsEventNs + FEED_NS).toBeLessThanOrEqual(broker.nowNs - startNs);
      },
      onMarket: (broker) => {
        if (!broker.trusted) return;
        looks++;
        expect(broker.book.mid).toBe(mid[lastAt(ns, broker.nowNs - FEED_NS)]);
      },
    };
    const run = play(tape, watcher, { latency });
    expect(run.ended).toBe(null);
    expect(forecasts).toBeGreaterThan(1000);
    expect(looks).toBeGreaterThan(1000);
  });

  it('a run on the beginning of a tape is the beginning of the run on all of it', async () => {
    const tape = await simTape('realistic', 6, 3000);
    for (const config of [{ ...MAKER, signal: 'forecast' } as const, { ...TAKER, signal: 'forecast' } as const]) {
      const whole = play(tape, config, { latency });
      expect(whole.fills.length).toBeGreaterThan(10);
      for (const messages of [700, 1500, 2300]) {
        const batches = cut(tape.batches, messages);
        const part = play({ ...tape, batches }, config, { latency });
        const endNs = part.endNs;
        const before = (run: BacktestRun) => run.fills.filter(({ exchangeNs }) => exchangeNs < endNs);
        const facts = (run: BacktestRun) =>
          before(run).map(({ orderId, priceTicks, quantityLots, exchangeNs }) => [
            orderId,
            priceTicks,
            quantityLots,
            exchangeNs,
          ]);
        expect(facts(part)).toEqual(facts(whole));
        const sent = (run: BacktestRun) =>
          run.orders
            .filter(({ sentNs }) => sentNs < endNs)
            .map(({ side, priceTicks, sentNs }) => [side, priceTicks, sentNs]);
        expect(sent(part)).toEqual(sent(whole));
      }
    }
  });

  it('a markout is the mid of the last message at or before its time, not of the nearest', () => {
    // Bought at 101 at 1 ms, around 100. The mid is 103 from 11.1 ms on: 10 ms after the fill, at 11 ms, it is still 100, though the message at 11.1 ms is nearer than that
    // of 0 ms. 100 ms after the fill it is 103; a second after it the tape has ended.
    const { options } = toyOptions(
      {
        onStart: (broker) => broker.wakeAt(MS),
        onTimer: (broker) => broker.place({ side: Side.BID, type: 'market', priceTicks: 0, quantityLots: 1 }),
      },
      constantLatency(0, 0, 0),
    );
    const backtest = new Backtest(options);
    const tape = new ToyTape().snapshot(0, 99, 101).move(11.1 * MS, [99, 101], [102, 104]);
    backtest.apply(tape.level(500 * MS, Side.BID, 90, 1).batch());
    const [fill] = backtest.finish().fills;
    expect([fill.exchangeNs, fill.priceTicks, fill.midTicks]).toEqual([MS, 101, 100]);
    expect([...fill.laterMidTicks]).toEqual([100, 103, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('all markouts of a run are those of a loop that looks back', async () => {
    const tape = await simTape('realistic', 7, 3000);
    const { ns, mid } = midsOf(tape.instrument, tape.batches);
    const run = play(tape, { ...TAKER, signal: 'forecast' }, { latency });
    expect(run.fills.length).toBeGreaterThan(10);
    for (const { exchangeNs, midTicks, laterMidTicks } of run.fills) {
      expect(midTicks).toBe(mid[lastAt(ns, exchangeNs)]);
      MARKOUT_NS.forEach((afterNs, h) => {
        const at = exchangeNs + afterNs;
        expect(laterMidTicks[h]).toBe(at > run.endNs ? Number.NaN : mid[lastAt(ns, at)]);
      });
    }
  });
});
