import { type BookcastError, NO_PRICE } from '../../core/index.ts';
import type { LinkSink } from '../../feed/index.ts';
import { type BatchBuilder, EventKind, Fault, Side, type SourceCounts } from '../../market/index.ts';

const MAX_REASONS = 3;

/** Takes what a conversation tells of one instrument whose messages stand in files. */
export class FileSink implements LinkSink {
  /** Where we are, for notes. */
  where = '';
  recvNs = 0;
  readonly #builder: BatchBuilder;
  readonly #counts: SourceCounts;
  readonly #told: string[] = [];
  readonly #reasons: string[] = [];
  #faults = 0;
  #lastTrade = Number.NaN;
  #tradesMissing = 0;

  constructor(builder: BatchBuilder, counts: SourceCounts) {
    this.#builder = builder;
    this.#counts = counts;
  }

  /** What a user should know. */
  get notes(): readonly string[] {
    const notes = [...this.#told, ...this.#reasons];
    if (this.#faults > this.#reasons.length) notes.push(`${this.#faults} faults and unreadable messages in all`);
    if (this.#tradesMissing > 0) notes.push(`${this.#tradesMissing} trades missing: their ids were skipped`);
    return notes;
  }

  builder(): BatchBuilder {
    return this.#builder;
  }

  joinable(): void {
    // Nothing can be asked of a file.
  }

  freshTrade(_i: number | null, id: number): boolean {
    if (id <= this.#lastTrade) return false;
    if (id > this.#lastTrade + 1) this.#tradesMissing += id - this.#lastTrade - 1;
    this.#lastTrade = id;
    return true;
  }

  fault(_i: number | null, fault: Fault, why: string): void {
    this.#note(why);
    this.#row(fault);
  }

  unreadable(_i: number | null, why: string): void {
    this.#counts.unparsable++;
    this.#note(why);
    this.#row(Fault.UNPARSABLE);
  }

  heartbeat(): void {
    // A file is not alive.
  }

  closing(why: string): void {
    this.#note(why);
  }

  note(_i: number | null, what: string): void {
    if (!this.#told.includes(what)) this.#told.push(what);
  }

  refused(_i: number | null, error: BookcastError): void {
    this.#note(error.message);
  }

  #note(why: string): void {
    this.#faults++;
    if (this.#reasons.length < MAX_REASONS) this.#reasons.push(`${this.where}: ${why}`);
  }

  #row(fault: Fault): void {
    this.#builder.push(EventKind.FAULT, Side.NONE, NO_PRICE, fault, this.recvNs, this.recvNs, 0, 0);
    this.#builder.endMessage();
  }
}
