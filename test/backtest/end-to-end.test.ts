import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_CARRY } from '../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../src/backtest/impact/square-root-impact.ts';
import {
  Backtest,
  type BacktestOptions,
  type BacktestRun,
  createStrategy,
  type LatencyModel,
  runBacktest,
  type Strategy,
  tapeVenue,
} from '../../src/backtest/index.ts';
import { queueModelOf } from '../../src/backtest/queue/queue-model.ts';
import { Random } from '../../src/core/index.ts';
import { Forecaster } from '../../src/forecast/index.ts';
import { copyMessages, type EventBatch, EventFlag, type Instrument, Side } from '../../src/market/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { collect } from '../support/batches.ts';
import { constantLatency, FREE, MS, ToyTape, toyOptions } from './toy-market.ts';

const TARGET = parseTarget('events:10');

const TERMS = { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' } as const;
const LEDGER: BacktestOptions['ledger'] = {
  terms: TERMS,
  fees: { assumption: 'fees: a tenth of a tick a lot', fee: ({ quantityLots }) => quantityLots * 0.001 },
  impact: NO_IMPACT,
  carry: NO_CARRY,
};

/** Latencies that differ from call to call, of seeded streams of their own. */
function jitter(seed: number): LatencyModel {
  const [feed, entry, response] = [1, 2, 3].map((k) => new Random(seed * 10 + k));
  return {
    assumption: 'latency: made up',
    feed: () => feed.below(40) * MS,
    entry: () => entry.below(20) * MS,
    response: () => response.below(20) * MS,
  };
}

/** Trades by the strategy's own dice: quotes at the touch, moves and cancels them, and takes now and then. */
function dicer(seed: number): Strategy {
  const random = new Random(seed);
  return {
    name: 'dicer',
    onMarket: (broker) => {
      if (!broker.trusted || !random.bernoulli(0.05)) return;
      const side = random.bernoulli(0.5) ? Side.BID : Side.ASK;
      const touch = side === Side.BID ? broker.book.bestBidTicks : broker.book.bestAskTicks;
      const type = random.bernoulli(0.1) ? 'market' : 'limit';
      broker.place({ side, type, priceTicks: touch, quantityLots: 1 + random.below(5) });
      for (const order of broker.orders) {
        const dice = random.below(10);
        if (dice === 0) broker.cancel(order.id);
        else if (dice === 1) broker.replace(order.id, touch, 2);
      }
      if (random.bernoulli(0.2)) broker.wakeAt(broker.nowNs + random.below(100) * MS);
    },
    onTimer: (broker) => {
      const [order] = broker.orders;
      if (order !== undefined) broker.cancel(order.id);
    },
  };
}

async function tape(messages: number, seed = 1): Promise<{ instrument: Instrument; batches: EventBatch[] }> {
  const source = openSim({ mode: 'realistic', seed, messages });
  return { instrument: source.instrument, batches: await collect(source.batches()) };
}

const MAKER: Parameters<typeof createStrategy>[0] = {
  kind: 'maker',
  signal: 'forecast',
  skewTicks: 1,
  quotes: 'glft',
  riskAversion: 0.01,
  horizonSeconds: 10,
  quantityLots: 1,
  maxPositionLots: 5,
  toleranceTicks: 0,
  requote: 'replace',
  start: 'wait',
  halfLifeSeconds: 60,
};

type Parts = Partial<BacktestOptions>;

function play(instrument: Instrument, batches: readonly EventBatch[], parts: Parts = {}): BacktestRun {
  const backtest = new Backtest({
    instrument,
    origin: 'simulated',
    strategy: dicer(1),
    venue: tapeVenue(queueModelOf('rigtorp')),
    latency: jitter(1),
    ledger: LEDGER,
    risk: null,
    forecast: null,
    ...parts,
  });
  for (const batch of batches) backtest.apply(batch);
  return backtest.finish();
}

/** The same messages in batches of other lengths. */
function cut(batches: readonly EventBatch[], every: readonly number[]): EventBatch[] {
  const pieces: EventBatch[] = [];
  let k = 0;
  for (const batch of batches) {
    let from = 0;
    let left = every[k++ % every.length];
    for (let i = 0; i < batch.length; i++) {
      if ((batch.flags[i] & EventFlag.MESSAGE_END) === 0 || --left > 0) continue;
      pieces.push(copyMessages(batch, from, i + 1));
      from = i + 1;
      left = every[k++ % every.length];
    }
    if (from < batch.length) pieces.push(copyMessages(batch, from, batch.length));
  }
  return pieces;
}

describe('a run on the simulated venue', () => {
  it('places orders that fill, and its account adds up to the cent', async () => {
    const { instrument, batches } = await tape(6000);
    const run = play(instrument, batches);
    expect(run.ended).toBe(null);
    expect(run.orders.length).toBeGreaterThan(100);
    expect(run.fills.some(({ maker }) => maker)).toBe(true);
    expect(run.fills.some(({ maker }) => !maker)).toBe(true);
    const { gross, fees, funding, borrow, impact, net } = run.totals;
    expect(gross - fees - funding - borrow - impact).toBeCloseTo(net, 9);
    // Cash paid and received, and what is held at the last mid.
    let cash = 0;
    let held = 0;
    for (const { side, priceTicks, quantityLots } of run.fills) {
      const signed = side === Side.BID ? quantityLots : -quantityLots;
      held += signed;
      cash -= signed * priceTicks * 0.01;
    }
    const last = run.equity.at(-1)!;
    expect(last.positionLots).toBe(held);
    expect(gross).toBeCloseTo(cash + held * last.midTicks * 0.01, 6);
    for (const order of run.orders) {
      const filled = run.fills.filter(({ orderId }) => orderId === order.id);
      expect(filled.reduce((sum, { quantityLots }) => sum + quantityLots, 0)).toBe(order.filledLots);
      for (const { exchangeNs, localNs } of filled) {
        expect(exchangeNs).toBeGreaterThanOrEqual(order.arrivedNs);
        expect(localNs).toBeGreaterThanOrEqual(exchangeNs);
      }
    }
  });

  it('is the same, bit for bit, however the tape is cut into batches', async () => {
    const { instrument, batches } = await tape(1500);
    for (const by of ['orders', 'levels'] as const) {
      const venue = tapeVenue(queueModelOf('rigtorp'), by);
      const whole = play(instrument, batches, { venue });
      expect(whole.fills.length).toBeGreaterThan(10);
      const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
      fc.assert(
        fc.property(lengths, (every) => {
          const other = play(instrument, cut(batches, every), { venue });
          expect(other.hash).toBe(whole.hash);
          expect(other.equity).toEqual(whole.equity);
          expect(other.fills).toEqual(whole.fills);
        }),
        { numRuns: 15 },
      );
    }
  });

  it('differs where the latency does', async () => {
    const { instrument, batches } = await tape(1500);
    expect(play(instrument, batches, { latency: jitter(2) }).hash).not.toBe(play(instrument, batches).hash);
  });

  it('runs the market maker on forecasts, end to end', async () => {
    const source = openSim({ mode: 'oracle', seed: 3, messages: 6000 });
    const shares: number[] = [];
    const run = await runBacktest(
      source,
      {
        strategy: createStrategy(MAKER, 1),
        venue: tapeVenue(queueModelOf('risk-averse')),
        latency: constantLatency(MS, MS, MS),
        ledger: LEDGER,
        risk: null,
        forecast: { target: TARGET },
      },
      { onProgress: (share) => shares.push(share) },
    );
    expect(run.ended).toBe(null);
    expect(run.orders.length).toBeGreaterThan(20);
    expect(run.fills.length).toBeGreaterThan(0);
    expect(run.messages).toBe(6000);
    expect(run.notes).toEqual(source.notes);
    expect(shares.length).toBeGreaterThan(10);
    expect(run.assumptions).toHaveLength(7);
  });
});

describe('forecasts in a run', () => {
  it('are those of a forecaster alone, bit for bit, when the feed is delayed by a constant', async () => {
    const { instrument, batches } = await tape(2000);
    const alone = new Forecaster(instrument, TARGET);
    for (const batch of batches) alone.apply(batch);
    const backtest = new Backtest({
      ...toyOptions({}, constantLatency(37 * MS, 0, 0)).options,
      instrument,
      forecast: { target: TARGET },
    });
    for (const batch of cut(batches, [7, 1, 30])) backtest.apply(batch);
    backtest.finish();
    expect(backtest.forecaster?.decisions).toBe(alone.decisions);
    expect(backtest.forecaster?.hash()).toEqual(alone.hash());
  });

  it('are made when the burst is over on our clock, not with the next message, and are the same', () => {
    // A burst ends after 10 ms of quiet. Messages of 0 and 4 ms are one, that of 100 ms another. Received 50 ms later by a clock of its own; they reach us
    // 3 ms after they happened. So the first burst is over at 4 + 3 + 10 = 17 ms.
    const instrument = { ...toyOptions({}, constantLatency(0, 0, 0)).options.instrument, burstQuietNs: 10 * MS };
    const told: string[] = [];
    const { options } = toyOptions(
      {
        onForecast: (broker, { sequence, index }) =>
          void told.push(`${broker.nowNs / MS}: ${index}, as of ${sequence}`),
      },
      constantLatency(3 * MS, 0, 0),
      { instrument, forecast: { target: TARGET } },
    );
    const messages = new ToyTape();
    messages.snapshot(0, 99, 101, 50 * MS).level(4 * MS, Side.BID, 98, 1, 54 * MS);
    messages.level(100 * MS, Side.BID, 97, 1, 150 * MS).level(200 * MS, Side.BID, 97, 2, 250 * MS);
    const batch = messages.batch();
    const backtest = new Backtest(options);
    backtest.apply(batch);
    backtest.finish();
    expect(told).toEqual(['17: 0, as of 2', '113: 1, as of 3']);
    const alone = new Forecaster(instrument, TARGET);
    alone.apply(batch);
    expect(backtest.forecaster?.hash()).toEqual(alone.hash());
  });

  it('wait for the recording where it saw no quiet, whatever our clock says', () => {
    // The venue's times lie 20 ms apart, and both were received within 2 ms: one burst, as recorded.
    const instrument = { ...toyOptions({}, constantLatency(0, 0, 0)).options.instrument, burstQuietNs: 10 * MS };
    const told: number[] = [];
    const { options } = toyOptions(
      { onForecast: (broker) => void told.push(broker.nowNs / MS) },
      constantLatency(0, 0, 0),
      { instrument, forecast: { target: TARGET } },
    );
    const batch = new ToyTape()
      .snapshot(0, 99, 101, 50 * MS)
      .level(20 * MS, Side.BID, 98, 1, 52 * MS)
      .level(100 * MS, Side.BID, 97, 1, 150 * MS)
      .batch();
    const backtest = new Backtest(options);
    backtest.apply(batch);
    backtest.finish();
    expect(told).toEqual([30]);
  });

  it('end a strategy that throws at one, and go on', async () => {
    const { instrument, batches } = await tape(300);
    const strategy: Strategy = {
      name: 'fails',
      onForecast: () => {
        throw new Error('boom');
      },
    };
    const run = play(instrument, batches, { strategy, forecast: { target: TARGET } });
    expect(run.ended).toBe('onForecast threw: boom');
    expect(run.messages).toBe(300);
  });
});

describe('runBacktest', () => {
  const parts = (): Omit<BacktestOptions, 'instrument' | 'origin'> => {
    const { strategy, latency } = toyOptions({}, constantLatency(0, 0, 0)).options;
    const venue = tapeVenue(queueModelOf('rigtorp'), 'levels');
    return { strategy, latency, venue, ledger: FREE, risk: null, forecast: null };
  };

  it('stops where it is told to', async () => {
    const abort = new AbortController();
    const source = openSim({ mode: 'realistic', seed: 1 });
    const stop = { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) };
    await expect(runBacktest(source, parts(), stop)).rejects.toThrow('enough');
  });

  it('throws at a tape without messages, and at one without trades for a queue model that needs them', async () => {
    const { instrument } = toyOptions({}, constantLatency(0, 0, 0)).options;
    const source = (batches: EventBatch[]): Parameters<typeof runBacktest>[0] => ({
      instrument,
      origin: 'recorded',
      counts: { messages: 0, unparsable: 0, bytesRead: 1, bytesTotal: 2 },
      notes: [],
      verifier: () => null,
      async *batches() {
        yield* batches;
      },
    });
    await expect(runBacktest(source([]), parts())).rejects.toThrow('test:TOY: the tape has no message');
    const quiet = new ToyTape().snapshot(0, 99, 101).level(1, Side.BID, 98, 1).batch();
    await expect(runBacktest(source([quiet]), parts())).rejects.toThrow('the tape has no trades');
  });
});
