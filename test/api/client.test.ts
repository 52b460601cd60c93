import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ApiError,
  type Connection,
  type ConnectionStatus,
  type ConnectOptions,
  connect,
  getBook,
  getExplanation,
  getForecast,
  getHealth,
  getInstrument,
  getInstruments,
  getMonitor,
  getScores,
} from '../../src/api/client.ts';
import type { StreamMessage } from '../../src/api/contract.ts';
import { Random } from '../../src/core/index.ts';
import { book, explanation, forecast, KEY, monitor, SLASH_KEY, scores, status } from './fake-market.ts';
import { alsoStop, start, stopAll, until } from './support.ts';

const connections: Connection[] = [];

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  vi.unstubAllGlobals();
  await stopAll();
});

interface Watch {
  connection: Connection;
  messages: StreamMessage[];
  statuses: ConnectionStatus[];
  states(): string;
}

function watch(baseUrl: string, options: Partial<ConnectOptions> = {}): Watch {
  const messages: StreamMessage[] = [];
  const statuses: ConnectionStatus[] = [];
  const random = new Random(1);
  const connection = connect(baseUrl, {
    random: () => random.float(),
    onMessage: (message) => messages.push(message),
    onStatus: (each) => statuses.push(each),
    firstDelayMs: 20,
    maxDelayMs: 80,
    ...options,
  });
  connections.push(connection);
  return { connection, messages, statuses, states: () => statuses.map(({ state }) => state).join(' ') };
}

