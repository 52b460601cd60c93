import fc from 'fast-check';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { type ForecastMessage, StreamMessageSchema } from '../../src/api/contract.ts';
import { book, forecast, health, KEY, SLASH_KEY, scores } from './fake-market.ts';
import { RawClient, Reader, start, stopAll, until } from './support.ts';

afterEach(stopAll);

const forecasts = (reader: Reader): ForecastMessage[] =>
  reader.messages.filter((message): message is ForecastMessage => message.type === 'forecast');

/** About 100 kB on the wire. */
const heavy = (index: number): ForecastMessage => forecast(index, { reason: 'x'.repeat(100_000) });

describe('the stream', () => {
  it('says hello first, then passes on every kind of message as it is', async () => {
    const { address, market } = await start();
    const reader = await Reader.open(address.url);
    expect(reader.messages[0]).toEqual({ type: 'hello', version: '0.0.1', instrument: market.statuses[0] });
    const end = { type: 'end' as const, instrument: KEY, decisions: 1, hash: { rows: 'a', forecasts: 'b' } };
    const sent = [forecast(0), book(3), scores(), end];
    for (const message of sent) market.publish(message);
    await reader.has(5);
    expect(reader.messages.slice(1)).toEqual(sent);
    for (const message of reader.messages) expect([...Value.Errors(StreamMessageSchema, message)]).toEqual([]);
  });

  it('gives each client the instrument that it asked for, and the first where it asked for none', async () => {
    const { address, market } = await start();
    const first = await Reader.open(address.url);
    const other = await Reader.open(address.url, `?instrument=${encodeURIComponent(SLASH_KEY)}`);
    market.publish(forecast(1));
    market.publish(forecast(2, { instrument: SLASH_KEY }), SLASH_KEY);
    await Promise.all([first.has(2), other.has(2)]);
    expect(forecasts(first)).toEqual([forecast(1)]);
    expect(forecasts(other)).toEqual([forecast(2, { instrument: SLASH_KEY })]);
  });

  it('subscribes once for many clients, and not at all for none', async () => {
    const { address, market, server } = await start();
    const readers = [await Reader.open(address.url), await Reader.open(address.url)];
    expect(market.subscriptions()).toBe(1);
    for (const reader of readers) reader.socket.close();
    await until(() => market.subscriptions() === 0, 'the subscription to end');
    expect(server.service.hub.size).toBe(0);
  });

  it("tells a live feed's health at once and then by the clock, while the market says nothing", async () => {
    const { address, market } = await start({ limits: { healthMs: 20 } });
    market.feed = health();
    const reader = await Reader.open(address.url);
    const other = await Reader.open(address.url, `?instrument=${encodeURIComponent(SLASH_KEY)}`);
    await reader.has(3);
    const gapped = health({ state: 'gapped' });
    market.feed = gapped;
    const told = () => reader.messages.findIndex((message) => message.type === 'health' && message.state === 'gapped');
    await until(() => told() > 0, 'the news');
    expect(reader.messages.slice(1, told())).toEqual(Array.from({ length: told() - 1 }, () => health()));
    expect(reader.messages[told()]).toEqual(gapped);
    for (const message of reader.messages) expect([...Value.Errors(StreamMessageSchema, message)]).toEqual([]);
    expect(other.messages.map(({ type }) => type)).toEqual(['hello']);
  });

  it('carries floats bit for bit', async () => {
    const { address, market } = await start();
    const reader = await Reader.open(address.url);
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x));
    const samples = fc.sample(fc.array(finite, { minLength: 1, maxLength: 20 }), { numRuns: 300, seed: 7 });
    for (const [i, probabilities] of samples.entries()) market.publish(forecast(i, { probabilities }));
    await reader.has(samples.length + 1);
    expect(forecasts(reader).map((message) => message.probabilities)).toEqual(samples);
  });

  it('keeps order and loses nothing for 50 clients while the source runs at full speed', async () => {
    const { address, market, server } = await start();
    const readers = await Promise.all(Array.from({ length: 50 }, () => Reader.open(address.url)));
    expect(server.service.hub.size).toBe(50);
    const count = 1000;
    for (let i = 0; i < count; i++) {
      market.publish(forecast(i));
      if (i % 100 === 99) await server.drained();
    }
    await Promise.all(readers.map((reader) => reader.has(count + 1)));
    const order = Array.from({ length: count }, (_, i) => i);
    for (const reader of readers) expect(forecasts(reader).map(({ index }) => index)).toEqual(order);
  });
});

