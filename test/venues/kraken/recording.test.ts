import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EventKind, type EventSource, messageEnd, SyncState } from '../../../src/market/index.ts';
import { openKraken, sniffKraken } from '../../../src/venues/kraken/index.ts';
import { dataPath, needs } from '../../support/data.ts';
import { bookFrame, DAY, GOLDEN, syncOf } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookcast-kraken-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

interface Followed {
  checked: number;
  mismatches: number;
  trades: number;
  synced: boolean;
  lost: number;
  crossed: number;
}

async function follow(source: EventSource): Promise<Followed> {
  const sync = syncOf({ instrument: source.instrument, symbol: '', book: 'levels', proof: 'checksum' });
  const verifier = source.verifier()!;
  let trades = 0;
  for await (const batch of source.batches({ lend: true })) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      sync.applyMessage(batch, from, to);
      verifier.afterMessage(batch, from, to, sync.levels, sync.state === SyncState.SYNCED);
      if (batch.kind[from] === EventKind.TRADE) trades++;
      from = to;
    }
  }
  const { checked, mismatches } = verifier.report();
  const { gaps, checksums, crossed } = sync.faults;
  return { checked, mismatches, trades, synced: sync.state === SyncState.SYNCED, lost: gaps + checksums, crossed };
}

/** Changes of each pair in both recordings: the same connection, once alone and once among others. */
const CHANGES = {
  'ADA/BTC': 347,
  'BTC/CHF': 289,
  'ETH/CHF': 317,
  'GRT/ETH': 20,
  'KSM/BTC': 335,
  'OCEAN/BTC': 148,
  'OMG/USD': 573,
  'SC/EUR': 818,
  'WAVES/EUR': 576,
  'XMR/USD': 846,
};

describe.each(['KRAKEN.ws.50.0.xz', 'KRAKEN.jsonl.zst'])('the recording %s', (name) => {
  const path = dataPath(`kraken/${name}`);
  it.skipIf(path === null)(
    `equals the venue’s checksum on 4,269 of 4,269 changes${needs(`kraken/${name}`)}`,
    async () => {
      let all = 0;
      let trades = 0;
      for (const [symbol, changes] of Object.entries(CHANGES)) {
        const source = await openKraken({ paths: [path!], symbol });
        const found = await follow(source);
        expect(found, symbol).toEqual({
          checked: changes,
          mismatches: 0,
          trades: found.trades,
          synced: true,
          lost: 0,
          crossed: 0,
        });
        expect(source.counts.unparsable).toBe(0);
        all += found.checked;
        trades += found.trades;
      }
      expect(all).toBe(4269);
      // Trades came on another connection, which only one of the recordings has.
      expect(trades).toBe(name.endsWith('zst') ? 10 : 0);
    },
  );

  it.skipIf(path === null)(`tells the steps of each pair${needs(`kraken/${name}`)}`, async () => {
    const { instrument } = await openKraken({ paths: [path!], symbol: 'xbt/chf' });
    expect(instrument).toEqual({
      venue: 'kraken',
      name: 'BTC/CHF',
      tickSize: '0.1',
      lotSize: '0.00000001',
      sequencing: 'linked',
      burstQuietNs: 1e6,
      depthLimit: 1000,
      // One decimal by the venue's list, and five on the wire of v1.
      checksum: { rule: 'kraken', priceDecimals: 5, sizeDecimals: 8 },
    });
    await expect(openKraken({ paths: [path!] })).rejects.toThrow(
      'holds ADA/BTC, BTC/CHF, ETH/CHF, GRT/ETH, KSM/BTC, OCEAN/BTC, OMG/USD, SC/EUR, WAVES/EUR, XMR/USD; say which one to read with --symbol',
    );
    await expect(openKraken({ paths: [path!], symbol: 'ETH/USD' })).rejects.toThrow('and no ETH/USD');
  });
});

