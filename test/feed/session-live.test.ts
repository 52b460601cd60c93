import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Random } from '../../src/core/index.ts';
import {
  type HttpAnswer,
  openSession,
  type SessionReader,
  SessionWriter,
  type SocketHandlers,
  Supervisor,
  type Transport,
} from '../../src/feed/index.ts';
import { type EventBatch, EventKind, Fault } from '../../src/market/index.ts';
import { openRecordingFolder, Recording, rawPaths } from '../../src/tape/index.ts';
import { collect } from '../support/batches.ts';
import { FEED, toyProtocol, toyReader } from './toy-venue.ts';
import { VirtualTime } from './virtual-world.ts';

/** Every column of every row. */
function rowsOf(batches: readonly EventBatch[]): string[] {
  return batches.flatMap((b) =>
    Array.from(b.kind, (kind, i) =>
      [
        kind,
        b.side[i],
        b.flags[i],
        b.priceTicks[i],
        b.sizeLots[i],
        b.tsEventNs[i],
        b.tsRecvNs[i],
        b.sequence[i],
        b.orderId[i],
      ].join(),
    ),
  );
}

/** A market that numbers its changes, sends them on every connection, and loses, repeats, garbles and hangs up by the seed. */
class ToyMarket implements Transport {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #sockets = new Set<SocketHandlers>();
  #sequence = 100;

  constructor(time: VirtualTime, seed: number) {
    this.#time = time;
    this.#random = new Random(seed);
    this.#tick();
  }

  connect(_url: string, handlers: SocketHandlers): ReturnType<Transport['connect']> {
    const close = (): void => {
      this.#time.after(0, () => {
        if (this.#sockets.delete(handlers)) handlers.closed('closed');
      });
    };
    this.#time.after(3, () => {
      this.#sockets.add(handlers);
      handlers.opened();
    });
    return { send: () => {}, ping: () => {}, close };
  }

  request(request: { url: string }, _timeoutMs: number, done: (outcome: HttpAnswer | Error) => void): () => void {
    const body = Buffer.from(`s${this.#sequence}`);
    return this.#time.after(40, () => done({ url: request.url, status: 200, headers: {}, body }));
  }

  #tick(): void {
    const random = this.#random;
    const before = this.#sequence++;
    const said = random.float() < 0.3 ? [`t${this.#sequence}`] : [];
    said.push(`d${before}-${this.#sequence}`);
    for (const handlers of [...this.#sockets]) {
      for (const text of said) {
        const luck = random.float();
        if (luck < 0.01) continue;
        handlers.received(Buffer.from(luck < 0.02 ? '?' : text));
        if (luck > 0.98) handlers.received(Buffer.from(text));
      }
      if (random.float() < 0.004 && this.#sockets.delete(handlers)) handlers.closed('gone');
    }
    this.#time.after(10, () => this.#tick());
  }
}

/** As the toy, and no connection without its address. */
const openKnown: SessionReader['open'] = (address, sink) => {
  expect(address).toBe('wss://toy');
  return toyReader(true).open(address, sink);
};

for (const seed of [1, 2, 3, 4, 5]) {
  it(`a tape of a live run, and its raw log, replay as it ran, faults included (seed ${seed})`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bookcast-live-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const time = new VirtualTime();
    const transport = new ToyMarket(time, seed);
    const world = { clock: time, timers: time, transport, random: new Random(seed + 100) };
    const live: EventBatch[] = [];
    let supervisor: Supervisor | null = null;
    const recording = Recording.create(join(dir, 'rec'), {
      venue: 'toy',
      instruments: [FEED.instrument],
      origin: 'live',
      version: '0',
      command: 'test',
      limits: { segmentBytes: 20_000 },
      clock: time,
      rawOpening: () => writer.opening(),
      checkpoint: (i) => supervisor?.checkpoint(i) ?? null,
    });
    const { day } = recording;
    const writer = new SessionWriter(day);
    const drain = (): void => {
      for (let taken = supervisor!.take(); taken !== null; taken = supervisor!.take()) {
        live.push(taken.batch);
        recording.append(taken.index, taken.batch);
      }
    };
    supervisor = new Supervisor({
      protocol: toyProtocol,
      instruments: [FEED],
      world,
      day,
      onReady: drain,
      onRecord: (record) => recording.appendRaw(writer.encode(record)),
    });
    supervisor.start();
    time.runFor(60_000);
    supervisor.stop(() => {});
    time.runFor(10_000);
    drain();
    await recording.close();
    const rows = rowsOf(live);
    expect(rows.length).toBeGreaterThan(2000);
    const faults = live.flatMap((b) => [...b.sizeLots].filter((_, i) => b.kind[i] === EventKind.FAULT));
    expect(faults).toContain(Fault.DISCONNECT);
    expect(faults).toContain(Fault.UNPARSABLE);
    const tape = await openRecordingFolder(join(dir, 'rec'));
    const taped = await collect(tape.batches());
    expect(tape.origin).toBe('live');
    expect(taped.map((batch) => Buffer.from(batch.buffer).toString('base64'))).toEqual(
      live.map((batch) => Buffer.from(batch.buffer).toString('base64')),
    );
    const paths = rawPaths(join(dir, 'rec'));
    expect(paths.length).toBeGreaterThan(3);
    const session = await openSession(paths, toyReader(true));
    expect(rowsOf(await collect(session.batches()))).toEqual(rows);
    // Without its first file the log begins later, with the connections that were open, and is good again from a snapshot on.
    const rest = await openSession(paths.slice(2), { ...toyReader(true), open: openKnown });
    const later = rowsOf(await collect(rest.batches()));
    expect(later.length).toBeGreaterThan(100);
    expect(rows.join('\n').endsWith(later.slice(-100).join('\n'))).toBe(true);
  });
}
