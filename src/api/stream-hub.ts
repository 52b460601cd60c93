import type { WebSocket } from '@fastify/websocket';
import { BookcastError } from '../core/index.ts';
import type { InstrumentStatus, MarketPort, StreamMessage } from './contract.ts';

export interface StreamLimits {
  /** Open streams at most; one more is refused with 503. */
  maxClients: number;
  /** Bytes that may wait for one client; a slower one is closed with 1013, never thinned out. */
  bufferBytes: number;
  /** `drained()` waits until no client has more bytes waiting than this. */
  watermarkBytes: number;
  /** How long `drained()` waits for one client before it closes it. */
  drainMs: number;
  /** Between pings; a client that answers none in between is cut off. */
  heartbeatMs: number;
  /** Between two reports of a live feed's health on a stream. */
  healthMs: number;
  /** How long a closed client may take to say goodbye. */
  closeMs: number;
}

export const DEFAULT_LIMITS: StreamLimits = {
  maxClients: 64,
  bufferBytes: 16 * 1024 * 1024,
  watermarkBytes: 256 * 1024,
  drainMs: 5_000,
  heartbeatMs: 30_000,
  healthMs: 1_000,
  closeMs: 2_000,
};

/** Close codes of RFC 6455 §7.4.1, and 1013 of the IANA registry. */
const Close = { GOING_AWAY: 1001, POLICY: 1008, TRY_LATER: 1013 } as const;

/** All clients of one instrument: the port is subscribed to once, and a message is encoded once, however many listen. */
interface Channel {
  readonly clients: Set<Client>;
  unsubscribe: () => void;
}

/**
 * The open streams. Every client gets `hello`, where the feed is live its health, about once a second from then on, and each
 * message of its instrument, in order and whole: a client that cannot keep up is closed with the reason, for a stream with holes would look like a quiet market.
 */
