import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BacktestCard } from '../../src/evaluate/index.ts';
import { openParquet } from '../../src/store/index.ts';
import { SIM_MODES } from '../../src/venues/sim/index.ts';
import { dataPath, needs } from '../support/data.ts';
import { usdmSession } from '../support/session.ts';
import { cli, type Run, tempFile, tempFolder, testIo } from './support.ts';

type Printed = BacktestCard & { run: { id: string; folder: string } };

/** Without forecasts: what is tested here is not how they are made. */
const PLAIN = ['--set', 'forecast=none', '--set', 'strategy.signal=none'];
const BACKTEST = resolve(import.meta.dirname, '../../src/backtest/index.ts');

function backtest(argv: string[], runs = join(tempFolder(), 'runs')): Promise<Run> {
  return cli(['backtest', '--runs', runs, ...argv]);
}

async function card(argv: string[], runs?: string): Promise<Printed> {
  const { status, out, err } = await backtest([...argv, '--json'], runs);
  expect(status, err).toBe(0);
  return JSON.parse(out) as Printed;
}

const sim = (messages: number, mode = 'realistic'): string[] => ['--simulate', mode, '--messages', String(messages)];

/** A session of Binance USD-M, as recorded. */
function session(options: Parameters<typeof usdmSession>[0] = {}): string {
  return tempFile('usdm_btcusdt.gz', gzipSync(usdmSession({ updates: 1500, ...options })));
}

/** A strategy of a user's own, in a file. */
function strategyFile(body: string): string {
  return tempFile('mine.ts', `import type { Strategy } from '${BACKTEST}';\n${body}`);
}

describe('backtest', () => {
  it('says the verdict first, what was placed and filled, and all that was assumed', async () => {
    const folder = tempFolder();
    const page = join(folder, 'run.html');
    const { status, out, err } = await backtest([...sim(4000), '--report', page]);
    expect(status, err).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^SIMULATED: maker: (not distinguishable from zero|loses|gains)/);
    for (const words of [
      'sim:REALISTIC-7, simulated',
      /\d+ orders placed, \d+ filled/,
      /^maker \(none\) \(baseline\)/m,
      /^maker \(coin\) \(baseline\)/m,
      /^buy and hold \(baseline\)/m,
      'not annualised:',
      'markout of maker fills:',
      'would break even at costs of',
      'fees: none, since the simulated venue has no schedule',
      'queue: exact, first in first out',
      'deflated by 1 trial of these data',
      `page: ${page}`,
    ])
      expect(out).toMatch(words);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*simulated/i);
    // A page that is there is not written over, and nothing is run.
    expect((await backtest([...sim(100), '--report', page])).err).toContain('exists');
  });

  it('keeps the card, the page, orders and fills in the registry', async () => {
    const runs = join(tempFolder(), 'runs');
    const printed = await card([...sim(3000), ...PLAIN], runs);
    const { folder } = printed.run;
    expect(readdirSync(folder).sort()).toEqual(
      expect.arrayContaining([
        'card.json',
        'fills.parquet',
        'orders.parquet',
        'report.html',
        'result.json',
        'run.json',
      ]),
    );
    const { run: _, ...told } = printed;
    expect(JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))).toEqual(told);
    const orders = await openParquet(join(folder, 'orders.parquet'));
    expect(orders.rows).toBe(printed.fills.placed);
    expect(orders.schema.metadata['bookcast.hash']).toBe(printed.hash);
    await orders.close();
    const fills = await openParquet(join(folder, 'fills.parquet'));
    let lots = 0;
    for await (const block of fills.read(['quantity_lots'])) {
      for (const value of block.columns[0] as Float64Array) lots += value;
    }
    await fills.close();
    expect(lots).toBe(printed.fills.filledLots);
    expect((await cli(['runs', 'list', '--runs', runs])).out).toContain('backtest');
  });

  it('counts every different run on the same data as a trial, and a repetition once', async () => {
    const runs = join(tempFolder(), 'runs');
    const base = [...sim(600), '--set', 'forecast=none', '--no-baselines'];
    const maker = [...base, '--set', 'strategy.signal=none'];
    const first = await card(maker, runs);
    expect(first.trials.counted).toBe(1);
    const again = await card(maker, runs);
    expect(again.trials.counted).toBe(1);
    expect(again.hash).toBe(first.hash);
    expect((await card([...maker, '--set', 'strategy.quantityLots=2'], runs)).trials.counted).toBe(2);
    expect((await card([...base, '--strategy', 'hold'], runs)).trials.counted).toBe(3);
    // Another seed is another market.
    expect((await card([...maker, '--seed', '8'], runs)).trials.counted).toBe(1);
  });

  it.each(SIM_MODES)('places at least 100 orders by default on the simulator, mode %s', async (mode) => {
    const { fills, assumptions } = await card([...sim(8000, mode), ...PLAIN, '--no-baselines']);
    expect(fills.placed).toBeGreaterThanOrEqual(100);
    expect(fills.filled).toBeGreaterThan(0);
    expect(assumptions).toContain('fees: none, since the simulated venue has no schedule');
  });

  it.each([
    ['taker', 'taker'],
    ['execution', 'twap'],
    ['hold', 'buy and hold'],
  ])('runs the strategy %s', async (kind, name) => {
    const printed = await card([...sim(2500), '--strategy', kind]);
    expect(printed.strategy).toBe(name);
    expect(printed.baselines.map(({ strategy }) => strategy)).toEqual(
      { taker: ['taker (coin)', 'buy and hold'], twap: ['buy and hold'], 'buy and hold': [] }[name],
    );
  });

  it("runs a user's own strategy, with the example that comes along", async () => {
    const printed = await card([...sim(3000), '--strategy', 'examples/imbalance-trader.ts']);
    expect(printed.strategy).toBe('imbalance trader');
    expect(printed.fills.filled).toBeGreaterThan(0);
    expect(printed.baselines.map(({ strategy }) => strategy)).toEqual(['buy and hold']);
  });

  it('forecasts the target that is asked for', async () => {
    const printed = await card([...sim(1500), '--target', 'next-change', '--no-baselines']);
    expect(printed.settings).toMatchObject({ forecast: { target: 'next-change' } });
  });

  it('plays a recording, charging what its venue charges', async () => {
    const printed = await card(['--tape', session(), ...PLAIN]);
    expect(printed).toMatchObject({ instrument: 'binance:BTCUSDT/USDM', origin: 'recorded', currency: 'USDT' });
    expect(printed.fills.placed).toBeGreaterThanOrEqual(100);
    expect(printed.assumptions.join()).toContain('Binance USD-M futures, regular user');
    expect(printed.totals.fees).toBeGreaterThan(0);
  });

  it('stops where the user wants it to, and tells what came until then', async () => {
    const io = testIo();
    io.stopNow();
    const status = await (await import('../../src/cli/main.ts')).main(
      ['backtest', ...sim(500), '--runs', join(tempFolder(), 'r')],
      io,
    );
    expect(status).toBe(1);
    expect(io.written.err).toContain('the tape has no message');
  });
});

