import { describe, expect, it } from 'vitest';
import { Backtest, type BacktestRun } from '../../src/backtest/index.ts';
import { BookcastError } from '../../src/core/index.ts';
import { type EventBatch, Fault, Side } from '../../src/market/index.ts';
import { constantLatency, FREE, MS, TOY, ToyTape, toyOptions } from './toy-market.ts';

function play(options: ConstructorParameters<typeof Backtest>[0], ...batches: EventBatch[]): BacktestRun {
  const backtest = new Backtest(options);
  for (const batch of batches) backtest.apply(batch);
  return backtest.finish();
}

describe('the clock', () => {
  it('takes small steps back as if they were none, counts them and says so', () => {
    const seen: number[] = [];
    const { options, venue } = toyOptions({ onMarket: (b) => void seen.push(b.nowNs) }, constantLatency(1, 0, 0));
    const tape = new ToyTape().snapshot(0, 99, 101).level(10 * MS, Side.BID, 98, 1);
    tape
      .level(8 * MS, Side.BID, 97, 1)
      .level(9 * MS, Side.BID, 96, 1)
      .level(11 * MS, Side.BID, 95, 1);
    const run = play(options, tape.batch());
    expect(seen).toEqual([1, 10 * MS + 1, 10 * MS + 1, 10 * MS + 1, 11 * MS + 1]);
    expect(venue().log[2]).toBe(`${10 * MS}: message 3`);
    expect(run.notes).toEqual([
      '2 messages carry a venue time before one told already, by 2.000 ms at most; taken as if at the later time.',
    ]);
  });

  it('throws where it goes back by more than five seconds, and names the message', () => {
    const { options } = toyOptions({}, constantLatency(0, 0, 0));
    const tape = new ToyTape().snapshot(9e9, 99, 101).level(3.5e9, Side.BID, 98, 1);
    expect(() => play(options, tape.batch())).toThrow(
      /^test:TOY: the venue time of message 2 \(2024-10-04T00:00:03\.500000000Z\) is 5\.500 s before one that the venue told earlier/,
    );
  });

  it('takes a batch of its own instrument alone, and none after the end', () => {
    const { options } = toyOptions({}, constantLatency(0, 0, 0), {
      instrument: { ...TOY, name: 'OTHER' },
    });
    const batch = new ToyTape().snapshot(0, 99, 101).batch();
    expect(() => play(options, batch)).toThrow(BookcastError);
    const over = new Backtest(toyOptions({}, constantLatency(0, 0, 0)).options);
    over.finish();
    expect(() => over.apply(batch)).toThrow('a run that was finished takes no batch');
  });

  it('makes an empty run of an empty tape', () => {
    const run = play(toyOptions({}, constantLatency(0, 0, 0)).options);
    expect(run).toMatchObject({ messages: 0, startNs: 0, endNs: 0, orders: [], equity: [], totals: { net: 0 } });
  });
});

describe('memory', () => {
  it('holds as many rows as are on the way to us, however long the tape', () => {
    // A row each millisecond, and a message reaches us after 5: those of the last five wait, and the one before, which arrives as the last happens.
    const { options } = toyOptions({}, constantLatency(5 * MS, 0, 0));
    const backtest = new Backtest(options);
    const tape = new ToyTape().snapshot(0, 99, 101);
    let most = 0;
    for (let k = 1; k < 20_000; k++) {
      tape.level(k * MS, Side.BID, 98 - (k % 7), 1 + (k % 3));
      backtest.apply(tape.batch());
      most = Math.max(most, backtest.retained);
    }
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThanOrEqual(8);
    backtest.finish();
    expect(backtest.retained).toBe(0);
  });

  it('holds nothing of a batch that has reached us, and reads nothing of a lent one later', () => {
    const seen: string[] = [];
    const { options } = toyOptions(
      { onMarket: (b, batch, from) => void seen.push(`${b.nowNs}: ${batch.sequence[from]} ${b.book.mid}`) },
      constantLatency(2, 0, 0),
    );
    const backtest = new Backtest(options);
    const batch = new ToyTape()
      .snapshot(0, 99, 101)
      .move(1, [99, 101], [101, 103])
      .move(4, [101, 103], [103, 105])
      .batch();
    backtest.apply(batch);
    batch.priceTicks.fill(7);
    batch.sequence.fill(7);
    backtest.finish();
    expect(seen).toEqual(['2: 1 100', '3: 2 102', '6: 3 104']);
  });
});

describe('faults', () => {
  it('tells the strategy of halts and of a lost book', () => {
    const seen: string[] = [];
    const { options } = toyOptions(
      { onMarket: (b) => void seen.push(`${b.trusted ? 'trusted' : 'lost'}, ${b.halted ? 'halted' : 'open'}`) },
      constantLatency(1, 0, 0),
    );
    const tape = new ToyTape().snapshot(0, 99, 101).fault(1, Fault.HALT).fault(2, Fault.RESUME).fault(3, Fault.GAP);
    play(options, tape.snapshot(4, 99, 101).batch());
    expect(seen).toEqual(['trusted, open', 'trusted, halted', 'trusted, open', 'lost, open', 'trusted, open']);
  });
});

describe('the model of impact', () => {
  it('is told of the trades and of each new mid at the venue, in order', () => {
    const told: string[] = [];
    const impact = {
      assumption: 'impact: written down',
      cost: () => 0,
      onTrade: (ns: number, ticks: number, lots: number) => void told.push(`${ns}: ${lots} at ${ticks}`),
      onMid: (ns: number, mid: number) => void told.push(`${ns}: mid ${mid}`),
    };
    const { options } = toyOptions({}, constantLatency(5, 0, 0), { ledger: { ...FREE, impact } });
    const tape = new ToyTape().snapshot(0, 99, 101).sold(1, 99, 3).level(2, Side.BID, 98, 1).fault(3, Fault.GAP);
    play(options, tape.snapshot(4, 100, 102).batch());
    expect(told).toEqual(['0: mid 100', '1: 3 at 99', '4: mid 101']);
  });
});