export class StreamHub {
  readonly #port: MarketPort;
  readonly #version: string;
  readonly #limits: StreamLimits;
  readonly #clients = new Set<Client>();
  readonly #channels = new Map<string, Channel>();
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #waiting: (() => void)[] = [];
  #deadline: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(port: MarketPort, version: string, limits: StreamLimits) {
    this.#port = port;
    this.#version = version;
    this.#limits = limits;
    this.#timers = [
      setInterval(() => afterInput(() => this.#beat()), limits.heartbeatMs),
      // By the clock and not by the market: a feed that has fallen silent is when its health is news.
      setInterval(() => this.#tellHealth(), limits.healthMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Open streams. */
  get size(): number {
    return this.#clients.size;
  }

  /** Whether some client has more bytes waiting than the watermark. */
  get congested(): boolean {
    for (const client of this.#clients) {
      if (client.open && client.waitingBytes > this.#limits.watermarkBytes) return true;
    }
    return false;
  }

  /** Throws `overloaded` where one more stream would be one too many. */
  checkRoom(): void {
    const { maxClients } = this.#limits;
    if (this.#closed) throw new BookcastError('not-ready', 'the server is stopping');
    if (this.#clients.size < maxClients) return;
    throw new BookcastError('overloaded', `all ${maxClients} streams are taken; close one or try again later`);
  }

  /** Throws as `checkRoom` does. */
  add(socket: WebSocket, instrument: InstrumentStatus): void {
    this.checkRoom();
    const client = new Client(socket, this.#limits.bufferBytes, () => this.#release());
    this.#clients.add(client);
    // The socket tells of its own end, whoever caused it.
    socket.on('close', () => this.#remove(client, instrument.key));
    socket.on('message', () => client.close(Close.POLICY, 'this stream takes no messages'));
    client.send(encode({ type: 'hello', version: this.#version, instrument }));
    const health = this.#port.health(instrument.key);
    if (health !== null) client.send(encode(health));
    this.#join(client, instrument.key);
  }

  /**
   * Resolves once no client has more than `watermarkBytes` waiting; one that is still above after `drainMs` is closed. A
   * source faster than its listeners awaits this every few hundred messages. It always lets pending input and output run,
   * so that a busy source cannot starve the server.
   */
  async drained(): Promise<void> {
    await new Promise<void>(afterInput);
    if (!this.congested) return;
    this.#deadline ??= this.#startDeadline();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Says goodbye to every client and takes no more. Sockets go when both sides have said so, or after `closeMs`. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const client of this.#clients) client.close(Close.GOING_AWAY, 'the server is stopping');
    this.#release();
  }

  #join(client: Client, key: string): void {
    const channel = this.#channels.get(key);
    if (channel !== undefined) {
      channel.clients.add(client);
      return;
    }
    const opened: Channel = { clients: new Set([client]), unsubscribe: () => {} };
    this.#channels.set(key, opened);
    opened.unsubscribe = this.#port.subscribe(key, (message) => {
      const frame = encode(message);
      for (const each of opened.clients) each.send(frame);
    });
  }

  #remove(client: Client, key: string): void {
    this.#clients.delete(client);
    const channel = this.#channels.get(key);
    channel?.clients.delete(client);
    if (channel?.clients.size === 0) {
      this.#channels.delete(key);
      channel.unsubscribe();
    }
    this.#release();
  }

  /** Called when any client's bytes have left, or a client has. */
  #release(): void {
    if (this.#waiting.length === 0 || this.congested) return;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #startDeadline(): ReturnType<typeof setTimeout> {
    const deadline = setTimeout(
      () =>
        afterInput(() => {
          if (this.#deadline === deadline) this.#closeStuck();
        }),
      this.#limits.drainMs,
    );
    return deadline;
  }

  #closeStuck(): void {
    const { watermarkBytes, drainMs } = this.#limits;
    for (const client of this.#clients) {
      if (client.waitingBytes <= watermarkBytes) continue;
      client.close(Close.TRY_LATER, `too slow: did not read for ${drainMs} ms; reconnect to go on from the present`);
    }
    this.#release();
  }

  #beat(): void {
    for (const client of this.#clients) client.beat();
  }

  #tellHealth(): void {
    for (const [key, { clients }] of this.#channels) {
      const health = this.#port.health(key);
      if (health === null) continue;
      const frame = encode(health);
      for (const client of clients) client.send(frame);
    }
  }
}

/** One stream. After `close` nothing more is sent, and its bytes count for nobody. */
class Client {
  readonly #socket: WebSocket;
  readonly #bufferBytes: number;
  readonly #onFlushed: () => void;
  #answered = true;
  open = true;

  constructor(socket: WebSocket, bufferBytes: number, onFlushed: () => void) {
    this.#socket = socket;
    this.#bufferBytes = bufferBytes;
    this.#onFlushed = onFlushed;
    socket.on('pong', () => {
      this.#answered = true;
    });
  }

  /** Bytes handed to the socket that the network has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Buffer): void {
    if (!this.open) return;
    if (this.#socket.bufferedAmount + frame.length > this.#bufferBytes) {
      const reason = `too slow: over ${this.#bufferBytes} bytes waiting; reconnect to go on from the present`;
      this.close(Close.TRY_LATER, reason);
      return;
    }
    this.#socket.send(frame, { binary: false }, this.#onFlushed);
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.#socket.close(code, reason);
  }

  beat(): void {
    if (!this.#answered) {
      this.#socket.terminate();
      return;
    }
    this.#answered = false;
    this.#socket.ping();
  }
}

/** A process that was busy for long must read what its clients have answered meanwhile before it judges them. */
const afterInput = (judge: () => void): void => {
  setImmediate(judge);
};

/** Floats travel as their shortest exact decimal, so the reader's `JSON.parse` gives the same bits; NaN becomes null. */
const encode = (message: StreamMessage): Buffer => Buffer.from(JSON.stringify(message));