describe('a recorded session of v2', () => {
  const T0 = DAY * 86_400 + 63_355;
  const line = (t: string, ts: number, more: object): string => JSON.stringify({ t, conn: 'ws.1', ts, ...more });
  const recv = (ts: number, data: string): string => line('recv', ts, { data });
  const ack =
    '{"method":"subscribe","result":{"channel":"book","depth":25,"snapshot":true,"symbol":"BTC/USD"},"success":true}';
  const trade =
    '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":45285.2,"qty":0.00050000,"ord_type":"limit","trade_id":9,"timestamp":"2023-10-06T17:35:56.000001Z"}]}';
  const lines = [
    line('connect', T0, { addr: 'wss://ws.kraken.com/v2' }),
    recv(T0 + 1, ack),
    recv(T0 + 2, bookFrame({ type: 'snapshot', ...GOLDEN })),
    recv(T0 + 3, trade),
    recv(T0 + 4, bookFrame({ type: 'update', bids: [['45276.6', '0.15445238']], checksum: GOLDEN.checksum })),
  ];

  it('is read like the live one, at the depth that was subscribed to', async () => {
    const source = await openKraken({ paths: [write('v2.jsonl', lines)] });
    expect(source.instrument).toMatchObject({
      name: 'BTC/USD',
      tickSize: '0.1',
      lotSize: '0.00000001',
      depthLimit: 25,
    });
    expect(await follow(source)).toEqual({ checked: 2, mismatches: 0, trades: 1, synced: true, lost: 0, crossed: 0 });
  });

  it('has the tick of the venue’s list, where that is among its answers', async () => {
    const pairs = (tick: string): string => {
      const result = { XXBTZUSD: { wsname: 'XBT/USD', pair_decimals: 2, lot_decimals: 8, tick_size: tick } };
      return line('http', T0, {
        url: 'https://api.kraken.com/0/public/AssetPairs',
        data: JSON.stringify({ error: [], result }),
      });
    };
    const coarse = await openKraken({ paths: [write('list.jsonl', [pairs('0.05'), ...lines])] });
    expect(coarse.instrument.tickSize).toBe('0.05');
    const older = await openKraken({ paths: [write('older.jsonl', [pairs('1'), ...lines])] });
    expect(older.instrument.tickSize).toBe('0.1');
    const broken = await openKraken({
      paths: [write('broken.jsonl', [pairs('1').replace('error', 'x'), '{', ...lines])],
    });
    expect(broken.instrument.tickSize).toBe('0.1');
  });

  it('without its head is told by its messages, and its depth by its snapshot', async () => {
    const source = await openKraken({ paths: [write('headless.jsonl', lines.slice(2))], symbol: 'btc/usd' });
    expect(source.instrument.depthLimit).toBe(10);
    expect((await follow(source)).checked).toBe(2);
  });

  it('passes over the connections of other markets', async () => {
    const futures = line('connect', T0, { addr: 'wss://futures.kraken.com/ws/v1', conn: 'ws.2' });
    const source = await openKraken({ paths: [write('futures.jsonl', [futures, ...lines])] });
    expect((await follow(source)).synced).toBe(true);
  });
});

describe('openKraken', () => {
  it('says what is wrong', async () => {
    await expect(openKraken({ paths: [] })).rejects.toThrow('no Kraken recording was named');
    await expect(openKraken({ paths: [join(folder, 'missing')] })).rejects.toThrow('there is no such file');
    await expect(openKraken({ paths: [write('other.txt', ['1,2,3', '', '{"t":"recv","data":7}'])] })).rejects.toThrow(
      'no book message of Kraken',
    );
  });
});

describe('sniffKraken', () => {
  it('knows its recordings by name and by what is in them', () => {
    const sniff = (text: string, name = 'x.jsonl'): boolean => sniffKraken(Buffer.from(text), name);
    expect(sniff('', 'KRAKEN.ws.50.0.xz')).toBe(true);
    expect(sniff('', 'KRAKEN.jsonl.zst')).toBe(true);
    expect(sniff('wss://ws.kraken.com <-> 1618678132.3858151\n')).toBe(true);
    expect(sniff('{"t":"header","exchange":"KRAKEN"}')).toBe(true);
    expect(sniff('1618678134.2: [992,{"b":[],"c":"1"},"book-1000","XMR/USD"]')).toBe(true);
    expect(sniff(JSON.stringify({ t: 'recv', data: bookFrame({ type: 'update', checksum: 1 }) }))).toBe(true);
    for (const other of ['', 'wss://stream.binance.com:9443', '{"channel":"l2_data"}', 'KRAKEN'])
      expect(sniff(other)).toBe(false);
    expect(sniff('', 'BINANCE.jsonl.zst')).toBe(false);
  });
});
