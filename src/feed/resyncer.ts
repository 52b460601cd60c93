import { NS_PER_MS } from '../core/index.ts';
import { SyncState } from '../market/index.ts';
import { Backoff } from './backoff.ts';
import type { Desk } from './desk.ts';
import type { Lane } from './lane.ts';
import type { Port } from './port.ts';
import type { HttpAnswer, HttpRequest, Outgoing, RateRule, Resync } from './protocol.ts';
import type { Cancel } from './world.ts';

/** How long a snapshot may take: the first after subscribing, one asked for, the answer to a request. */
const SNAPSHOT_MS = 10_000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 15_000;
/** A book that was synced for so long was sound: the next resync starts without a wait. */
const SOUND_MS = 30_000;
/** Answers after which asking again can hardly help, and how long to wait before trying nevertheless. */
const HOPELESS: ReadonlySet<number> = new Set([400, 401, 403, 404, 410, 451]);
const HOPELESS_MS = 300_000;

/** What a connection does for the resyncs of one of its instruments. */
export interface PortEnd {
  /** All that the greeting asks for was sent. */
  readonly greeted: boolean;
  /** For requests, of the venue's. */
  readonly rule: RateRule;
  resync(): Resync;
  /** Sends one after the other, as the limits allow; `sent` after the last. */
  say(messages: readonly Outgoing[], sent: () => void): Cancel;
  answer(answer: HttpAnswer): void;
}

/**
 * - `idle`: the book is synced, or there is no connection;
 * - `expecting`: the connection's greeting asks for the snapshot, or `joinable` will say that it can be asked for. Where neither comes for
 *   long, it is asked for nevertheless: of a quiet market nothing may come, and that it joins is for the numbers to prove;
 * - `waiting`: before asking (again);
 * - `asking`: it is asked for, or that is next in some queue.
 */
type Phase = 'idle' | 'expecting' | 'waiting' | 'asking';

/**
 * Brings one instrument's book back whenever it is not synced: asks for a snapshot under the venue's limits, sees whether it
 * came and was of use, and asks again with backoff where not. One ask at a time; never the whole connection. Of a connection
 * that waits to take over it asks the snapshot that this may need.
 */
export class Resyncer {
  /** Snapshots asked for after the first. */
  resyncs = 0;
  readonly #desk: Desk;
  readonly #lane: Lane;
  readonly #endOf: (port: Port) => PortEnd | null;
  readonly #backoff: Backoff;
  #phase: Phase = 'idle';
  #target: Port | null = null;
  #end: PortEnd | null = null;
  #pending: Cancel | null = null;
  /** Grows with each step: a callback of an earlier one is no longer of interest. */
  #turn = 0;
  /** Snapshots of the target when this one was expected or asked for. */
  #snapshotsBefore = 0;
  #askedBefore = false;
  /** NaN while the book is not synced. */
  #syncedNs = Number.NaN;
  /** The next resync starts no earlier: the last one did not hold. */
  #notBeforeNs = Number.NEGATIVE_INFINITY;
  #told = '';

  /** `endOf`: the connection behind a port; null where it is gone. */
  constructor(desk: Desk, lane: Lane, endOf: (port: Port) => PortEnd | null) {
    this.#desk = desk;
    this.#lane = lane;
    this.#endOf = endOf;
    this.#backoff = new Backoff(desk.world.random, FIRST_BACKOFF_MS, MAX_BACKOFF_MS);
  }

  get idle(): boolean {
    return this.#phase === 'idle';
  }

