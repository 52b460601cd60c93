import { NS_PER_MS } from '../core/index.ts';
import type { VenueLimits } from './protocol.ts';
import type { ReceiveClock } from './receive-clock.ts';
import type { Cancel, Timers } from './world.ts';

/** A venue's own heartbeats may be late by so many of their rhythm. */
const LATE_HEARTBEATS = 3;

/** What follows from what is seen. */
export interface VigilActs {
  ping(): void;
  /** Pings go in a message of the venue's own, whatever else passes. */
  readonly pingsAlways: boolean;
  /** Nothing at all was heard for too long. */
  silent(ms: number): void;
  /** It answers pings and brings nothing. Said once, until it brings something. */
  stalled(): void;
  /** The venue's heartbeats stay away, whatever else comes. */
  stale(lateMs: number): void;
}

/** Looks whether the other side of a connection is alive, again and again, no more often than needed. Times: monotonic ns. */
export class Vigil {
  /** Of the last sign of life. */
  heardNs: number;
  /** Of the last message; pings and pongs are none. */
  dataNs: number;
  readonly #clock: ReceiveClock;
  readonly #timers: Timers;
  readonly #limits: VenueLimits;
  readonly #acts: VigilActs;
  #beatNs: number;
  /** When a ping was sent last. */
  #pingedNs: number;
  #pinged = false;
  #stalled = false;
  #timer: Cancel | null = null;

  /** Begins when the connection opens, by the clock's last reading. */
  constructor(clock: ReceiveClock, timers: Timers, limits: VenueLimits, acts: VigilActs) {
    this.#clock = clock;
    this.#timers = timers;
    this.#limits = limits;
    this.#acts = acts;
    this.heardNs = this.dataNs = this.#beatNs = this.#pingedNs = clock.monotonicNs;
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = null;
  }

  /** A sign of life: the clock was read just now. */
  heard(): void {
    this.heardNs = this.#clock.monotonicNs;
    this.#pinged = false;
  }

  /** A message: the clock was read just now. */
  data(): void {
    this.heardNs = this.dataNs = this.#clock.monotonicNs;
    this.#pinged = this.#stalled = false;
  }

  /** The message was a heartbeat of the venue's. */
  beat(): void {
    this.#beatNs = this.heardNs;
  }

  #since(ns: number): number {
    return (this.#clock.monotonicNs - ns) / NS_PER_MS;
  }

  #look(): void {
    const { silenceMs, pingMs, heartbeatMs } = this.#limits;
    this.#clock.now();
    const silentMs = this.#since(this.heardNs);
    if (silentMs >= silenceMs) {
      this.#acts.silent(silenceMs);
      return;
    }
    let nextMs = silenceMs - silentMs;
    const stalledMs = this.#since(this.dataNs);
    if (stalledMs < silenceMs) nextMs = Math.min(nextMs, silenceMs - stalledMs);
    else if (!this.#stalled) {
      this.#stalled = true;
      this.#acts.stalled();
    }
    if (pingMs !== null) nextMs = Math.min(nextMs, this.#ping(pingMs, silentMs));
    if (heartbeatMs !== undefined) {
      const lateMs = this.#since(this.#beatNs);
      if (lateMs >= heartbeatMs * LATE_HEARTBEATS) {
        this.#acts.stale(lateMs);
        return;
      }
      nextMs = Math.min(nextMs, heartbeatMs * LATE_HEARTBEATS - lateMs);
    }
    this.#timer = this.#timers.after(nextMs, () => this.#look());
  }

  /** Pings where it is time to; returns in how many ms to look again. */
  #ping(pingMs: number, silentMs: number): number {
    const always = this.#acts.pingsAlways;
    const waitedMs = always ? this.#since(this.#pingedNs) : silentMs;
    if (waitedMs >= pingMs && (always || !this.#pinged)) {
      this.#pinged = true;
      this.#pingedNs = this.#clock.monotonicNs;
      this.#acts.ping();
      return pingMs;
    }
    return !always && this.#pinged ? pingMs : pingMs - waitedMs;
  }
}
