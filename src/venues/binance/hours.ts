import { basename } from 'node:path';
import { BookcastError, dayOfEpochMs } from '../../core/index.ts';
import { inspectFile, readChunks } from '../../files/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  type EventSource,
  type Instrument,
  instrumentKey,
  type SourceCounts,
  type Verifier,
} from '../../market/index.ts';
import type { Message } from './canonical.ts';
import { countDecimals, inferSteps, noDecimals } from './decimals.ts';
import { BinanceDecoder } from './decode.ts';
import type { DecoderLog } from './decoder-log.ts';
import { binanceInstrument, marketOf, type WantedSymbol } from './instruments.ts';
import { type ChosenSteps, chooseSteps, type StepOptions, stepsNote } from './steps.ts';

const NAME = /^([A-Z0-9_]+)_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)_(snapshot|trades|update)\.json(?:\.(?:xz|gz|zst))?$/;
/** Text longer than this does not fit into one string. */
const MAX_BYTES = 256 * 1024 * 1024;

type Part = 'snapshot' | 'trades' | 'update';

/** The files of one hour. */
interface Hour {
  readonly symbol: string;
  /** Such as `2020-11-01T09-00-00`; sorts by time. */
  readonly begin: string;
  readonly paths: Map<Part, string>;
}

/** A message, and where it came from. */
interface Item {
  readonly message: Message;
  /** The venue's time of sending, ms since 1970; NaN where it has none. */
  readonly sentMs: number;
  readonly path: string;
  /** In its file, from 1. */
  readonly place: number;
}

export function isHourFile(path: string): boolean {
  return NAME.test(basename(path));
}

/**
 * Opens hours of JSON arrays: `SYMBOL_2020-11-01T09-00-00_update.json.xz` (diffs), `…_trades.json.xz` (aggregate trades) and
 * `…_snapshot.json.xz` (the REST snapshot taken as the hour began), in any order; hours of one symbol are joined.
 *
 * The order of events. Diffs and trades each stand in the order of their file; the two are merged by `E`, the time of
 * sending, for they have no receive time. On a tie the trade comes first: a diff tells the changes up to its `E`, which the
 * trade is one cause of. A snapshot comes right before the first diff that reaches over it, where it bridges; as long as the diffs
 * chain on without a break, later snapshots tell nothing new and are left out, since each would begin the book anew.
 *
 * The receive time is `E` as well, which a note says: there is no latency in these data.
 */
export async function openHours(
  paths: readonly string[],
  wanted: WantedSymbol | null,
  options: StepOptions,
): Promise<EventSource> {
  const hours = hoursOf(paths, wanted);
  const [hour] = hours;
  const items = (await Promise.all([...hour.paths].map(([part, path]) => readPart(path, part, () => {})))).flat();
  const first = items.find(({ message }) => marketOf(message) !== null);
  const firstMs = items.find(({ sentMs }) => sentMs > 0)?.sentMs;
  if (first === undefined || firstMs === undefined) {
    const path = [...hour.paths.values()].join(', ');
    throw new BookcastError('bad-input', `${path}: no diffs or trades of Binance in it, so nothing tells its time`, {
      path,
    });
  }
  const market = wanted?.market ?? marketOf(first.message)!;
  const decimals = noDecimals();
  for (const { message } of items) countDecimals(message, decimals);
  const steps = chooseSteps(hour.symbol, market, options, null, () => inferSteps([decimals]), first.path);
  let bytesTotal = 0;
  for (const { paths } of hours) for (const path of paths.values()) bytesTotal += (await inspectFile(path)).bytes;
  const instrument = binanceInstrument(hour.symbol, market, steps);
  return new HoursSource(hours, instrument, steps, dayOfEpochMs(firstMs), bytesTotal);
}

function hoursOf(paths: readonly string[], wanted: WantedSymbol | null): Hour[] {
  const hours = new Map<string, Hour>();
  for (const path of paths) {
    const [, symbol, begin, part] = NAME.exec(basename(path))!;
    if (wanted !== null && wanted.symbol !== symbol) continue;
    const hour = hours.get(`${symbol} ${begin}`) ?? { symbol, begin, paths: new Map<Part, string>() };
    hours.set(`${symbol} ${begin}`, hour);
    const same = hour.paths.get(part as Part);
    if (same !== undefined) {
      throw new BookcastError('bad-argument', `${path} and ${same} are the same hour's: give each once`, { path });
    }
    hour.paths.set(part as Part, path);
  }
  const found = [...hours.values()].sort((a, b) => (a.begin < b.begin ? -1 : 1));
  const symbols = [...new Set(found.map(({ symbol }) => symbol))];
  if (symbols.length > 1) {
    throw new BookcastError(
      'bad-argument',
      `the files hold ${symbols.join(', ')}; say which one to read with --symbol`,
      { symbols },
    );
  }
  if (found.length === 0) {
    throw new BookcastError('bad-input', `${paths.join(', ')}: nothing of ${wanted?.symbol}`, { paths });
  }
  return found;
}

