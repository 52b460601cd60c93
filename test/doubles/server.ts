import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Random } from '../../src/core/index.ts';
import { createDouble } from './create.ts';
import { type FaultKind, FaultPlan } from './faults.ts';
import { FaultyWire } from './faulty-wire.ts';
import type { Market } from './market.ts';
import { Police } from './police.ts';
import type { DoubleVenue } from './products.ts';
import type { Truth } from './truth.ts';
import type { VenueDouble } from './venue-double.ts';

export interface ServerOptions {
  readonly venue: DoubleVenue;
  readonly seed: number;
  /** Default: none. */
  readonly faults?: Partial<Record<FaultKind, number>>;
  /** When faults strike, ms since the start. Default: ever. */
  readonly window?: { fromMs?: number; untilMs?: number };
  /** Default: any that is free. */
  readonly port?: number;
  readonly markets?: readonly Market[];
  /** Mean time between moves of each market; default 60 ms. */
  readonly meanMs?: number;
  readonly lifetimeMs?: number;
  /** What the venue's clock says now, ms since 1970; default: the machine's. */
  readonly startEpochMs?: number;
}

export interface RunningDouble {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** By part, as the venue's protocol takes them. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly double: VenueDouble;
  readonly police: Police;
  /** Of a product, by the venue's symbol. */
  truth(symbol: string): Truth;
  close(): Promise<void>;
}

/** How long a request that is never answered is kept. */
const SILENCE_MS = 120_000;

/** A double on a real port of this machine: HTTP and WebSocket on one address. */
export async function startDouble(options: ServerOptions): Promise<RunningDouble> {
  const startMs = performance.now();
  const nowMs = (): number => performance.now() - startMs;
  const random = new Random(options.seed);
  const plan = new FaultPlan(random.uint32(), options.faults ?? {}, options.window);
  const startEpochMs = Math.floor(options.startEpochMs ?? Date.now());
  const { port = 0, faults: _faults, window: _window, ...rest } = options;
  const double = createDouble({ ...rest, plan, startEpochMs });
  const police = new Police(options.venue);
  const wires = new WireRoom(double, police, nowMs);
  const http = createServer((request, response) => answer(double, police, nowMs, request, response));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false });
  http.on('upgrade', (request, socket, head) => {
    police.connected(nowMs());
    if (plan.strikes('refuse', nowMs())) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => wires.open(client, request.url ?? '/'));
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', resolve);
  });
  const address = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const beat = setInterval(() => double.advance(nowMs()), 5);
  return {
    url: `http://${address}`,
    endpoints: endpointsOf(options.venue, address),
    double,
    police,
    truth: (symbol) => double.markets.get(symbol)!.truth,
    close: () => {
      clearInterval(beat);
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
}

function endpointsOf(venue: DoubleVenue, address: string): Record<string, string> {
  const market = /^binance-(.*)$/.exec(venue)?.[1];
  const prefix = market === undefined ? '' : `${market}.`;
  const path = venue === 'kraken' ? '/v2' : '';
  return { [`${prefix}rest`]: `http://${address}`, [`${prefix}stream`]: `ws://${address}${path}` };
}

function answer(
  double: VenueDouble,
  police: Police,
  nowMs: () => number,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = `http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`;
  police.requested(double.weight(url), nowMs());
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers[name] = value;
  const reply = double.http(url, headers, nowMs());
  const noAnswer = reply.status === 0;
  const timer = setTimeout(
    () => {
      police.answered(reply.status, reply.headers, nowMs());
      if (noAnswer) response.destroy();
      else response.writeHead(reply.status, reply.headers).end(reply.body);
    },
    noAnswer ? SILENCE_MS : reply.delayMs,
  );
  response.once('close', () => clearTimeout(timer));
}

/** The open WebSockets, each between a wire with its faults and a session of the double. */
class WireRoom {
  readonly #double: VenueDouble;
  readonly #police: Police;
  readonly #nowMs: () => number;
  #count = 0;

  constructor(double: VenueDouble, police: Police, nowMs: () => number) {
    this.#double = double;
    this.#police = police;
    this.#nowMs = nowMs;
  }

  open(client: WebSocket, path: string): void {
    const id = ++this.#count;
    const end = {
      deliver: (text: string) => {
        if (client.readyState === client.OPEN) client.send(text);
      },
      ping: () => client.ping(),
      // 1006 is what a client sees where nobody said anything.
      close: (code: number, why: string) => (code === 1006 ? client.terminate() : client.close(code, why)),
    };
    const wire = new FaultyWire(end, this.#double.plan, this.#nowMs);
    const session = this.#double.connect(`ws://localhost${path}`, wire, this.#nowMs());
    if (session === null) {
      client.close(1002, 'nothing is at that address');
      return;
    }
    client.on('message', (data) => {
      this.#police.sent(id, this.#nowMs());
      if (!wire.muted) session.received(String(data));
    });
    client.on('ping', (data) => {
      if (!wire.muted) client.pong(data);
    });
    client.on('close', () => session.closed());
    client.on('error', () => session.closed());
  }
}
