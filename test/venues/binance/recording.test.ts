import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../../src/core/index.ts';
import { LineSplitter } from '../../../src/files/index.ts';
import { EventKind, SyncState } from '../../../src/market/index.ts';
import { openBinance, sniffBinance } from '../../../src/venues/binance/index.ts';
import { file, MARKET, RECV, replay, rowsOf, usdm } from './support.ts';

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
const rows = async (path: string) => {
  const { batches } = await replay(await openBinance({ paths: [path] }), true);
  return batches.flatMap(rowsOf);
};

describe('a recording', () => {
  it('is one stream of events, whose book equals the venue’s best quotes', async () => {
    const source = await openBinance({ paths: [file('plain', text(MARKET))] });
    expect(source.instrument).toMatchObject({
      venue: 'binance',
      name: 'BTCUSDT/USDM',
      tickSize: '0.10',
      lotSize: '0.001',
    });
    expect(source.instrument).toMatchObject({ sequencing: 'linked', burstQuietNs: 1e6, depthLimit: null });
    expect(source.origin).toBe('recorded');
    const { book, sync, verifier, events } = await replay(source);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect([book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots]).toEqual([999, 1500, 1000, 2500]);
    expect(verifier.report()).toEqual({ checked: 3, mismatches: 0, firstMismatch: null });
    expect(events).toBe(19);
    expect(source.counts).toMatchObject({ messages: 9, unparsable: 0 });
    expect(source.counts.bytesRead).toBe(source.counts.bytesTotal);
    expect(source.notes).toEqual([]);
  });

  it('is the same packed or plain, with any line ends, with or without an end to the last line', async () => {
    const expected = await rows(file('a', text(MARKET)));
    expect(await rows(file('b.gz', gzipSync(text(MARKET))))).toEqual(expected);
    expect(await rows(file('c', MARKET.join('\r\n')))).toEqual(expected);
    expect(await rows(file('d', text(MARKET).replaceAll('\n', '\n\n')))).toEqual(expected);
    const members = Buffer.concat(MARKET.map((line) => gzipSync(`${line}\n`)));
    expect(await rows(file('e.gz', members))).toEqual(expected);
  });

  it('starts from the beginning at every call', async () => {
    const source = await openBinance({ paths: [file('again', text(MARKET))] });
    const first = await replay(source);
    const second = await replay(source);
    expect(second.book.hash()).toBe(first.book.hash());
    expect(source.counts).toMatchObject({ messages: 9 });
    expect(source.counts.bytesRead).toBe(source.counts.bytesTotal);
  });

  it('may span files: they join without a break, and times count from the first one’s day', async () => {
    const next = MARKET.slice(5).map((line) => line.replace(RECV, '1723161600000000000'));
    const paths = [file('day-1', text(MARKET.slice(0, 5))), file('day-2', text(next))];
    const { sync, batches } = await replay(await openBinance({ paths }), true);
    expect(sync.faults.gaps).toBe(0);
    expect(sync.lastSequence).toBe(18);
    expect(batches.map((batch) => batch.day)).toEqual([19943, 19943]);
    expect(batches[1].tsRecvNs[0]).toBe(86400e9);
  });

  it('without its bookTicker lines gives the same book, and nothing checked', async () => {
    const bare = MARKET.filter((line) => !line.includes('bookTicker'));
    const full = await replay(await openBinance({ paths: [file('full', text(MARKET))] }));
    const { book, verifier } = await replay(await openBinance({ paths: [file('bare', text(bare))] }));
    expect(book.hash()).toBe(full.book.hash());
    expect(verifier.report().checked).toBe(0);
  });

  it('without a snapshot says so: events flow, and there is no book', async () => {
    const source = await openBinance({ paths: [file('no-snapshot', text(MARKET.filter((_, i) => i !== 1)))] });
    const { sync, events } = await replay(source);
    expect(events).toBe(16);
    expect(sync.state).toBe(SyncState.BUFFERING);
    expect(source.notes).toEqual(['no snapshot in the recording: the book is never synced, and no forecast is made']);
  });

  it('larger than a batch comes in whole messages', async () => {
    const levels = Array.from({ length: 500 }, (_, i) => [`${1000 + i}.00`, '1'] as const);
    const lines = Array.from({ length: 40 }, (_, i) => usdm.depth(i, i, i - 1 < 0 ? 0 : i - 1, levels, []));
    const { batches, events } = await replay(
      await openBinance({ paths: [file('large.gz', gzipSync(text(lines)))] }),
      true,
    );
    expect(events).toBe(40 * 501);
    expect(batches.length).toBeGreaterThan(4);
    for (const batch of batches) expect(batch.kind[0]).toBe(EventKind.DELTA);
  });
});

