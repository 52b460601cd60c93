import { connect as connectTcp, type Socket } from 'node:net';
import type { Address, ApiServer, ServiceOptions, StreamMessage } from '../../src/api/index.ts';
import { createApiServer } from '../../src/api/index.ts';
import { FakeMarket, fakeClock } from './fake-market.ts';

export interface Running {
  server: ApiServer;
  market: FakeMarket;
  address: Address;
  log: string[];
}

/** Servers that a test started and `stopAll` ends. */
const running: { close(): Promise<void> }[] = [];

export async function stopAll(): Promise<void> {
  for (const each of running.splice(0)) await each.close();
}

export const alsoStop = (closable: { close(): Promise<void> }): number => running.push(closable);

export async function start(options: Partial<ServiceOptions> = {}, port = 0): Promise<Running> {
  const market = new FakeMarket();
  const log: string[] = [];
  const server = await createApiServer({
    port: market,
    clock: fakeClock(),
    version: '0.0.1',
    log: (line) => log.push(line),
    ...options,
  });
  running.push(server);
  return { server, market, log, address: await server.listen('127.0.0.1', port) };
}

export async function until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs >= timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A reader of the stream that keeps all it gets. */
export class Reader {
  readonly messages: StreamMessage[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(url: string, query = '') {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/stream${query}`);
    this.socket.addEventListener('message', (event) => this.messages.push(JSON.parse(String(event.data))));
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
  }

  static async open(url: string, query = ''): Promise<Reader> {
    const reader = new Reader(url, query);
    await reader.has(1);
    return reader;
  }

  has(count: number): Promise<void> {
    return until(() => this.messages.length >= count, `${count} messages, have ${this.messages.length}`);
  }
}

/** A client by hand: it shakes hands, and then reads only when told to, and answers nothing. */
export class RawClient {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  readonly gone: Promise<void>;

  constructor(port: number, headers: Record<string, string> = {}, path = '/v1/stream') {
    this.socket = connectTcp(port, '127.0.0.1');
    this.gone = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.socket.on('error', () => {});
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines.join('')}\r\n`,
    );
    this.socket.on('data', (chunk) => this.chunks.push(chunk));
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  /** The code and the reason of the close frame that ends what was received. */
  get closeFrame(): { code: number; reason: string } | null {
    const bytes = Buffer.concat(this.chunks);
    // A close frame from a server is 0x88, its length (below 126), two bytes of code and the reason.
    for (let at = bytes.length - 4; at >= 0 && at > bytes.length - 130; at--) {
      if (bytes[at] !== 0x88 || at + 2 + bytes[at + 1] !== bytes.length) continue;
      return { code: bytes.readUInt16BE(at + 2), reason: bytes.subarray(at + 4).toString() };
    }
    return null;
  }
}
