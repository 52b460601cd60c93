import type { Clock, Random } from '../core/index.ts';
import type { HttpAnswer, HttpRequest } from './protocol.ts';

/** Undoes what it stands for; twice is harmless. */
export type Cancel = () => void;

/** Calls later. Handed in, so that a simulation owns time. */
export interface Timers {
  after(ms: number, call: () => void): Cancel;
}

/** One WebSocket as the supervisor uses it. Nothing throws: what goes wrong arrives as `closed`. */
export interface Socket {
  send(text: string): void;
  ping(): void;
  /** Closes in order, and without further ado where the other side does not answer. `closed` follows. */
  close(): void;
}

export interface SocketHandlers {
  opened(): void;
  /** One whole message. The bytes are the receiver's until the call returns. */
  received(bytes: Buffer): void;
  /** A ping or pong of the other side: it is alive. */
  beat(): void;
  /**
   * Exactly once, also where the connection never opened. `why` is for people; `refusal`: what the venue answered instead of
   * opening it.
   */
  closed(why: string, refusal?: HttpAnswer): void;
}

/** The network, in callbacks: the real one in `transport.ts`, a simulated one in the tests. */
export interface Transport {
  connect(url: string, handlers: SocketHandlers): Socket;
  /** `done` is called exactly once, unless cancelled; with an `Error` where there was no answer at all. */
  request(request: HttpRequest, timeoutMs: number, done: (outcome: HttpAnswer | Error) => void): Cancel;
}

/** Everything outside the program that a feed touches. */
export interface World {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly transport: Transport;
  /** Jitter of the backoff. */
  readonly random: Random;
}