describe('a market that goes wrong', () => {
  const marketThen = (...lines: string[]) =>
    file(`wrong-${lines.length}-${lines[0].length}`, text([...MARKET, ...lines]));

  it('a missing message is a gap, and the book is lost', async () => {
    const path = marketThen(usdm.depth(30, 31, 25, [], []), usdm.depth(32, 32, 31, [], []));
    const { sync } = await replay(await openBinance({ paths: [path] }));
    expect(sync.faults.gaps).toBe(1);
    expect(sync.state).toBe(SyncState.GAPPED);
  });

  it('an unreadable diff is a fault, and its loss a gap', async () => {
    const source = await openBinance({
      paths: [marketThen(`${RECV} {"stream":"btcusdt@de`, usdm.depth(32, 32, 31, [], []))],
    });
    const { sync } = await replay(source);
    expect(source.counts.unparsable).toBe(1);
    expect(source.notes[0]).toMatch(/^unreadable: .*line 10: the text after the receive time is not JSON/);
    expect(sync.faults.gaps).toBe(1);
  });

  it('an unreadable trade is a fault, and the book stays', async () => {
    const source = await openBinance({ paths: [marketThen(usdm.trade(9, '100.00', '-1', true))] });
    const { sync } = await replay(source);
    expect(source.counts.unparsable).toBe(1);
    expect(sync.state).toBe(SyncState.SYNCED);
  });

  it('an old message is passed over', async () => {
    const { sync, book } = await replay(
      await openBinance({
        paths: [marketThen(usdm.depth(12, 12, 11, [['99.90', '9.000']], []))],
      }),
    );
    expect(sync.faults).toMatchObject({ gaps: 0, stale: 1 });
    expect(book.bestBidLots).toBe(1500);
  });

  it('a crossed book is a fault, and the book is lost', async () => {
    const { sync } = await replay(
      await openBinance({ paths: [marketThen(usdm.depth(19, 19, 18, [['100.00', '1.000']], []))] }),
    );
    expect(sync.faults.crossed).toBe(1);
    expect(sync.state).toBe(SyncState.GAPPED);
  });

  it('a quote that differs from the book is a mismatch, told in words', async () => {
    const lines = MARKET.map((line) => line.replace('"A":"2.500","T"', '"A":"2.400","T"'));
    const { verifier } = await replay(await openBinance({ paths: [file('differs', text(lines))] }));
    expect(verifier.report()).toEqual({
      checked: 3,
      mismatches: 2,
      firstMismatch:
        "as of id 15 the book has bid 1.500 at 99.9, ask 2.500 at 100.0; the venue's quote of id 15 says bid 1.500 at 99.9, ask 2.400 at 100.0",
    });
  });
});