  /** Something that matters here may have changed: the book's state, a connection, what it said. */
  check(): void {
    const target = this.#chooseTarget();
    if (target !== this.#target) {
      this.#step('idle');
      this.#target = target;
      this.#end = target === null ? null : this.#endOf(target);
      if (this.#end !== null) this.#begin();
      return;
    }
    if (target === null || this.#end === null) return;
    const came = target.snapshots > this.#snapshotsBefore;
    if (this.#phase === 'expecting') {
      if (target.joinable) this.#begin();
      else if (came) this.#again();
      else if (this.#pending === null && this.#end.greeted) this.#expect();
    }
    // It came, and the book is not synced: it was too old, or something was lost since.
    else if (this.#phase === 'asking' && came) this.#again();
  }

  /** The venue refused what was asked of it. `hopeless`: it will again. */
  refused(hopeless: boolean): void {
    if (this.#phase === 'expecting' || this.#phase === 'asking') this.#again(hopeless ? HOPELESS_MS : undefined);
  }

  stop(): void {
    this.#step('idle');
    this.#target = this.#end = null;
  }

  #chooseTarget(): Port | null {
    const { sync, active, waiting, feed, joins } = this.#lane;
    const nowNs = this.#desk.clock.monotonicNs;
    if (sync.state !== SyncState.SYNCED) {
      if (!Number.isNaN(this.#syncedNs)) this.#lost((nowNs - this.#syncedNs) / NS_PER_MS);
      return active;
    }
    if (Number.isNaN(this.#syncedNs)) this.#syncedNs = nowNs;
    return waiting.length > 0 && (feed.book === 'orders' || !joins) ? waiting[0] : null;
  }

  #lost(syncedMs: number): void {
    this.#syncedNs = Number.NaN;
    if (syncedMs >= SOUND_MS) {
      this.#backoff.reset();
      this.#told = '';
    } else if (this.#askedBefore) {
      this.#notBeforeNs = this.#desk.clock.monotonicNs + this.#backoff.next() * NS_PER_MS;
    }
  }

  #begin(): void {
    const target = this.#target as Port;
    if (target.joinable || target.snapshots > 0) {
      this.#wait(Math.max(0, (this.#notBeforeNs - this.#desk.clock.monotonicNs) / NS_PER_MS));
    } else this.#expect();
  }

  #expect(): void {
    const turn = this.#step('expecting');
    this.#snapshotsBefore = (this.#target as Port).snapshots;
    if (this.#end?.greeted === true) this.#after(SNAPSHOT_MS, turn, () => this.#ask());
  }

  #wait(ms: number): void {
    const turn = this.#step('waiting');
    if (ms === 0) this.#ask();
    else this.#after(ms, turn, () => this.#ask());
  }

  #again(ms = this.#backoff.next()): void {
    this.#wait(ms);
  }

  #ask(): void {
    const end = this.#end as PortEnd;
    const target = this.#target as Port;
    const resync = end.resync();
    const turn = this.#step('asking');
    this.#snapshotsBefore = target.snapshots;
    // The first that comes on the connection was asked for by its greeting.
    if (this.#askedBefore || resync.by === 'messages') this.resyncs++;
    this.#askedBefore = true;
    if (resync.by === 'messages') {
      this.#hold(
        turn,
        end.say(resync.messages, () => {
          if (turn !== this.#turn) return;
          this.#after(SNAPSHOT_MS, this.#step('asking'), () => this.#again());
        }),
      );
      return;
    }
    const limiter = this.#desk.governor.requests(resync.request.scope, end.rule);
    this.#hold(
      turn,
      limiter.ask(resync.request.weight, () => {
        if (turn === this.#turn) this.#request(resync.request);
      }),
    );
  }

  #request(request: HttpRequest): void {
    const turn = this.#step('asking');
    const { transport } = this.#desk.world;
    this.#hold(
      turn,
      transport.request(request, SNAPSHOT_MS, (outcome) => {
        if (turn !== this.#turn) return;
        this.#pending = null;
        this.#desk.clock.now();
        if (outcome instanceof Error) this.#failed(request, outcome.message);
        else this.#answered(request, outcome);
      }),
    );
  }

  #answered(request: HttpRequest, answer: HttpAnswer): void {
    const end = this.#end as PortEnd;
    const awayMs = this.#desk.governor.heed(request.scope, answer);
    if (awayMs > 0) {
      const seconds = Math.ceil(awayMs / 1000);
      this.#desk.note(`${hostOf(request.url)} answered ${answer.status}: nothing is asked of it for ${seconds} s`);
      // The scope's queue is closed until then: a place in it is all the patience that is needed.
      this.#wait(0);
    } else if (answer.status !== 200) {
      const hopeless = HOPELESS.has(answer.status);
      this.#failed(request, `${answer.status} ${shorten(answer.body)}`, hopeless ? HOPELESS_MS : undefined);
    } else {
      const turn = this.#turn;
      end.answer(answer);
      // Where it was of use, the book is synced by now, and the next turn began.
      if (turn === this.#turn) this.#again();
    }
  }

  #failed(request: HttpRequest, why: string, ms?: number): void {
    if (why !== this.#told) {
      this.#told = why;
      this.#desk.note(`${this.#lane.key}: no snapshot from ${hostOf(request.url)}: ${why}; it is asked for again`);
    }
    this.#again(ms);
  }

  /** Leaves whatever was under way. */
  #step(phase: Phase): number {
    this.#pending?.();
    this.#pending = null;
    this.#phase = phase;
    return ++this.#turn;
  }

  #after(ms: number, turn: number, call: () => void): void {
    this.#pending = this.#desk.world.timers.after(ms, () => {
      if (turn !== this.#turn) return;
      this.#pending = null;
      this.#desk.clock.now();
      call();
    });
  }

  /** Keeps what undoes a step, unless the step is over already. */
  #hold(turn: number, cancel: Cancel): void {
    if (turn === this.#turn) this.#pending = cancel;
  }
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}

function shorten(body: Buffer): string {
  const text = body.toString('utf8', 0, 120).replace(/\s+/g, ' ').trim();
  return body.length > 120 ? `${text}…` : text;
}
