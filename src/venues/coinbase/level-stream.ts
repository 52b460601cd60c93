import { NO_PRICE, VenueTime } from '../../core/index.ts';
import type { FeedInstrument, LinkSink } from '../../feed/index.ts';
import { type BatchBuilder, EventFlag, EventKind, Fault, Side } from '../../market/index.ts';
import { BEYOND, beyondNote, Steps } from './steps.ts';

/**
 * One product's book messages and trades on one connection, as rows. Coinbase numbers connections, or nothing: so each
 * DELTA names the number of the message of this product before it on this connection, and the first SNAPSHOT says that
 * numbers begin anew (`RESTART`).
 *
 * Rows of a frame count only once the frame was read to its end: `close` keeps or drops them.
 */
export class LevelStream {
  readonly index: number;
  readonly symbol: Buffer;
  readonly steps: Steps;
  readonly time: VenueTime;
  readonly #sink: LinkSink;
  #builder: BatchBuilder;
  /** The frame's first row; −1 where the frame has none of this product. */
  #frameFrom = -1;
  #messageFrom = 0;
  #sequence = 0;
  #recvNs = 0;
  #previous = 0;
  #restart = true;
  #restartInFrame = false;
  /** Levels of the frame at prices that no column holds (`BEYOND`): left out of the book, far away from its touch. */
  #beyond = 0;
  #beyondTold = false;
  /** What is wrong with the frame's values; null where all is well. */
  #problem: string | null = null;
  #problemAt = 0;

  constructor(instrument: FeedInstrument, index: number, sink: LinkSink) {
    this.index = index;
    this.symbol = Buffer.from(instrument.symbol);
    this.steps = new Steps(instrument.instrument);
    this.#sink = sink;
    this.#builder = sink.builder(index);
    this.time = new VenueTime(this.#builder.day);
  }

  /** The next SNAPSHOT begins the numbers anew. */
  restart(): void {
    this.#restart = true;
  }

  /** Begins a book message. */
  begin(snapshot: boolean, sequence: number, recvNs: number): void {
    this.#enter(sequence, recvNs);
    const builder = this.#builder;
    this.#messageFrom = builder.length;
    if (snapshot) {
      builder.push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, recvNs, recvNs, sequence, 0);
      if (this.#restart) builder.flag(EventFlag.RESTART);
      this.#restartInFrame = true;
    } else builder.push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, recvNs, recvNs, sequence, this.#previous);
    this.#previous = sequence;
  }

  /** The size resting at a price: decimal text in `bytes[priceFrom, priceTo)` and `bytes[sizeFrom, sizeTo)`. */
  level(
    side: number,
    bytes: Buffer,
    priceFrom: number,
    priceTo: number,
    sizeFrom: number,
    sizeTo: number,
    eventNs: number,
  ): void {
    const ticks = this.steps.ticks(bytes, priceFrom, priceTo);
    const lots = this.steps.lots(bytes, sizeFrom, sizeTo);
    if (Number.isNaN(ticks) || Number.isNaN(lots)) {
      const wrong = Number.isNaN(ticks) ? 'price' : 'size';
      const at = Number.isNaN(ticks) ? priceFrom : sizeFrom;
      this.refuse(`a level's ${wrong} is ${show(bytes, at, Number.isNaN(ticks) ? priceTo : sizeTo)}`, at);
    } else if (ticks === BEYOND) this.#beyond++;
    else this.#builder.push(EventKind.LEVEL, side as Side, ticks, lots, eventNs, this.#recvNs, this.#sequence, 0);
  }

  /** Ends the book message; `eventNs` is the time of its head, and of all rows where `all`. */
  end(eventNs: number, all: boolean): void {
    const builder = this.#builder;
    builder.reserve(0).tsEventNs.fill(eventNs, this.#messageFrom, all ? builder.length : this.#messageFrom + 1);
    builder.endMessage();
  }

  /** A trade of `maker`'s resting side, if it is news. */
  trade(id: number, maker: Side, ticks: number, lots: number, eventNs: number, sequence: number, recvNs: number): void {
    if (!this.#sink.freshTrade(this.index, id)) return;
    this.#enter(sequence, recvNs);
    const aggressor = maker === Side.ASK ? Side.BID : Side.ASK;
    this.#builder.push(EventKind.TRADE, aggressor, ticks, lots, eventNs, recvNs, sequence, id);
    this.#builder.endMessage();
  }

  /** The frame cannot belong here: none of its rows of this product will count. `offset`: of a value that is wrong; −1: none is. */
  refuse(why: string, offset: number): void {
    if (this.#problem !== null) return;
    this.#problem = why;
    this.#problemAt = offset;
  }

  /**
   * The frame is at its end: keeps its rows, or drops them where it could not be read. Where it was refused, says so
   * and declares the book lost: it may lack what they said. `from`: the frame's first byte.
   */
  close(readable: boolean, from: number, recvNs: number): void {
    const problem = this.#problem;
    if (this.#frameFrom >= 0 && (!readable || problem !== null)) this.#builder.rewind(this.#frameFrom);
    else if (this.#frameFrom >= 0 && this.#restartInFrame) this.#restart = false;
    if (this.#beyond > 0 && !this.#beyondTold) {
      this.#beyondTold = true;
      this.#sink.note?.(this.index, beyondNote(this.#beyond));
    }
    this.#frameFrom = -1;
    this.#restartInFrame = false;
    this.#problem = null;
    this.#beyond = 0;
    if (!readable || problem === null) return;
    if (this.#problemAt >= 0) this.#sink.unreadable(this.index, problem, this.#problemAt - from, recvNs);
    this.#sink.fault(this.index, Fault.GAP, problem);
  }

  #enter(sequence: number, recvNs: number): void {
    this.#sequence = sequence;
    this.#recvNs = recvNs;
    if (this.#frameFrom >= 0) return;
    this.#builder = this.#sink.builder(this.index);
    this.#frameFrom = this.#builder.length;
  }
}

/** The product that `bytes[from, to)` names; null where it is none of these. */
export function findStream(
  streams: readonly LevelStream[],
  bytes: Buffer,
  from: number,
  to: number,
): LevelStream | null {
  for (const stream of streams) {
    const { symbol } = stream;
    if (symbol.length !== to - from) continue;
    let at = 0;
    while (at < symbol.length && symbol[at] === bytes[from + at]) at++;
    if (at === symbol.length) return stream;
  }
  return null;
}

/** Text of the venue's for an error message, cut short. */
export function show(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, Math.min(to, from + 40));
  return JSON.stringify(to > from + 40 ? `${text}…` : text);
}