/** A server that is no bookcast API. */
async function other(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  alsoStop({
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('requests', () => {
  it('give the typed bodies', async () => {
    const { address, market } = await start();
    const { url } = address;
    expect(await getHealth(url)).toMatchObject({ status: 'ok', instruments: 2 });
    expect(await getInstruments(url)).toEqual(market.statuses);
    expect(await getInstrument(url, SLASH_KEY)).toEqual(status(SLASH_KEY));
    expect(await getForecast(`${url}/`, KEY)).toEqual(forecast(0));
    expect(await getBook(url, KEY)).toEqual(book(10));
    expect(await getBook(url, KEY, 3)).toEqual(book(3));
    expect(await getScores(url, KEY)).toEqual(scores());
    expect(await getMonitor(url, KEY)).toEqual(monitor());
    expect(await getExplanation(url, KEY)).toEqual(explanation());
  });

  it('fail with what the server said', async () => {
    const { address } = await start();
    const failure = getForecast(address.url, 'sim:X');
    await expect(failure).rejects.toBeInstanceOf(ApiError);
    await expect(failure).rejects.toMatchObject({
      code: 'not-found',
      status: 404,
      retry: 'never',
      message: `no instrument "sim:X"; there is ${KEY}, ${SLASH_KEY}`,
    });
  });

  it('say that no server answers, or a stranger', async () => {
    const { address, server } = await start();
    await server.close();
    await expect(getHealth(address.url)).rejects.toMatchObject({
      code: 'unreachable',
      status: 0,
      retry: 'later',
      message: `no answer from ${address.url}: is the server running?`,
    });
    for (const [code, body] of [
      [200, '<html>'],
      [500, 'oops'],
      [404, '{}'],
    ] as const) {
      const stranger = await other((_request, response) => response.writeHead(code).end(body));
      const message = `${stranger}/v1/health answered ${code} without a readable body: is it a bookcast API?`;
      await expect(getHealth(stranger)).rejects.toMatchObject({ code: 'unreachable', status: code, message });
    }
  });

  it('end when their caller aborts them', async () => {
    const silent = await other(() => {});
    const failure = getHealth(silent, { signal: AbortSignal.timeout(20) });
    await expect(failure).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('go to the page’s own origin where the base is empty', async () => {
    const { address } = await start();
    vi.stubGlobal('location', { origin: address.url });
    expect(await getBook('', KEY, 1)).toEqual(book(1));
    const { messages } = watch('');
    await until(() => messages.length === 1, 'hello');
  });
});

describe('the connection', () => {
  it('is open after hello, and passes on what comes', async () => {
    const { address, market } = await start();
    const { connection, messages, statuses, states } = watch(address.url, { instrument: SLASH_KEY });
    await until(() => messages.length === 1, 'hello');
    expect(statuses).toEqual([{ state: 'connecting', attempt: 1 }, { state: 'open' }]);
    expect(messages[0]).toMatchObject({ type: 'hello', instrument: { key: SLASH_KEY } });
    market.publish(forecast(1), SLASH_KEY);
    await until(() => messages.length === 2, 'the forecast');
    connection.close();
    connection.close();
    await until(() => market.subscriptions(SLASH_KEY) === 0, 'the stream to end');
    expect(states()).toBe('connecting open closed');
  });

  it('comes back when the server does, and goes on from the present', async () => {
    const first = await start();
    const { messages, statuses } = watch(first.address.url);
    await until(() => messages.length === 1, 'hello');
    first.market.publish(forecast(0));
    await until(() => messages.length === 2, 'the forecast');
    await first.server.close();
    await until(() => statuses.filter(({ state }) => state === 'waiting').length >= 3, 'three attempts');
    const waits = statuses.filter((each) => each.state === 'waiting');
    expect(waits[0]).toMatchObject({ attempt: 0, reason: 'the server is stopping' });
    expect(waits[1]).toMatchObject({
      attempt: 1,
      reason: `no answer from ${first.address.url}: is the server running?`,
    });
    const second = await start({}, first.address.port);
    await until(() => messages.length === 3, 'hello again');
    second.market.publish(forecast(9));
    await until(() => messages.length === 4, 'the next forecast');
    expect(messages.map(({ type }) => type)).toEqual(['hello', 'forecast', 'hello', 'forecast']);
    expect(statuses.at(-1)).toEqual({ state: 'open' });
  });

  it('waits longer each time, spread by its random source, up to a bound', async () => {
    const { address, server } = await start();
    await server.close();
    for (const [random, expected] of [
      [0, [5, 10, 20, 20]],
      [0.999_999, [10, 20, 40, 40]],
    ] as const) {
      const { connection, statuses } = watch(address.url, { random: () => random, firstDelayMs: 10, maxDelayMs: 40 });
      const waits = (): number[] => statuses.flatMap((each) => (each.state === 'waiting' ? [each.delayMs] : []));
      await until(() => waits().length >= 4, 'four attempts');
      connection.close();
      expect(waits().slice(0, 4)).toEqual(expected);
    }
  });

  it('tells why the server refuses the stream, which a WebSocket alone cannot', async () => {
    const { address, market } = await start();
    const { messages, statuses } = watch(address.url, { instrument: 'sim:LATER' });
    await until(() => statuses.some(({ state }) => state === 'waiting'), 'the refusal');
    const waiting = statuses.find((each) => each.state === 'waiting');
    expect(waiting).toMatchObject({ reason: `no instrument "sim:LATER"; there is ${KEY}, ${SLASH_KEY}` });
    market.statuses.push(status('sim:LATER'));
    await until(() => messages.length === 1, 'hello');
  });

  it('tells why it was cut off', async () => {
    const { address, server } = await start();
    const { statuses, messages } = watch(address.url);
    await until(() => messages.length === 1, 'hello');
    server.service.hub.close();
    await until(() => statuses.length > 2, 'the loss');
    expect(statuses[2]).toMatchObject({ state: 'waiting', reason: 'the server is stopping' });
  });

  it('does not follow a server that speaks otherwise', async () => {
    for (const text of ['not json', '{"no":"type"}', 'null']) {
      vi.stubGlobal('WebSocket', strange(text));
      const { connection, messages, statuses } = watch('http://127.0.0.1:1');
      await until(() => statuses.length >= 2, 'the verdict');
      connection.close();
      expect(messages).toEqual([]);
      const reason = 'the server sent a message that is not of this API';
      expect(statuses[1]).toMatchObject({ state: 'waiting', attempt: 1, reason });
    }
  });

  it('names the code of a close without a reason, and a plain loss', async () => {
    for (const [code, reason] of [
      [1011, 'the server closed the stream (code 1011)'],
      [1006, 'the connection was lost'],
    ] as const) {
      vi.stubGlobal('WebSocket', strange(null, code));
      const { connection, statuses } = watch('http://127.0.0.1:1');
      await until(() => statuses.length >= 2, 'the loss');
      connection.close();
      expect(statuses[1]).toMatchObject({ state: 'waiting', reason });
    }
  });

  it('stays silent after it was closed, also while it asks why it failed', async () => {
    const { address, server } = await start();
    await server.close();
    const { connection, states } = watch(address.url);
    connection.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(states()).toBe('connecting closed');
  });
});

/** A WebSocket that opens, then says one thing or closes with a code. */
const strange = (text: string | null, code = 1006): unknown =>
  class extends EventTarget {
    constructor() {
      super();
      setTimeout(() => {
        this.dispatchEvent(new Event('open'));
        if (text !== null) this.dispatchEvent(new MessageEvent('message', { data: text }));
        else this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }));
      }, 1);
    }

    close(): void {}
  };
