import { BookcastError, parseDay, zoneOffsetNs } from '../../core/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  type EventSource,
  type Instrument,
  instrumentKey,
  type Origin,
  Side,
  type SourceCounts,
  type Verifier,
} from '../../market/index.ts';
import { BookRows } from './book-rows.ts';
import { LobsterDecoder } from './decode.ts';
import { type LobsterFiles, readLobsterFiles } from './files.ts';
import { type MessageTable, MessageType, parseMessages } from './messages.ts';
import { RowVerifier } from './verify.ts';

const ZONE = 'America/New_York';
const BATCH_EVENTS = 4096;

/** Prices in the files are dollars times 10000. */
const UNITS_PER_TICK = { '0.01': 100, '0.0001': 1 } as const;
export type LobsterTick = keyof typeof UNITS_PER_TICK;

export interface LobsterOptions {
  /** A zip that holds both files; or a message file and its order book file; or a message file alone. csv, csv.gz, csv.xz. */
  readonly paths: readonly string[];
  /** By default a cent, or a hundredth of one where a visible message or the opening book needs it (shares below $1). */
  readonly tickSize?: LobsterTick;
}

/**
 * Opens one day of one ticker. Files are read and decompressed whole and every message is checked here, so a bad file is
 * refused before any event flows; order book cells are read as the replay needs them.
 *
 * Times: the files count seconds after midnight in New York. Events count from UTC midnight of the same date, with the
 * offset of that date (−4 h in summer, −5 h in winter); an evening in New York is past 24 h.
 */
export async function openLobster(options: LobsterOptions): Promise<EventSource> {
  const files = await readLobsterFiles(options.paths);
  const messages = parseMessages(files.message);
  const rows = files.orderbook === null ? null : new BookRows(files.orderbook);
  if (rows !== null) checkPair(messages, rows, files);
  return new LobsterSource(files, messages, rows, options.tickSize ?? chooseTick(messages, rows));
}

function checkPair(messages: MessageTable, rows: BookRows, files: LobsterFiles): void {
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', what, { message: messages.name, orderbook: rows.name });
  };
  if (rows.levels !== files.message.says.levels) {
    fail(`${rows.name} has ${rows.levels} levels a side, and its name says ${files.message.says.levels}`);
  }
  if (rows.count !== messages.count) {
    fail(
      `${messages.name} has ${messages.count} rows and ${rows.name} has ${rows.count}; a pair has one order book row a message. One of them is cut short: get both again.`,
    );
  }
}

/** Looks only at what the book is made from, so that the instrument does not depend on the cells that check the book. */
function chooseTick(messages: MessageTable, rows: BookRows | null): LobsterTick {
  for (let k = 0; k < messages.count; k++) {
    if (messages.type[k] <= MessageType.EXECUTE && messages.price[k] % 100 !== 0) return '0.0001';
  }
  for (let rank = 0; rows !== null && rank < rows.levels; rank++) {
    for (const side of [Side.BID, Side.ASK]) {
      if (rows.readLevel(0, side, rank) && rows.size > 0 && rows.price % 100 !== 0) return '0.0001';
    }
  }
  return '0.01';
}

class LobsterSource implements EventSource {
  readonly instrument: Instrument;
  readonly origin: Origin = 'recorded';
  readonly counts: SourceCounts;
  readonly #messages: MessageTable;
  readonly #rows: BookRows | null;
  readonly #day: number;
  readonly #messageBytes: number;
  readonly #unitsPerTick: number;
  #decoder: LobsterDecoder;

  constructor(files: LobsterFiles, messages: MessageTable, rows: BookRows | null, tickSize: LobsterTick) {
    const { ticker, date, levels } = files.message.says;
    this.instrument = Object.freeze({
      venue: 'lobster',
      name: ticker,
      tickSize,
      lotSize: '1',
      sequencing: 'consecutive',
      burstQuietNs: 0,
      depthLimit: levels,
      byOrder: true,
    });
    this.#messages = messages;
    this.#rows = rows;
    this.#day = parseDay(date);
    this.#messageBytes = files.message.bytes.length;
    this.#unitsPerTick = UNITS_PER_TICK[tickSize];
    const bytesTotal = this.#messageBytes + (files.orderbook?.bytes.length ?? 0);
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
    this.#decoder = this.#newDecoder();
  }

  get notes(): readonly string[] {
    const notes: string[] = [];
    const { unmatched, contradictions, subTick } = this.#decoder;
    if (this.#rows === null) {
      notes.push(
        `no order book file: which levels stood at the start is unknown, so the book is never synced; give ${this.#messages.name.replace('_message_', '_orderbook_')} too`,
      );
    }
    const { noisyTimes } = this.#messages;
    if (noisyTimes > 0) {
      notes.push(
        `${noisyTimes} times have digits past the nanosecond, within a hundredth of one: taken as floating-point noise`,
      );
    }
    if (subTick > 0) {
      notes.push(
        `${subTick} hidden executions at a fraction of a tick: each is a trade with its size and without a price`,
      );
    }
    if (unmatched > 0) notes.push(`${unmatched} messages take more from a level than the book holds there`);
    if (contradictions > 0) {
      notes.push(
        `${contradictions} order book cells contradict the messages and were not used: the two files disagree`,
      );
    }
    return notes;
  }

  async *batches(): AsyncGenerator<EventBatch> {
    const decoder = this.#newDecoder();
    this.#decoder = decoder;
    const { counts } = this;
    counts.messages = 0;
    counts.bytesRead = 0;
    const builder = new BatchBuilder(instrumentKey(this.instrument), this.#day, BATCH_EVENTS);
    const count = this.#messages.count;
    for (let k = 0; k < count; k++) {
      decoder.decode(k, builder);
      if (!builder.full && k + 1 < count) continue;
      counts.messages = k + 1;
      const messageBytes = Math.floor((this.#messageBytes * (k + 1)) / count);
      counts.bytesRead = messageBytes + (this.#rows?.endOf(k) ?? 0);
      yield builder.finish()!;
    }
  }

  verifier(): Verifier | null {
    return this.#rows === null ? null : new RowVerifier(this.#rows, this.#unitsPerTick);
  }

  #newDecoder(): LobsterDecoder {
    const midnightNs = 0 - zoneOffsetNs(ZONE, this.#day);
    return new LobsterDecoder(this.#messages, this.#rows, { unitsPerTick: this.#unitsPerTick, midnightNs });
  }
}