const DATA = [
  ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip', null],
  ['binance/usdm_btcusdt_20240808.gz', null],
  ['binance/spot_btcusdt_20240808.gz', null],
  ['binance/cm_btcusd_perp_20240808.gz', null],
  ['binance/ETHBTC_2020-11-01T09-00-00_', null],
  ['coinbase/COINBASE.jsonl.zst', 'ETH-USD'],
  ['coinbase/raw_feed_20180417_10min.csv.xz', null],
  ['kraken/KRAKEN.jsonl.zst', 'XMR/USD'],
] as const;

describe('backtest of recordings', () => {
  for (const [name, symbol] of DATA) {
    const parts = name.endsWith('_')
      ? ['snapshot', 'trades', 'update'].map((part) => `${name}${part}.json.xz`)
      : [name];
    it.skipIf(dataPath(parts[0]) === null)(
      `places at least 100 orders by default on ${name}${needs(parts[0])}`,
      async () => {
        const flags = symbol === null ? [] : ['--symbol', symbol];
        const tape = parts.map((part) => dataPath(part)!);
        const printed = await card(['--tape', ...tape, ...flags, ...PLAIN, '--no-baselines']);
        expect(printed.fills.placed).toBeGreaterThanOrEqual(100);
        expect(printed.assumptions.some((sentence) => /a share|bps/.test(sentence))).toBe(true);
      },
    );
  }
});

