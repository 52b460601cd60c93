import { assert, type Clock, NS_PER_MS } from '../core/index.ts';
import type { RateRule } from './protocol.ts';
import type { Cancel, Timers } from './world.ts';

/**
 * Networks bunch what was sent evenly, and the venue counts what arrives: we keep so much longer than the venue's window.
 * It also makes windows that are closed at both ends hold no more than the limit.
 */
const MARGIN = 1.1;

interface Waiting {
  readonly weight: number;
  go: (() => void) | null;
}

interface Spent {
  readonly atNs: number;
  readonly weight: number;
}

/**
 * A strict rolling window without bursts: what has weight w is followed by nothing for w · windowMs / limit, and no window of
 * `windowMs` ever holds more than `limit`, wherever it begins. Whoever has to wait does so in turn; nothing is dropped.
 */
export class RateLimiter {
  /** May be made stricter or wider; what was spent before still counts. */
  rule: RateRule;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #queue: Waiting[] = [];
  /** What may still lie in a window, oldest first. */
  #spent: Spent[] = [];
  #used = 0;
  #nextNs = Number.NEGATIVE_INFINITY;
  #blockedUntilNs = Number.NEGATIVE_INFINITY;
  #timer: Cancel | null = null;
  #pumping = false;

  constructor(clock: Clock, timers: Timers, rule: RateRule) {
    assert(rule.limit > 0 && rule.windowMs > 0, 'a rate has a limit and a window');
    this.#clock = clock;
    this.#timers = timers;
    this.rule = rule;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Calls `go` as soon as the rule allows, at once where it does now. Returns what takes it out of the queue. */
  ask(weight: number, go: () => void): Cancel {
    const waiting: Waiting = { weight, go };
    this.#queue.push(waiting);
    this.#pump();
    return () => {
      if (waiting.go === null) return;
      waiting.go = null;
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
      if (this.#queue.length === 0) this.#disarm();
    };
  }

  /** Nothing goes for `ms` from now: the venue said so. */
  block(ms: number): void {
    this.#blockedUntilNs = Math.max(this.#blockedUntilNs, this.#clock.monotonicNs() + Math.ceil(ms * NS_PER_MS));
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#disarm();
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) break;
      const nowNs = this.#clock.monotonicNs();
      const atNs = this.#earliest(first.weight, nowNs);
      if (atNs > nowNs) {
        this.#timer = this.#timers.after((atNs - nowNs) / NS_PER_MS, () => {
          this.#timer = null;
          this.#pump();
        });
        break;
      }
      this.#queue.shift();
      this.#spend(first.weight, nowNs);
      const go = first.go;
      first.go = null;
      go?.();
    }
    this.#pumping = false;
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = null;
  }

  #spend(weight: number, nowNs: number): void {
    this.#spent.push({ atNs: nowNs, weight });
    this.#used += weight;
    // Whole ns, as the clock counts: a timer for less than one would come back at the same time for ever.
    this.#nextNs = nowNs + Math.ceil((weight * this.#windowNs) / this.rule.limit);
  }

  get #windowNs(): number {
    return Math.ceil(this.rule.windowMs * NS_PER_MS * MARGIN);
  }

  /** When something of this weight may go; not after `nowNs` where that is now. */
  #earliest(weight: number, nowNs: number): number {
    const windowNs = this.#windowNs;
    let gone = 0;
    while (gone < this.#spent.length && this.#spent[gone].atNs + windowNs <= nowNs)
      this.#used -= this.#spent[gone++].weight;
    if (gone > 0) this.#spent = this.#spent.slice(gone);
    let atNs = Math.max(this.#nextNs, this.#blockedUntilNs);
    let used = this.#used;
    // What is heavier than the whole limit goes when nothing else is in the window: the venue will judge it.
    for (let i = 0; i < this.#spent.length && used + weight > this.rule.limit; i++) {
      used -= this.#spent[i].weight;
      atNs = Math.max(atNs, this.#spent[i].atNs + windowNs);
    }
    return atNs;
  }
}