describe('bad input', () => {
  const fails = async (options: Parameters<typeof openBinance>[0], code: string, message: RegExp) => {
    const error = await openBinance(options).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(BookcastError);
    expect((error as BookcastError).code).toBe(code);
    expect((error as BookcastError).message).toMatch(message);
  };
  const one = (name: string, content: string | Uint8Array) => ({ paths: [file(name, content)] });
  const lobster = '34200.004241176,1,16113575,18,5853300,1\n34200.025551909,1,16120456,18,5859100,-1\n';

  it('is told by what is wrong with it', async () => {
    await fails({ paths: [] }, 'bad-argument', /no Binance recording was named/);
    await fails({ paths: ['/nowhere/x.gz'] }, 'not-found', /x\.gz: there is no such file/);
    await fails({ paths: [import.meta.dirname] }, 'bad-input', /a directory/);
    await fails(one('empty', ''), 'bad-input', /the file is empty/);
    await fails(one('empty.gz', gzipSync('')), 'bad-input', /no lines in it/);
    await fails(one('blank', '\n\n\n'), 'bad-input', /no lines in it/);
    await fails(
      one(
        'binary',
        Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255),
      ),
      'bad-input',
      /not a Binance recording/,
    );
    await fails(one('lobster.csv', lobster), 'bad-input', /not a Binance recording. Expected lines such as `1723/);
    await fails(one('bare.jsonl', '{"stream":"x","data":{}}\n'), 'bad-input', /receive time in front of it is missing/);
    await fails(
      one('other', `${RECV} {"topic":"orderbook.50","data":{"s":"BTCUSDT"}}\n`),
      'bad-input',
      /not those of Binance/,
    );
    await fails(one('x.xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)), 'bad-input', /the xz data/);
    await fails(one('x.bz2', Buffer.from('BZh91AY&SY')), 'bad-input', /packed with bzip2/);
    await fails(
      one('broken.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255, 255)),
      'bad-input',
      /gzip data are damaged/,
    );
    await fails(one('line', Buffer.alloc(65 * 1024 * 1024, 65)), 'bad-input', /a line of more than/);
  });

  it('a gzip file that was cut gives what could be unpacked, the same every time, and then says so', async () => {
    const diffs = Array.from({ length: 3000 }, (_, i) =>
      usdm.depth(20 + i, 20 + i, i === 0 ? 18 : 19 + i, [[`${90 + (i % 9)}.00`, `${i}.000`]], []),
    );
    const whole = gzipSync(text([...MARKET, ...diffs]));
    const path = file('cut.gz', whole.subarray(0, Math.floor(whole.length * 0.7)));
    const read = async () => {
      const source = await openBinance({ paths: [path] });
      let events = 0;
      let message = '';
      try {
        for await (const batch of source.batches()) events += batch.length;
      } catch (error) {
        message = (error as Error).message;
      }
      return { events, message };
    };
    const first = await read();
    expect(first.message).toMatch(/cut\.gz: the gzip data end before their end mark/);
    expect(first.events).toBeGreaterThan(3000);
    expect(await read()).toEqual(first);
  });

  it('what was read before a line that the steps do not fit still comes out', async () => {
    const source = await openBinance({
      paths: [file('off', text([...MARKET, usdm.trade(9, '100.05', '1.000', true)]))],
    });
    let events = 0;
    const reading = (async () => {
      for await (const batch of source.batches()) events += batch.length;
    })();
    await expect(reading).rejects.toThrow(/off, line 10: a price of 100.05/);
    expect(events).toBe(19);
  });

  it('files out of order, of another symbol or of another market are refused', async () => {
    const early = file('early', text(MARKET));
    const late = file('late', text(MARKET.map((line) => line.replace(RECV, '1723161600000000000'))));
    await fails(
      { paths: [late, early] },
      'bad-argument',
      /late at 2024-08-09.* comes before .*early at 2024-08-08.*Give the older file first/,
    );
    await fails({ paths: [early, early] }, 'bad-argument', /not the order of time/);
    const eth = file(
      'eth',
      text(MARKET.map((line) => line.replace(RECV, '1723161600000000000').replaceAll('BTCUSDT', 'ETHUSDT'))),
    );
    await fails({ paths: [early, eth] }, 'bad-input', /eth: holds ETHUSDT\/USDM, expected BTCUSDT\/USDM/);
    await fails({ paths: [early], symbol: 'ETHUSDT' }, 'bad-input', /holds BTCUSDT\/USDM, expected ETHUSDT/);
  });

  it('steps that are no decimals are refused', async () => {
    await fails({ paths: [file('t', text(MARKET))], tickSize: '0' }, 'bad-argument', /--tick is a positive decimal/);
    await fails({ paths: [file('t', text(MARKET))], lotSize: 'x' }, 'bad-argument', /--lot is a positive decimal.*"x"/);
  });
});

describe('symbols and steps', () => {
  const eth = MARKET.map((line) => line.replaceAll('BTCUSDT', 'ETHUSDT'));

  it('a recording of several symbols wants to be told which one', async () => {
    const both = file('both', text([...MARKET, ...eth]));
    await expect(openBinance({ paths: [both] })).rejects.toThrow(
      /holds BTCUSDT, ETHUSDT; say which one to read with --symbol/,
    );
    const source = await openBinance({ paths: [both], symbol: 'ethusdt' });
    expect(source.instrument.name).toBe('ETHUSDT/USDM');
    await replay(source);
    expect(source.notes).toContain('2 snapshots left out: the recording has several symbols, and they name none');
    expect(source.notes).toContain('8 messages of other symbols left out');
  });

  it('steps of an unknown symbol are powers of ten told from the first lines, and the notes say so', async () => {
    const source = await openBinance({ paths: [file('eth-1', text(eth))] });
    expect(source.instrument).toMatchObject({ tickSize: '0.1', lotSize: '0.001' });
    expect(source.notes[0]).toMatch(/ETHUSDT\/USDM is not in the table.*0\.1 and lots of 0\.001/);
    expect((await replay(source)).verifier.report().mismatches).toBe(0);
  });

  it('given steps win over the table and over the first lines', async () => {
    const known = await openBinance({ paths: [file('btc-2', text(MARKET))], tickSize: '0.01', lotSize: '0.0001' });
    expect(known.instrument).toMatchObject({ tickSize: '0.01', lotSize: '0.0001' });
    const source = await openBinance({ paths: [file('eth-2', text(eth))], tickSize: '0.01', lotSize: '0.001' });
    expect(source.instrument).toMatchObject({ tickSize: '0.01', lotSize: '0.001' });
    expect(source.notes).toEqual([]);
  });

  it('steps that nothing tells must be given', async () => {
    const tickers = text(eth.filter((line) => line.includes('bookTicker')));
    await expect(openBinance({ paths: [file('tick', tickers)] })).rejects.toThrow(/give them with --tick and --lot/);
  });

  it('markets are told from what only they write', async () => {
    const name = async (content: string) =>
      (await openBinance({ paths: [file(`m${content.length}`, content)], tickSize: '1', lotSize: '1' })).instrument
        .name;
    const of = (data: object) => `${RECV} ${JSON.stringify({ stream: 'x', data })}\n`;
    expect(await name(of({ e: 'depthUpdate', s: 'ABC', U: 1, u: 2, b: [], a: [] }))).toBe('ABC/SPOT');
    expect(await name(of({ e: 'depthUpdate', s: 'ABC', U: 1, u: 2, pu: 0, b: [], a: [] }))).toBe('ABC/USDM');
    expect(await name(of({ e: 'depthUpdate', s: 'ABC', ps: 'AB', U: 1, u: 2, pu: 0, b: [], a: [] }))).toBe('ABC/COINM');
    expect(await name(of({ e: 'trade', s: 'ETHUSD_240927', t: 1, p: '1', q: '1', X: 'MARKET', m: true }))).toBe(
      'ETHUSD_240927/COINM',
    );
    expect(await name(of({ e: 'aggTrade', s: 'ABC', a: 1, p: '1', q: '1', m: true, M: true }))).toBe('ABC/SPOT');
    expect(await name(of({ u: 1, s: 'ABC', b: '1', B: '1', a: '2', A: '1' }))).toBe('ABC/SPOT');
  });
});

describe('sniffBinance', () => {
  it('knows recordings by their lines, and other Binance data by their names', () => {
    for (const line of MARKET) expect(sniffBinance(Buffer.from(line), 'x')).toBe(true);
    expect(sniffBinance(Buffer.from('1680652700599351 {"lastUpdateId": 11, "bids": []}'), 'x')).toBe(true);
    expect(sniffBinance(new Uint8Array(0), 'data/BINANCE.jsonl.zst')).toBe(true);
    expect(sniffBinance(new Uint8Array(0), 'ETHBTC_2020-11-01T09-00-00_trades.json.xz')).toBe(true);
    expect(sniffBinance(Buffer.from('34200.004241176,1,16113575,18,5853300,1\n'), 'x.csv')).toBe(false);
    expect(sniffBinance(Buffer.from(`${RECV} {"topic":"orderbook.50.BTCUSDT","data":{}}`), 'bybit.gz')).toBe(false);
    expect(sniffBinance(new Uint8Array(100), 'x')).toBe(false);
  });
});

describe('LineSplitter', () => {
  it('finds the same lines however the bytes come', () => {
    const content = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\r', ' '), maxLength: 20 }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(content, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.join('\n'));
        const splitter = new LineSplitter('x');
        const found: string[] = [];
        const take = () => found.push(splitter.bytes.toString('utf8', splitter.from, splitter.to));
        for (let at = 0, k = 0; at < bytes.length; k++) {
          const end = at + sizes[k % sizes.length];
          splitter.feed(bytes.subarray(at, end));
          while (splitter.next()) take();
          at = end;
        }
        if (splitter.end()) take();
        const expected = lines
          .join('\n')
          .split('\n')
          .map((line) => line.replace(/\r$/, ''));
        // Nothing stands behind a last line end.
        if (lines.join('\n').endsWith('\n') || bytes.length === 0) expected.pop();
        expect(found).toEqual(expected);
      }),
    );
  });
});