describe('backtest of what is bad', () => {
  it('refuses a tape without trades where the queue model needs them, and takes it by default, saying so', async () => {
    const lines = usdmSession({ updates: 600 }).split('\n');
    const silent = tempFile('usdm.gz', gzipSync(lines.filter((line) => !line.includes('@trade')).join('\n')));
    const refused = await backtest(['--tape', silent, ...PLAIN, '--set', 'queue=rigtorp']);
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(
      /the tape has no trades, and the queue model "rigtorp" moves our orders forward by trades/,
    );
    const { assumptions, fills } = await card(['--tape', silent, ...PLAIN]);
    expect(assumptions.join()).toContain(
      'the tape has no trades, so that resting orders filled on crossed prices alone',
    );
    expect(fills.placed).toBeGreaterThan(50);
  });

  it('ends a strategy that throws: orders cancelled, report written, status 1 with the reason', async () => {
    const file = strategyFile(`
      export function createStrategy(): Strategy {
        let seen = 0;
        return {
          name: 'fragile',
          onMarket(broker) {
            if (broker.trusted && seen++ === 0)
              broker.place({ side: 0, type: 'limit', priceTicks: broker.book.bestBidTicks - 50, quantityLots: 1 });
            if (seen === 500) throw new Error('nobody told me');
          },
        };
      }`);
    const page = join(tempFolder(), 'page.html');
    const { status, out, err } = await backtest([...sim(2000), '--strategy', file, '--report', page, '--json']);
    expect(status).toBe(1);
    expect(err).toMatch(/the strategy "fragile" was ended early: onMarket threw: nobody told me/);
    expect(err).not.toContain('at ');
    const printed = JSON.parse(out) as Printed;
    expect(printed.ended).toBe('onMarket threw: nobody told me');
    expect(printed.fills).toMatchObject({ placed: 1, cancelled: 1 });
    expect(existsSync(page)).toBe(true);
    expect(JSON.parse(readFileSync(join(printed.run.folder, 'result.json'), 'utf8')).status).toBe('finished');
  });

  it('counts and tells orders beyond the limits', async () => {
    const { fills } = await card([
      ...sim(2000),
      ...PLAIN,
      '--set',
      'risk={ maxOrderLots: 1 }',
      '--set',
      'strategy.quantityLots=3',
      '--no-baselines',
    ]);
    expect(fills.rejected).toBe(fills.placed);
    expect(fills.rejections[0].reason).toMatch(/3 lots/);
    const { out } = await backtest([
      ...sim(2000),
      ...PLAIN,
      '--set',
      'risk={ maxOrderLots: 1 }',
      '--set',
      'strategy.quantityLots=3',
    ]);
    expect(out).toMatch(/rejected [\d,]+ times: .*3 lots/);
  });

  it('refuses a clock that goes back', async () => {
    const lines = usdmSession({ updates: 400 }).split('\n');
    const back = lines.map((line, i) =>
      i < 600 ? line : line.replace(/"([ET])":(\d+)/g, (_, key, ms) => `"${key}":${Number(ms) - 60_000}`),
    );
    const { status, err } = await backtest(['--tape', tempFile('usdm.gz', gzipSync(back.join('\n'))), ...PLAIN]);
    expect(status).toBe(1);
    expect(err).toMatch(/the venue time of message \d+ \(.*\) is 60\.000 s before one that the venue told earlier/);
  });

  it('refuses a tape without a message, and one whose book never syncs', async () => {
    const [line] = usdmSession({ updates: 1 }).split('\n');
    const aside = line.replace('depthUpdate', 'markPriceUpdate').replace('depth@0ms', 'markPrice');
    const empty = await backtest(['--tape', tempFile('usdm.gz', gzipSync(`${aside}\n`)), ...PLAIN]);
    expect(empty.status).toBe(1);
    expect(empty.err).toMatch(/^bookcast: /);
    const blind = session({ snapshot: false, updates: 300 });
    const never = await backtest(['--tape', blind, ...PLAIN]);
    expect(never.status).toBe(1);
    expect(never.err).toMatch(/in \d+ messages the book never synced/);
  });

  it.each([
    ['export const nothing = 1;', /exports nothing, and must export createStrategy\(\)/],
    ['export function createStrategy() { return { onMarket() {} }; }', /returned something without a name/],
    ["export function createStrategy() { return { name: 'x', onTimer: 3 }; }", /whose onTimer is no function/],
    ["export function createStrategy() { return { name: 'x' }; }", /with none of onStart, onMarket/],
    ["export function createStrategy() { throw new Error('not today'); }", /createStrategy threw: not today/],
    ['export function createStrategy( {', /cannot be loaded/],
  ])('says what is wrong with a strategy file: %s', async (body, what) => {
    const { status, err } = await backtest([...sim(100), '--strategy', tempFile('mine.ts', body)]);
    expect(status).toBe(1);
    expect(err).toMatch(what);
  });

  it.each([
    [['--strategy', '/no/such.ts', '--simulate', 'null'], 1, '/no/such.ts: no such file of a strategy'],
    [['--strategy', 'makr', '--simulate', 'null'], 2, 'did you mean "maker"?'],
    [
      ['--simulate', 'null', '--set', 'strategy.signal=forecast', '--set', 'forecast=none'],
      2,
      'reads forecasts, and forecast is none',
    ],
    [[], 2, 'backtest needs --tape FILES or --simulate MODE'],
    [['--simulate', 'null', '--tape', 'x'], 2, '--tape is recorded and --simulate is not'],
    [['--simulate', 'null', '--seed', 'x'], 2, 'a seed is an integer, not "x"'],
    [['--simulate', 'null', '--bundle', 'none', '--set', 'forecast.signals=cor'], 2, 'cor'],
    [['--simulate', 'null', '--set', 'fees={ maker: { bp: 1 } }', '--messages', '100'], 2, 'bp'],
  ])('refuses %j', async (argv, status, what) => {
    const run = await backtest(argv);
    expect(run.err).toContain(what);
    expect(run.status).toBe(status);
  });
});