describe('limits', () => {
  it('refuses one stream too many before the upgrade, with a body that says why', async () => {
    const { address, market } = await start({ limits: { maxClients: 2 } });
    const readers = [await Reader.open(address.url), await Reader.open(address.url)];
    const third = new RawClient(address.port);
    await until(() => third.text.includes('streams'), 'the refusal');
    expect(third.text).toMatch(/^HTTP\/1.1 503 /);
    expect(third.text).toContain(
      '{"error":{"code":"overloaded","message":"all 2 streams are taken; close one or try again later","retry":"later"}}',
    );
    third.socket.destroy();
    readers[0].socket.close();
    await readers[0].closed;
    const late = await Reader.open(address.url);
    market.publish(forecast(0));
    await late.has(2);
  });

  it('never has more streams than its limit, even if all come at once', async () => {
    const { address, server } = await start({ limits: { maxClients: 3 } });
    const readers = Array.from({ length: 20 }, () => new Reader(address.url));
    await until(() => server.service.hub.size === 3, 'three streams');
    const lost = readers.map((reader) => reader.closed.then(() => reader));
    await Promise.any(lost);
    await until(
      () => readers.filter((reader) => reader.socket.readyState === WebSocket.CLOSED).length === 17,
      '17 refusals',
    );
    expect(server.service.hub.size).toBe(3);
  });

  it.each(['hello?', '', '\0'])('closes a client that speaks (%j) politely', async (text) => {
    const { address, market } = await start();
    const reader = await Reader.open(address.url);
    reader.socket.send(text);
    reader.socket.send(text);
    expect(await reader.closed).toEqual({ code: 1008, reason: 'this stream takes no messages' });
    await until(() => market.subscriptions() === 0, 'the client to be forgotten');
  });

  it('reads no large message to its end', async () => {
    const { address } = await start();
    const reader = await Reader.open(address.url);
    reader.socket.send('x'.repeat(5000));
    expect((await reader.closed).code).toBe(1009);
  });

  it('survives a client that breaks the protocol', async () => {
    const { address, server, market } = await start();
    const healthy = await Reader.open(address.url);
    const broken = new RawClient(address.port);
    await until(() => server.service.hub.size === 2, 'both streams');
    broken.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await broken.gone;
    await until(() => server.service.hub.size === 1, 'the first to be forgotten');
    const reset = new RawClient(address.port);
    await until(() => server.service.hub.size === 2, 'both streams');
    reset.socket.resetAndDestroy();
    await until(() => server.service.hub.size === 1, 'the other to be forgotten');
    market.publish(forecast(5));
    await healthy.has(2);
  });

  it('refuses pages of foreign origins, which browsers let through', async () => {
    const { address } = await start();
    const foreign = new RawClient(address.port, { Origin: 'http://evil.example' });
    await until(() => foreign.text.includes('}}'), 'the refusal');
    expect(foreign.text).toMatch(/^HTTP\/1.1 403 /);
    expect(foreign.text).toContain('pages of http://evil.example may not read this server');
    foreign.socket.destroy();
    const own = new RawClient(address.port, { Origin: 'http://localhost:8501' });
    await until(() => own.text.includes('hello'), 'the stream');
    expect(own.text).toMatch(/^HTTP\/1.1 101 /);
    own.socket.destroy();
  });
});

