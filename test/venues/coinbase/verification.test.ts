import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import {
  type HttpRequest,
  type SessionRecord,
  type SocketHandlers,
  Supervisor,
  type Transport,
} from '../../../src/feed/index.ts';
import { coinbaseExchangeProtocol } from '../../../src/venues/coinbase/index.ts';
import { VirtualTime } from '../../feed/virtual-world.ts';
import { NaiveVenue } from './naive-orders.ts';
import { product } from './support.ts';

const QUARTER_MS = 15 * 60_000;

/** The venue and everything between it and a supervisor, in virtual time: half a second from one thing to the next. */
class Market implements Transport {
  readonly time = new VirtualTime();
  readonly venue = new NaiveVenue('BTC-USD', new Random(3));
  readonly requests: string[] = [];
  readonly notes: string[] = [];
  readonly records: SessionRecord[] = [];
  readonly supervisor: Supervisor;
  /** What the venue answers instead of its book. */
  reply: { status: number; body: object } | Error | null = null;
  #handlers: SocketHandlers | null = null;

  constructor() {
    this.supervisor = new Supervisor({
      protocol: coinbaseExchangeProtocol({ channel: 'full' }),
      instruments: [product('BTC-USD', { venue: 'coinbase-exchange', sequencing: 'consecutive' })],
      world: { clock: this.time, timers: this.time, transport: this, random: new Random(1) },
      onNote: (line) => this.notes.push(line),
      onRecord: (record) => void this.records.push(record),
    });
    this.supervisor.start();
    this.time.runFor(10);
  }

  connect(_url: string, handlers: SocketHandlers): ReturnType<Transport['connect']> {
    this.time.after(1, () => {
      this.#handlers = handlers;
      handlers.opened();
    });
    return {
      send: () => {},
      ping: () => {},
      close: () => {
        this.#handlers = null;
        handlers.closed('closed');
      },
    };
  }

  request(request: HttpRequest, _timeoutMs: number, done: Parameters<Transport['request']>[2]): () => void {
    this.requests.push(request.url);
    const { reply } = this;
    return this.time.after(40, () => {
      if (reply instanceof Error) return done(reply);
      const { status, body } = reply ?? { status: 200, body: this.venue.level3() };
      done({ url: request.url, status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
    });
  }

  run(ms: number): void {
    for (let left = ms; left > 0; left -= 500) {
      for (const message of [...this.venue.step(), this.venue.heartbeat()]) {
        this.#handlers?.received(Buffer.from(JSON.stringify(message)));
      }
      this.time.runFor(500);
      while (this.supervisor.take() !== null) {
        // Nobody reads what comes.
      }
    }
  }

  get state(): string {
    return this.supervisor.health(0).state;
  }
}

describe('a live book of orders', () => {
  it('is compared with the venue’s four times an hour, and stays', () => {
    const market = new Market();
    market.run(QUARTER_MS * 4 + 5000);
    const url = 'https://api.exchange.coinbase.com/products/BTC-USD/book?level=3';
    expect(market.requests).toEqual([url, ...Array.from({ length: 4 }, () => `${url}#verify`)]);
    expect(market.state).toBe('synced');
    expect(market.supervisor.health(0)).toMatchObject({ gaps: 0, checksums: 0, resyncs: 0 });
    expect(market.records.filter(({ kind }) => kind === 'http')).toHaveLength(5);
  });

  it('is lost where the venue’s differs, and resynced', () => {
    const market = new Market();
    market.run(QUARTER_MS - 5000);
    expect(market.state).toBe('synced');
    const { sequence } = market.venue;
    market.reply = { status: 200, body: { sequence, bids: [], asks: [] } };
    while (market.requests.length < 2) market.run(500);
    market.reply = null;
    market.run(5000);
    expect(market.supervisor.health(0)).toMatchObject({ state: 'synced', checksums: 1, resyncs: 1 });
    expect(market.notes.join('\n')).toMatch(/not the venue's book as of/);
  });

  it('goes on where the proof does not come', () => {
    const market = new Market();
    market.run(QUARTER_MS - 5000);
    for (const reply of [new Error('no answer'), { status: 503, body: {} }]) {
      market.reply = reply;
      market.run(QUARTER_MS);
    }
    expect(market.requests).toHaveLength(3);
    expect(market.state).toBe('synced');
  });

  it('asks nothing more once it ended', () => {
    const market = new Market();
    market.run(5000);
    market.supervisor.stop(() => {});
    market.time.runFor(QUARTER_MS * 2);
    expect(market.requests).toHaveLength(1);
    expect(market.time.pending).toBe(0);
  });
});
