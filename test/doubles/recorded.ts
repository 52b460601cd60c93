import { readFileSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { dataPath } from '../support/data.ts';
import { checksumOf } from './kraken-double.ts';
import { type BookSide, LevelBook, type LevelChange, unitsOf } from './level-book.ts';
import type { Happening, Market, MarketTrade } from './market.ts';
import { type DoubleVenue, PRODUCTS, type Product } from './products.ts';
import { Truth } from './truth.ts';

/** One recorded thing: what it did to the book, and when. */
interface Step {
  readonly timeUs: number;
  readonly updateId: number;
  readonly changes: readonly LevelChange[];
  readonly trade: MarketTrade | null;
  readonly raw: string | null;
}

/** What a session recorded of one product. */
interface Recording {
  readonly product: Product;
  readonly opening: readonly LevelChange[];
  /** The number of the opening book. */
  readonly openingId: number;
  readonly steps: readonly Step[];
}

/** A recorded session as a market: it moves as it moved then, and stands still at its end. */
export class RecordedMarket implements Market {
  readonly product: Product;
  readonly book = new LevelBook();
  readonly orders: Market['orders'] = new Map();
  readonly truth = new Truth();
  readonly trades = new Map<number, MarketTrade>();
  lastUpdateId: number;
  lastSequence = 0;
  lastTradeId = 0;
  timeUs: number;
  readonly numberedUs = 0;
  readonly #steps: readonly Step[];
  /** Added to the recorded times. */
  #shiftUs: number;
  #next = 0;
  #frozen = false;

  constructor({ product, opening, openingId, steps }: Recording, startUs: number) {
    this.product = product;
    this.#steps = steps;
    this.#shiftUs = startUs + 1000 - (steps[0]?.timeUs ?? 0);
    this.lastUpdateId = openingId;
    this.timeUs = startUs - 1;
    this.#record(opening);
  }

  get nextUs(): number {
    const step = this.#steps[this.#next];
    return step === undefined || this.#frozen ? Number.POSITIVE_INFINITY : Math.floor(step.timeUs + this.#shiftUs);
  }

  /** Steps that were not played yet. */
  get left(): number {
    return this.#steps.length - this.#next;
  }

  advance(nowUs: number): Happening[] {
    const out: Happening[] = [];
    while (this.nextUs <= nowUs) {
      this.timeUs = Math.max(this.timeUs + 1, this.nextUs);
      const { changes, updateId, trade, raw } = this.#steps[this.#next++];
      this.lastSequence++;
      if (changes.length > 0) {
        this.lastUpdateId = updateId;
        this.#record(changes);
      }
      if (trade !== null) {
        this.trades.set(trade.id, trade);
        this.lastTradeId = trade.id;
      }
      const { timeUs, lastSequence: sequence } = this;
      out.push({
        type: 'levels',
        sequence,
        updateId: this.lastUpdateId,
        timeUs,
        changes,
        order: null,
        oldSize: 0,
        reason: 'filled',
        trade,
        raw,
      });
    }
    return out;
  }

  /** A recording keeps its numbers. */
  renumber(): void {}

  /** A recording keeps its pace. */
  calm(): void {}

  freeze(): void {
    this.#frozen = true;
  }

  thaw(nowUs: number): void {
    this.#frozen = false;
    const step = this.#steps[this.#next];
    if (step !== undefined) this.#shiftUs = nowUs - step.timeUs;
  }

  /** A recording has an end. */
  prune(): void {}

  #record(changes: readonly LevelChange[]): void {
    for (const change of changes) this.book.set(change);
    const { lastUpdateId: updateId, lastSequence: sequence, timeUs } = this;
    this.truth.record({ epoch: 0, updateId, sequence, timeUs, changes, order: null });
  }
}

/** Recorded sessions by venue: the file, and what trades in it (index into the venue's products). */
const BINANCE_FILES: Partial<Record<DoubleVenue, string>> = {
  'binance-spot': 'binance/spot_btcusdt_20240808.gz',
  'binance-usdm': 'binance/usdm_btcusdt_20240808.gz',
  'binance-coinm': 'binance/cm_btcusd_perp_20240808.gz',
};
export const KRAKEN_FILE = 'kraken/KRAKEN.jsonl.zst';

/** The file that `recordedMarkets` reads; null where there is none for the venue. */
export function recordingOf(venue: DoubleVenue): string | null {
  return venue === 'kraken' ? KRAKEN_FILE : (BINANCE_FILES[venue] ?? null);
}

const read = new Map<DoubleVenue, readonly Recording[]>();

/** The recorded markets of a venue, to begin at `startEpochMs`; null where the recording is not on this machine. */
export function recordedMarkets(venue: DoubleVenue, startEpochMs: number): RecordedMarket[] | null {
  const name = recordingOf(venue);
  const path = name === null ? null : dataPath(name);
  if (path === null) return null;
  let recordings = read.get(venue);
  if (recordings === undefined) {
    const bytes = readFileSync(path);
    recordings =
      venue === 'kraken'
        ? readKraken(zstdDecompressSync(bytes).toString()).recordings
        : [readBinance(PRODUCTS[venue][0], gunzipSync(bytes).toString())];
    read.set(venue, recordings);
  }
  return recordings.map((recording) => new RecordedMarket(recording, startEpochMs * 1000));
}

type Row = [string, string, ...unknown[]];

