import { jsonErrorOffset, NS_PER_SECOND } from '../../core/index.ts';
import type { Conversation, FeedInstrument, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { Fault } from '../../market/index.ts';
import { BinanceDecoder } from './decode.ts';
import { Decoded } from './decoded.ts';
import { depthUrl } from './discovery.ts';
import type { KnownRange } from './known-range.ts';
import type { MarketFacts } from './markets.ts';
import { OTHER_SYMBOL, SymbolTable } from './stream-name.ts';
import { errorOf, venueError } from './venue-error.ts';

export interface ConversationOptions {
  readonly instruments: readonly FeedInstrument[];
  readonly facts: MarketFacts;
  /** The base address of requests. */
  readonly rest: string;
  /** The snapshot to ask for. */
  readonly depth: MarketFacts['depths'][number];
  /** By instrument; outlives the connection, as the book does where another one takes over. */
  readonly ranges: readonly KnownRange[];
}

/** A snapshot may be ahead of the stream, which lags when a market is wild; not for so long. */
const SNAPSHOT_AHEAD_NS = 3 * NS_PER_SECOND;

/**
 * One connection to a combined stream (`…/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade`): the address
 * subscribes, so nothing needs saying. Every message is `{"stream":"<name>","data":{…}}`; the name tells whose decoder
 * takes it. The book of each instrument follows the venue's recipe:
 *
 *   1. Diffs arrive from the first moment on, and whoever keeps the book keeps them (`sequence-rule.ts` has the venue's words).
 *   2. Once anything has arrived, every stream of the address is open: ask for the snapshot, `GET …/depth?symbol=…&limit=…`.
 *   3. Diffs up to the snapshot's `lastUpdateId` are passed over, and the first one kept must reach over it:
 *      spot `U <= lastUpdateId + 1 <= u`; futures `pu <= lastUpdateId <= u`.
 *   4. From there on each diff must follow its predecessor: spot `U = last u + 1`; futures `pu = last u`. Where one does not, only
 *      this instrument's book is lost, and only its snapshot is asked for again.
 *
 * Three things that the recipe leaves out. Levels beyond a snapshot are unknown until they change, so when the best prices come near
 * the end of the range that the snapshot told, that is a gap as well (`KnownRange`). A book that a diff's prices do not fit is
 * not the venue's: a value that the steps do not divide is a gap, never rounded. And where diffs are still "up to `lastUpdateId`"
 * long after the snapshot, the venue began to number anew, and they would be passed over for ever.
 */
export class BinanceConversation implements Conversation {
  readonly #options: ConversationOptions;
  readonly #sink: LinkSink;
  readonly #table: SymbolTable;
  readonly #decoders: readonly BinanceDecoder[];
  /** By instrument: the id of the last snapshot and when it came, until a diff has passed it; 0 for none. */
  readonly #snapshotId: Float64Array;
  readonly #snapshotNs: Float64Array;
  #joinable = false;

  constructor(options: ConversationOptions, sink: LinkSink) {
    const { instruments } = options;
    this.#options = options;
    this.#sink = sink;
    this.#snapshotId = new Float64Array(instruments.length);
    this.#snapshotNs = new Float64Array(instruments.length);
    this.#table = new SymbolTable(instruments.map(({ symbol }) => symbol));
    this.#decoders = instruments.map(
      ({ instrument, symbol }, i) => new BinanceDecoder(instrument, symbol, sink.builder(i)),
    );
  }

  greeting(): readonly Outgoing[] {
    return [];
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    const i = this.#table.find(bytes, from, to);
    if (i === OTHER_SYMBOL) return;
    if (i < 0) {
      this.#receiveOther(bytes, from, to, recvNs);
      return;
    }
    const sink = this.#sink;
    if (!this.#joinable) {
      // All streams of the address begin together. Had one not, its first diff would not chain on to the snapshot.
      this.#joinable = true;
      sink.joinable(null);
    }
    const decoder = this.#decoders[i];
    const builder = sink.builder(i);
    decoder.builder = builder;
    const start = builder.length;
    const decoded = decoder.decodeMessage(bytes, from, to, recvNs);
    if (decoded === Decoded.DIFF) {
      if (this.#snapshotId[i] > 0) this.#judgeNumber(i, builder.reserve(0).sequence[start], recvNs);
    } else if (decoded === Decoded.TRADE) {
      if (!sink.freshTrade(i, decoder.tradeId)) builder.rewind(start);
    } else if (decoded === Decoded.PLACEHOLDER) {
      sink.freshTrade(i, decoder.tradeId);
    } else if (decoded === Decoded.TICKER) {
      const range = this.#options.ranges[i];
      if (!range.leaves(decoder.bidTicks, decoder.askTicks)) return;
      range.forget();
      sink.fault(i, Fault.GAP, 'the best prices are leaving the range that the last snapshot told');
    } else if (decoded === Decoded.UNREADABLE) {
      this.#unreadable(i, decoder, bytes, from, to, recvNs);
    } else if (decoded === Decoded.SNAPSHOT) {
      builder.rewind(start);
      sink.unreadable(i, 'a snapshot that nobody asked for', 0, recvNs);
    }
  }

  resync(i: number): Resync {
    const { facts, rest, depth, instruments } = this.#options;
    const url = depthUrl(`${rest}${facts.api}`, instruments[i].symbol, depth);
    return { by: 'request', request: { url, scope: facts.limits.scope, weight: depth.weight } };
  }

  answer(i: number, body: Buffer, recvNs: number): void {
    const decoder = this.#decoders[i];
    const builder = this.#sink.builder(i);
    decoder.builder = builder;
    const start = builder.length;
    if (decoder.decodeSnapshot(body, 0, body.length, recvNs) === Decoded.UNREADABLE) {
      this.#unreadable(i, decoder, body, 0, body.length, recvNs);
      return;
    }
    const rows = builder.reserve(0);
    this.#options.ranges[i].learn(rows, start, builder.length, this.#options.facts.depths);
    this.#snapshotId[i] = rows.sequence[start];
    this.#snapshotNs[i] = recvNs;
  }

  /** A diff up to `id`, after a snapshot that no diff has passed yet. */
  #judgeNumber(i: number, id: number, recvNs: number): void {
    const passed = id > this.#snapshotId[i];
    if (!passed && recvNs - this.#snapshotNs[i] < SNAPSHOT_AHEAD_NS) return;
    this.#snapshotId[i] = 0;
    if (passed) return;
    this.#sink.fault(i, Fault.GAP, 'diffs long after the snapshot have smaller numbers: the venue numbers anew');
  }

  #unreadable(i: number, decoder: BinanceDecoder, bytes: Buffer, from: number, to: number, recvNs: number): void {
    const { reason, offStep, ofBook, near } = decoder.problem;
    let offset = jsonErrorOffset(bytes, from, to);
    if (offset < 0) offset = near === '' ? 0 : Math.max(bytes.indexOf(near, from) - from, 0);
    this.#sink.unreadable(i, reason, offset, recvNs);
    // Trades and quotes do not change the book.
    if (offStep && ofBook) {
      const { tickSize, lotSize } = this.#options.instruments[i].instrument;
      const why = `${reason} is no whole number of steps (ticks of ${tickSize}, lots of ${lotSize}), or too many of them`;
      this.#sink.fault(i, Fault.GAP, why);
    }
  }

  /** What is for no instrument: a notice, an answer, or no message at all. */
  #receiveOther(bytes: Buffer, from: number, to: number, recvNs: number): void {
    let message: unknown;
    try {
      message = JSON.parse(bytes.toString('utf8', from, to));
    } catch {
      const offset = Math.max(jsonErrorOffset(bytes, from, to), 0);
      this.#sink.unreadable(null, 'a message that is not JSON', offset, recvNs);
      return;
    }
    const data: unknown = isObject(message) && 'data' in message ? message.data : message;
    if (isObject(data) && data.e === 'serverShutdown') {
      this.#sink.closing('Binance is about to shut this server down');
    } else if (errorOf(message) !== null) {
      this.#sink.refused(null, venueError(message, 'the stream'));
    } else if (!isObject(message)) {
      this.#sink.unreadable(null, 'a message that is no object', 0, recvNs);
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
