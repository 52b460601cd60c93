import type { Conversation, HttpAnswer } from './protocol.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Cancel, World } from './world.ts';

const ANSWER_MS = 30_000;

/** One connection's books, by index. */
export interface VerifiedBooks {
  readonly count: number;
  /** Only a synced book is worth a proof. */
  isSynced(i: number): boolean;
  /** Requests of a scope, under the venue's limit. */
  limiter(scope: string): RateLimiter;
  /** Hears of every answer: the venue may want to be left alone. */
  heed(scope: string, answer: HttpAnswer): void;
  /** Takes the proof. */
  answer(i: number, answer: HttpAnswer): void;
}

/**
 * Asks now and then for what proves synced books (`Conversation.verification`), one after the other and evenly spread. A proof
 * that does not come is not asked for again before its next turn.
 */
export class Verification {
  readonly #world: World;
  readonly #rule: NonNullable<Conversation['verification']>;
  readonly #books: VerifiedBooks;
  #next = 0;
  #timer: Cancel;
  #pending: Cancel | null = null;

  constructor(world: World, rule: NonNullable<Conversation['verification']>, books: VerifiedBooks) {
    this.#world = world;
    this.#rule = rule;
    this.#books = books;
    this.#timer = this.#arm();
  }

  stop(): void {
    this.#timer();
    this.#pending?.();
  }

  #arm(): Cancel {
    return this.#world.timers.after(this.#rule.everyMs / this.#books.count, () => {
      this.#timer = this.#arm();
      const i = this.#next;
      this.#next = (i + 1) % this.#books.count;
      this.#pending?.();
      this.#pending = null;
      if (this.#books.isSynced(i)) this.#ask(i);
    });
  }

  #ask(i: number): void {
    const books = this.#books;
    const request = this.#rule.request(i, this.#world.clock.nowMs());
    let asked = false;
    const waiting = books.limiter(request.scope).ask(request.weight, () => {
      asked = true;
      this.#pending = this.#world.transport.request(request, ANSWER_MS, (outcome) => {
        this.#pending = null;
        if (outcome instanceof Error) return;
        books.heed(request.scope, outcome);
        if (outcome.status === 200 && books.isSynced(i)) books.answer(i, { ...outcome, url: request.url });
      });
    });
    if (!asked) this.#pending = waiting;
  }
}
