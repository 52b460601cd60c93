import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { accountText } from '../../src/cli/paper-line.ts';
import type { BacktestCard } from '../../src/evaluate/index.ts';
import type { Instrument } from '../../src/market/index.ts';
import { startDouble } from '../doubles/server.ts';
import { usdmSession } from '../support/session.ts';
import { cli, tempFile, tempFolder, testIo, waitFor } from './support.ts';

async function card(argv: string[]): Promise<BacktestCard> {
  const { status, out, err } = await cli([...argv, '--json', '--runs', join(tempFolder(), 'runs')]);
  expect(status, err).toBe(0);
  return JSON.parse(out) as BacktestCard;
}

/** Orders that a user placed and timed: what delays are drawn from, by a seed. */
function placements(): string {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const sent = 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000_000n;
    const [entry, response] = [(i * 7919) % 9_000_000, (i * 104_729) % 5_000_000];
    return `${sent},${sent + BigInt(entry)},${sent + BigInt(entry + response)}`;
  });
  return tempFile('placements.csv', `sent_ns,exchange_ns,received_ns\n${rows.join('\n')}\n`);
}

describe('paper', () => {
  it.each([
    ['coinbase', 'coinbase', 'BTC-USD'],
    ['binance-usdm', 'binance', 'BTCUSDT/USDM'],
  ] as const)(
    'trades a live market of %s as a backtest of its recording does, bit for bit',
    async (kind, venue, instrument) => {
      const double = await startDouble({ venue: kind, seed: 11, meanMs: 12 });
      onTestFinished(() => double.close());
      const folder = join(tempFolder(), 'session');
      const latency = `latency={ feed: recorded, floorMs: 1, placements: ${placements()}, draw: random }`;
      const settings = ['--set', latency, '--set', 'seed=5', '--set', 'strategy.halfLifeSeconds=2'];
      const address =
        kind === 'coinbase' ? [double.url] : Object.entries(double.endpoints).map(([part, url]) => `${part}=${url}`);
      const live = await card([
        ...['paper', '--venue', venue, '--instrument', instrument, '--base-url', ...address],
        ...['--record', folder, '--minutes', '0.1', ...settings],
      ]);
      expect(live.origin).toBe('live');
      expect(live.fills.placed).toBeGreaterThan(20);
      const again = await card(['backtest', '--tape', folder, ...settings]);
      expect(again.hash).toBe(live.hash);
      expect(again.totals).toEqual(live.totals);
      expect(again.messages).toBe(live.messages);
      expect(again.baselines.map(({ hash }) => hash)).toEqual(live.baselines.map(({ hash }) => hash));
      // Another seed draws other delays: the equality above is not for want of any.
      expect((await card(['backtest', '--tape', folder, ...settings, '--set', 'seed=6'])).hash).not.toBe(live.hash);
    },
  );

  it.each(['400', 'max'])('plays a recording at speed %s as a backtest does, bit for bit', async (speed) => {
    const tape = tempFile('usdm.gz', gzipSync(usdmSession({ updates: 900 })));
    const played = await card(['paper', '--replay', tape, '--speed', speed]);
    const tested = await card(['backtest', '--tape', tape]);
    expect(played.hash).toBe(tested.hash);
    expect(played.fills.placed).toBeGreaterThan(50);
  });

  it('ends the simulator after minutes of market time, at any speed', async () => {
    const flags = [
      'paper',
      '--simulate',
      'realistic',
      '--minutes',
      '0.5',
      '--set',
      'forecast=none',
      '--set',
      'strategy.signal=none',
    ];
    const [fast, slow] = [await card([...flags, '--speed', 'max']), await card([...flags, '--speed', '60'])];
    expect(slow.hash).toBe(fast.hash);
    expect(fast.toMs - fast.fromMs).toBeGreaterThan(28_000);
    expect(fast.toMs - fast.fromMs).toBeLessThanOrEqual(30_000);
  });

  it('says how it stands while a person watches, and writes its card when it is asked to end', async () => {
    const io = testIo({ interactive: true });
    const runs = join(tempFolder(), 'runs');
    const ended = main(
      [
        'paper',
        '--simulate',
        'realistic',
        '--speed',
        '20',
        '--set',
        'forecast=none',
        '--set',
        'strategy.signal=none',
        '--runs',
        runs,
      ],
      io,
    );
    await waitFor(io, /position \d.*open of \d+ orders, net .* USD, .*mid/);
    io.stopNow();
    expect(await ended).toBe(0);
    expect(io.written.out).toMatch(/^SIMULATED: maker \(none\): /);
    expect(io.written.out).toMatch(/orders placed/);
  });

  it('says nothing of it where nobody watches', async () => {
    const { err } = await cli([
      'paper',
      '--simulate',
      'null',
      '--speed',
      'max',
      '--minutes',
      '0.2',
      '--set',
      'forecast=none',
      '--set',
      'strategy.signal=none',
      '--runs',
      join(tempFolder(), 'runs'),
    ]);
    expect(err).toBe('');
  });

  it.each([
    [
      ['--simulate', 'null', '--replay', 'x'],
      'paper needs one of --venue with --instrument, --replay FILES and --simulate MODE, and 2 were given',
    ],
    [[], 'and 0 were given'],
    [['--simulate', 'null', '--record', 'x'], '--record is of a live market'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD,ETH/USD'], 'paper trades one instrument, not 2'],
    [['--venue', 'kraken', '--instrument', 'BTC/USD', '--speed', '2'], '--speed is not of a live market'],
    [['--simulate', 'null', '--minutes', '0'], 'minutes are a number above 0'],
  ])('refuses %j', async (argv, what) => {
    const { status, err } = await cli(['paper', ...argv]);
    expect(err).toContain(what);
    expect(status).toBe(2);
  });
});

describe('accountText', () => {
  const instrument: Instrument = {
    venue: 'toy',
    name: 'A',
    tickSize: '0.10',
    lotSize: '0.001',
    sequencing: 'consecutive',
    burstQuietNs: 0,
    depthLimit: null,
  };
  it('speaks in the units of the market', () => {
    const still = { midTicks: Number.NaN, positionLots: 0, openOrders: 0, orders: 0, net: 0, lastFill: null };
    expect(accountText(still, instrument, 'USD')).toBe(
      'position 0.000, 0 open of 0 orders, net 0 USD, no book to trust, no fill yet',
    );
    const fill = {
      orderId: 1,
      side: 1,
      priceTicks: 6005,
      quantityLots: 2,
      maker: true,
      exchangeNs: 34_201e9,
      localNs: 0,
      midTicks: 6004.5,
      laterMidTicks: new Float64Array(5),
      fee: 0,
      impact: 0,
    } as const;
    expect(
      accountText(
        { ...still, midTicks: 6004.5, positionLots: -2, openOrders: 1, orders: 1200, net: -0.5, lastFill: fill },
        instrument,
        'USD',
      ),
    ).toBe(
      'position -0.002, 1 open of 1,200 orders, net −0.5 USD, mid 600.45, last fill: sold 0.002 at 600.5 as maker, 09:30:01',
    );
  });
});