/** One file's messages. Throws `bad-input` where it is not JSON, or not of the kind that its name says. */
async function readPart(path: string, part: Part, onRead: (bytes: number) => void): Promise<Item[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(path, await inspectFile(path), onRead)) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new BookcastError('bad-input', `${path}: more than ${MAX_BYTES} bytes of JSON for one hour`, { path });
    }
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new BookcastError('bad-input', `${path}: it is not JSON, though its name says so`, { cause, path });
  }
  if (part === 'snapshot') {
    if (!isObject(parsed) || typeof parsed.lastUpdateId !== 'number') {
      throw new BookcastError('bad-input', `${path}: expected a snapshot {"lastUpdateId":…,"bids":[…],"asks":[…]}`, {
        path,
      });
    }
    return [{ message: parsed, sentMs: Number.NaN, path, place: 1 }];
  }
  if (!Array.isArray(parsed)) throw new BookcastError('bad-input', `${path}: expected an array of messages`, { path });
  let sentMs = 0;
  return parsed.map((item: unknown, i) => {
    const message = isObject(item) ? item : {};
    // What has no time of its own keeps its place.
    if (typeof message.E === 'number') sentMs = message.E;
    return { message, sentMs, path, place: i + 1 };
  });
}

/** Diffs and trades in one order, with the snapshot where it bridges; one that no diff reaches over would never change, and is no book. */
function* inOrder(snapshot: Item | undefined, diffs: readonly Item[], trades: readonly Item[]): Generator<Item> {
  let waiting = snapshot;
  let t = 0;
  for (const diff of diffs) {
    while (t < trades.length && trades[t].sentMs <= diff.sentMs) yield trades[t++];
    if (waiting !== undefined && Number(diff.message.u) > Number(waiting.message.lastUpdateId)) {
      yield { ...waiting, sentMs: diff.sentMs };
      waiting = undefined;
    }
    yield diff;
  }
  yield* trades.slice(t);
}

class HoursSource implements EventSource {
  readonly instrument: Instrument;
  readonly origin = 'recorded';
  readonly counts: SourceCounts;
  readonly #hours: readonly Hour[];
  readonly #steps: ChosenSteps;
  readonly #day: number;
  #log: DecoderLog | null = null;
  #ended = false;
  #snapshotsLeftOut = 0;

  constructor(hours: readonly Hour[], instrument: Instrument, steps: ChosenSteps, day: number, bytesTotal: number) {
    this.#hours = hours;
    this.instrument = instrument;
    this.#steps = steps;
    this.#day = day;
    this.counts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal };
  }

  get notes(): readonly string[] {
    const notes = stepsNote(this.instrument, this.#steps);
    notes.push('no receive times in these data: the time of sending stands for them');
    if (this.#snapshotsLeftOut > 0) {
      notes.push(`${this.#snapshotsLeftOut} snapshots left out: the diffs chain on without a break`);
    }
    return this.#log === null ? notes : [...notes, ...this.#log.notes(this.#ended)];
  }

  verifier(): Verifier | null {
    return null;
  }

  async *batches({ lend = false } = {}): AsyncGenerator<EventBatch> {
    const { counts, instrument } = this;
    const builder = new BatchBuilder(instrumentKey(instrument), this.#day);
    const [{ symbol }] = this.#hours;
    const decoder = new BinanceDecoder(instrument, symbol, builder);
    const chain = new DiffChain(instrument.sequencing === 'linked');
    decoder.place = 'message';
    this.#log = decoder.log;
    this.#ended = false;
    this.#snapshotsLeftOut = 0;
    counts.bytesRead = 0;
    for (const hour of this.#hours) {
      const [snapshot, diffs, trades] = await this.#readHour(hour);
      for (const item of inOrder(snapshot[0], diffs, trades)) {
        if (!chain.takes(item.message)) this.#snapshotsLeftOut++;
        else this.#decode(decoder, item);
        if (!builder.full) continue;
        yield (lend ? builder.lend() : builder.finish())!;
      }
    }
    this.#ended = true;
    const rest = lend ? builder.lend() : builder.finish();
    if (rest !== null) yield rest;
  }

  async #readHour({ paths }: Hour): Promise<[snapshot: Item[], diffs: Item[], trades: Item[]]> {
    const read = async (part: Part): Promise<Item[]> => {
      const path = paths.get(part);
      if (path === undefined) return [];
      return readPart(path, part, (bytes) => {
        this.counts.bytesRead += bytes;
      });
    };
    return [await read('snapshot'), await read('update'), await read('trades')];
  }

  /** As the line that a recorder of raw lines would have written. */
  #decode(decoder: BinanceDecoder, { message, sentMs, path, place }: Item): void {
    const line = Buffer.from(`${sentMs} ${JSON.stringify(message)}`);
    decoder.source = path;
    decoder.line = place - 1;
    decoder.decode(line, 0, line.length);
    this.counts.messages = decoder.log.messages;
    this.counts.unparsable = decoder.log.unparsable;
  }
}

/** Follows the ids, to tell which snapshots are needed. */
class DiffChain {
  readonly #linked: boolean;
  /** The last id of the last diff; NaN before the first. */
  #last = Number.NaN;
  /** Of a snapshot that no diff has reached over yet. */
  #snapshot = Number.NaN;
  /** A snapshot was bridged, and every diff since followed its predecessor. */
  #whole = false;

  constructor(linked: boolean) {
    this.#linked = linked;
  }

  /** False for a snapshot that tells nothing new. */
  takes(message: Message): boolean {
    if ('lastUpdateId' in message) {
      if (this.#whole) return false;
      this.#snapshot = Number(message.lastUpdateId);
      return true;
    }
    if (message.e !== 'depthUpdate') return true;
    const previous = this.#linked ? Number(message.pu) : Number(message.U) - 1;
    if (previous !== this.#last) this.#whole = false;
    if (!Number.isNaN(this.#snapshot)) this.#whole = previous <= this.#snapshot;
    this.#snapshot = Number.NaN;
    this.#last = Number(message.u);
    return true;
  }
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