/** Levels as the venues write them, in the product's units. */
function changesOf(product: Product, bids: readonly Row[] = [], asks: readonly Row[] = []): LevelChange[] {
  const of = (side: BookSide, rows: readonly Row[]): LevelChange[] =>
    rows.map(([price, size]) => ({
      side,
      price: unitsOf(price, product.priceDecimals),
      size: unitsOf(size, product.sizeDecimals),
    }));
  return [...of(0, bids), ...of(1, asks)];
}

/** Lines `<receive time> <json>`: stream messages, and the REST snapshot as one line that is none. */
function readBinance(product: Product, text: string): Recording {
  const lines = text.split('\n').filter((line) => line !== '');
  const at = lines.findIndex((line) => line.includes('"lastUpdateId"'));
  if (at < 0) throw new Error('the recording has no snapshot');
  const bodyOf = (line: string): string => line.slice(line.indexOf(' ') + 1);
  const snapshot = JSON.parse(bodyOf(lines[at]));
  const opening = changesOf(product, snapshot.bids, snapshot.asks);
  let id: number = snapshot.lastUpdateId;
  let openingId = id;
  const steps: Step[] = [];
  lines.forEach((line, i) => {
    const raw = bodyOf(line);
    if (i === at || !raw.startsWith('{"stream"')) return;
    const { data } = JSON.parse(raw);
    const timeUs = Number(line.slice(0, 16));
    if (data.e === 'depthUpdate') {
      if (data.u <= id) return;
      const changes = changesOf(product, data.b, data.a);
      // What the snapshot did not have yet, and came before it.
      if (i < at) {
        opening.push(...changes);
        openingId = data.u;
      } else steps.push({ timeUs, updateId: data.u, changes, trade: null, raw });
      id = data.u;
    } else if (i > at)
      steps.push({ timeUs, updateId: id, changes: [], trade: data.e === 'trade' ? tradeOf(product, data) : null, raw });
  });
  // A diff that joins on to the snapshot may begin before it; the book before that diff is the one as of the snapshot.
  return { product, opening, openingId, steps };
}

function tradeOf(
  product: Product,
  data: { t: number; p: string; q: string; m: boolean; X?: string },
): MarketTrade | null {
  // A number without a trade, as futures have them.
  if (data.X === 'NA') return null;
  const price = unitsOf(data.p, product.priceDecimals);
  const size = unitsOf(data.q, product.sizeDecimals);
  return { id: data.t, price, size, makerSide: data.m ? 0 : 1, makerId: '', takerId: '' };
}

/** v1 sessions: `[channel, {"as":…,"bs":…}, "book-1000", pair]`, then `[channel, {"a":…,"c":crc}, {"b":…}, …]`. */
export function readKraken(text: string): { recordings: Recording[]; checked: number; wrong: number } {
  const decimals = new Map<string, number>();
  const pairs = new Map<string, { product: Product; opening: LevelChange[]; book: LevelBook; steps: Step[] }>();
  let checked = 0;
  let wrong = 0;
  for (const line of text.split('\n')) {
    const record = JSON.parse(line || '{}');
    if (record.t === 'http') {
      const listed: { wsname?: string; pair_decimals: number }[] = Object.values(JSON.parse(record.data).result);
      for (const { wsname, pair_decimals } of listed) if (wsname !== undefined) decimals.set(wsname, pair_decimals);
    }
    if (typeof record.data !== 'string' || !record.data.startsWith('[') || !record.data.includes('"book-1000"'))
      continue;
    const message = JSON.parse(record.data);
    const symbol: string = message.at(-1);
    const body = Object.assign({}, ...message.slice(1, -2));
    const rows: Row[] = body.as ?? body.a ?? body.b;
    let pair = pairs.get(symbol);
    if (pair === undefined) {
      pair = {
        product: productOf(symbol, rows[0], decimals.get(symbol)!),
        opening: [],
        book: new LevelBook(),
        steps: [],
      };
      pairs.set(symbol, pair);
    }
    const { product, book, opening, steps } = pair;
    const changes = changesOf(product, body.bs ?? body.b, body.as ?? body.a);
    for (const change of changes) book.set(change);
    for (const side of [0, 1] as const) {
      for (const [price] of book.best(side).slice(1000)) changes.push({ side, price, size: 0 });
    }
    for (const change of changes) book.set(change);
    if (body.as !== undefined) opening.push(...changes);
    else
      steps.push({ timeUs: Math.floor(record.ts * 1e6), updateId: steps.length + 1, changes, trade: null, raw: null });
    if (body.c === undefined) continue;
    checked++;
    // v1 writes prices with more decimals than the pair has, and its checksums are of the text.
    const extra = wireDecimals(rows[0][0]) - product.priceDecimals;
    const best = ([0, 1] as const).map((side) =>
      book.best(side, 10).map(([price, size]): [number, number] => [price * 10 ** extra, size]),
    );
    const wire = { priceDecimals: product.priceDecimals + extra, sizeDecimals: product.sizeDecimals };
    if (checksumOf(wire, best[0], best[1]) !== Number(body.c)) wrong++;
  }
  const recordings = [...pairs.values()].map(({ product, opening, steps }) => ({
    product,
    opening,
    openingId: 0,
    steps,
  }));
  return { recordings, checked, wrong };
}

const wireDecimals = (text: string): number => text.split('.')[1].length;

function productOf(symbol: string, [, size]: Row, priceDecimals: number): Product {
  const [base, quote] = symbol.split('/');
  const name = `${base === 'XBT' ? 'BTC' : base}/${quote === 'XBT' ? 'BTC' : quote}`;
  const sizeDecimals = wireDecimals(size);
  return { name, symbol: name, base, quote, priceDecimals, tick: 1, sizeDecimals, lot: 1, meanLots: 1, middle: 0 };
}