describe('a slow client', () => {
  it('is closed with the reason once too much waits, and no other is harmed', async () => {
    const { address, market, server } = await start({ limits: { bufferBytes: 1_000_000 } });
    const healthy = await Reader.open(address.url);
    const slow = new RawClient(address.port);
    await until(() => server.service.hub.size === 2, 'both streams');
    slow.socket.pause();
    let sent = 0;
    while (market.subscriptions() === 1 && server.service.hub.congested === false) {
      market.publish(heavy(sent++));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let more = 0; more < 20; more++, sent++) {
      market.publish(heavy(sent));
      await healthy.has(sent + 2);
    }
    // What it had been sent it may still read, and then the reason.
    slow.socket.resume();
    await slow.gone;
    const reason = 'too slow: over 1000000 bytes waiting; reconnect to go on from the present';
    expect(slow.closeFrame).toEqual({ code: 1013, reason });
    expect(forecasts(healthy).map(({ index }) => index)).toEqual(Array.from({ length: sent }, (_, i) => i));
  });

  it('holds the source back, and is closed when it reads nothing for too long', async () => {
    const { address, market, server } = await start({ limits: { drainMs: 400, closeMs: 200 } });
    const healthy = await Reader.open(address.url);
    const stuck = new RawClient(address.port);
    await until(() => server.service.hub.size === 2, 'both streams');
    stuck.socket.pause();
    let sent = 0;
    while (server.service.hub.size === 2) {
      market.publish(heavy(sent++));
      await server.drained();
    }
    await healthy.has(sent + 1);
    expect(forecasts(healthy).map(({ index }) => index)).toEqual(Array.from({ length: sent }, (_, i) => i));
    stuck.socket.destroy();
  });

  it('that reads again lets the source go on, without a loss', async () => {
    const { address, market, server } = await start();
    const slow = new RawClient(address.port);
    await until(() => server.service.hub.size === 1, 'the stream');
    slow.socket.pause();
    let sent = 0;
    while (!server.service.hub.congested) market.publish(heavy(sent++));
    let drained = false;
    const waiting = Promise.all([server.drained(), server.drained()]).then(() => {
      drained = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(drained).toBe(false);
    slow.socket.resume();
    await waiting;
    await until(() => slow.text.includes(`"index":${sent - 1},`), 'the last message');
    for (let i = 0; i < sent; i++) expect(slow.text).toContain(`"index":${i},`);
    slow.socket.destroy();
  });

  it('does not hold back a source once it has gone', async () => {
    const { address, market, server } = await start();
    const slow = new RawClient(address.port);
    await until(() => server.service.hub.size === 1, 'the stream');
    slow.socket.pause();
    for (let i = 0; !server.service.hub.congested; i++) market.publish(heavy(i));
    const drained = server.drained();
    slow.socket.resetAndDestroy();
    await drained;
  });

  it('lets a busy source answer others between its messages', async () => {
    const { address, server } = await start();
    let turns = 0;
    const answer = fetch(`${address.url}/v1/health`).then(() => turns);
    const answered = answer.then(() => true);
    while (!(await Promise.race([answered, server.drained().then(() => false)]))) turns++;
    expect(await answer).toBeGreaterThan(0);
  });
});

describe('the end of a stream', () => {
  it('comes to a half-open client that answers no ping, and to no other', async () => {
    const { address, server } = await start({ limits: { heartbeatMs: 300 } });
    const healthy = await Reader.open(address.url);
    const silent = new RawClient(address.port);
    await until(() => server.service.hub.size === 2, 'both streams');
    await silent.gone;
    await until(() => server.service.hub.size === 1, 'the client to be forgotten');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(healthy.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('comes with a goodbye when the server stops', async () => {
    const { address, market, server } = await start();
    const readers = await Promise.all(Array.from({ length: 5 }, () => Reader.open(address.url)));
    market.publish(forecast(0));
    await server.close();
    for (const reader of readers) {
      expect(await reader.closed).toEqual({ code: 1001, reason: 'the server is stopping' });
      expect(reader.messages).toHaveLength(2);
    }
    expect(market.subscriptions()).toBe(0);
    await server.drained();
    await server.close();
    await expect(fetch(`${address.url}/v1/health`)).rejects.toThrow();
  });

  it('comes in time to a client that does not say goodbye', async () => {
    const { address, server } = await start({ limits: { closeMs: 100 } });
    const silent = new RawClient(address.port);
    await until(() => server.service.hub.size === 1, 'the stream');
    await server.close();
    await silent.gone;
    expect(silent.closeFrame).toEqual({ code: 1001, reason: 'the server is stopping' });
  });

  it('comes to those who ask for a stream of a stopped server', async () => {
    const { server } = await start();
    await server.close();
    expect(() => server.service.hub.checkRoom()).toThrow('the server is stopping');
  });
});
