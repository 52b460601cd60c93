import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createTransport, type HttpAnswer, type Socket, systemTimers } from '../../src/feed/index.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A WebSocket server of the real kind, and what each client's handlers heard. */
async function webSocketServer(onClient: (client: WebSocket, path: string) => void): Promise<string> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: true });
  sockets.on('connection', (client, request) => onClient(client, request.url ?? ''));
  closers.push(() => sockets.close());
  return `ws://${await serve(server)}`;
}

interface Heard {
  readonly socket: Socket;
  readonly events: string[];
  readonly refusals: (HttpAnswer | undefined)[];
  until(event: RegExp): Promise<void>;
}

function listen(url: string, options?: Parameters<typeof createTransport>[0]): Heard {
  const events: string[] = [];
  const refusals: (HttpAnswer | undefined)[] = [];
  const socket = createTransport(options).connect(url, {
    opened: () => events.push('opened'),
    received: (bytes) => {
      expect(Buffer.isBuffer(bytes)).toBe(true);
      events.push(`received ${bytes.length > 40 ? bytes.length : bytes.toString('latin1')}`);
    },
    beat: () => events.push('beat'),
    closed: (why, refusal) => {
      events.push(`closed ${why}`);
      refusals.push(refusal);
    },
  });
  const until = async (event: RegExp): Promise<void> => {
    for (let waited = 0; !events.some((line) => event.test(line)); waited += 5) {
      if (waited > 5000) throw new Error(`no ${event} in ${JSON.stringify(events)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { socket, events, refusals, until };
}

describe('sockets', () => {
  it('say and hear: text, binary, fragments, pings, in order, uncompressed', async () => {
    let extensions: string | undefined;
    const url = await webSocketServer((client) => {
      extensions = client.extensions;
      client.on('message', (data) => {
        client.send(`you said ${data}`);
        client.send(Buffer.from([1, 2, 255]));
        client.send('frag', { fin: false });
        client.send('ments', { fin: true });
        client.ping();
      });
    });
    const heard = listen(url);
    // Before it is open nothing can be said; that is no error.
    heard.socket.send('too soon');
    heard.socket.ping();
    await heard.until(/opened/);
    heard.socket.send('hello');
    await heard.until(/beat/);
    expect(heard.events).toEqual([
      'opened',
      'received you said hello',
      'received \u0001\u0002\u00ff',
      'received fragments',
      'beat',
    ]);
    expect(extensions).toBe('');
    heard.socket.ping();
    heard.socket.close();
    heard.socket.close();
    await heard.until(/closed/);
    heard.socket.close();
    heard.socket.send('too late');
    expect(heard.events.filter((line) => /closed/.test(line))).toEqual(['closed closed with 1000']);
  });

  it('give frames that are no UTF-8 to the decoder instead of closing', async () => {
    const url = await webSocketServer((client) => {
      client.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
      client.send('next');
    });
    const heard = listen(url);
    await heard.until(/next/);
    expect(heard.events[1]).toBe('received {\u00ff}');
    heard.socket.close();
    await heard.until(/closed/);
  });

  it('say why the other side closed, and when it broke off', async () => {
    const url = await webSocketServer((client, path) => {
      if (path === '/polite') client.close(1001, 'going away');
      else client.terminate();
    });
    const polite = listen(`${url}/polite`);
    await polite.until(/closed/);
    expect(polite.events.at(-1)).toBe('closed closed with 1001: going away');
    const rude = listen(`${url}/rude`);
    await rude.until(/closed/);
    expect(rude.events.at(-1)).toMatch(/closed with 1006/);
  });

  it('are torn down where the other side does not answer a close', async () => {
    const server = createServer();
    server.on('upgrade', (request, socket) => {
      // The handshake by hand, and then nothing: a half-open connection.
      import('node:crypto').then(({ createHash }) => {
        const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
        const accept = createHash('sha1').update(key).digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
      });
    });
    const heard = listen(`ws://${await serve(server)}`, { closeMs: 50 });
    await heard.until(/opened/);
    const from = performance.now();
    heard.socket.close();
    await heard.until(/closed/);
    expect(performance.now() - from).toBeLessThan(2000);
  });

  it('refuse messages that are too large', async () => {
    const url = await webSocketServer((client) => {
      client.send('x'.repeat(900));
      client.send('x'.repeat(1100));
    });
    const heard = listen(url, { maxBytes: 1000 });
    await heard.until(/closed/);
    expect(heard.events.slice(0, 2)).toEqual(['opened', 'received 900']);
    expect(heard.events.at(-1)).toMatch(/Max payload size exceeded/);
  });

  it('tell what was answered instead of opening', async () => {
    const server = createServer((_, response) => {
      response.writeHead(429, { 'Retry-After': '17' }).end('slow down');
    });
    const heard = listen(`ws://${await serve(server)}`);
    await heard.until(/closed/);
    expect(heard.events).toEqual(['closed the venue answered 429 instead of opening the connection']);
    expect(heard.refusals[0]).toMatchObject({ status: 429, headers: { 'retry-after': '17' } });
  });

  it('never throw: no server, no address, given up while connecting', async () => {
    const server = createServer();
    const address = await serve(server);
    const hanging = listen(`ws://${address}`);
    hanging.socket.close();
    await hanging.until(/closed/);
    server.close();
    server.closeAllConnections();
    const refused = listen('ws://127.0.0.1:1');
    await refused.until(/closed .*ECONNREFUSED/);
    const nonsense = listen('no address');
    nonsense.socket.send('x');
    nonsense.socket.ping();
    nonsense.socket.close();
    await nonsense.until(/closed .*[Uu][Rr][Ll]/);
    for (const heard of [hanging, refused, nonsense]) {
      expect(heard.events.filter((line) => /closed/.test(line)).length).toBe(1);
      expect(heard.refusals).toEqual([undefined]);
    }
  });
});

describe('requests', () => {
  const ask = (url: string, { timeoutMs = 2000, headers = {}, maxBytes = 10_000 } = {}): Promise<HttpAnswer | Error> =>
    new Promise((resolve) => {
      createTransport({ maxBytes }).request({ url, headers, scope: 'x', weight: 1 }, timeoutMs, resolve);
    });

  async function server(): Promise<string> {
    const http = createServer((request, response) => {
      if (request.url === '/silent') return;
      if (request.url === '/slow') {
        response.writeHead(200).write('{');
        return;
      }
      if (request.url === '/moved') response.writeHead(302, { Location: '/secret' }).end();
      else if (request.url === '/large') response.end('x'.repeat(20_000));
      else if (request.url === '/cut') {
        response.writeHead(200, { 'Content-Length': '100' }).write('half');
        setTimeout(() => request.socket.destroy(), 20);
      } else response.writeHead(418, { 'Retry-After': '3', 'X-Seen': String(request.headers['x-key']) }).end('short');
    });
    return `http://${await serve(http)}`;
  }

  it('give status, headers and body as they are; redirects are not followed', async () => {
    const url = await server();
    const answer = (await ask(`${url}/`, { headers: { 'X-Key': 'secret' } })) as HttpAnswer;
    expect(answer).toMatchObject({ url: `${url}/`, status: 418, headers: { 'retry-after': '3', 'x-seen': 'secret' } });
    expect(answer.body.toString()).toBe('short');
    expect(await ask(`${url}/moved`)).toMatchObject({ status: 302 });
  });

  it('fail with the reason, headers kept out of it', async () => {
    const url = await server();
    const closed = createServer();
    const nobody = await serve(closed);
    closed.close();
    const headers = { 'X-Key': 'secret' };
    const failures: [string, RegExp][] = [
      [`${url}/silent`, /no answer within 0\.1 s/],
      [`${url}/slow`, /no answer within 0\.1 s/],
      [`${url}/large`, /more than 10000 bytes/],
      [`${url}/cut`, /closed|terminated|reset/i],
      [`http://${nobody}/`, /ECONNREFUSED/],
      ['http://nowhere.invalid/', /ENOTFOUND|EAI_AGAIN/],
      ['nonsense', /[Uu][Rr][Ll]/],
    ];
    for (const [from, expected] of failures) {
      const timeoutMs = /silent|slow/.test(from) ? 100 : 2000;
      const error = (await ask(from, { timeoutMs, headers })) as Error;
      expect(error, from).toBeInstanceOf(Error);
      expect(error.message, from).toMatch(expected);
      expect(error.message).not.toContain('secret');
    }
  });

  it('say nothing once cancelled', async () => {
    const url = await server();
    let said = 0;
    const cancel = createTransport().request({ url: `${url}/`, scope: 'x', weight: 1 }, 1000, () => said++);
    cancel();
    cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said).toBe(0);
  });
});

describe('the machine’s timers', () => {
  it('call once, or not at all', async () => {
    const called: string[] = [];
    systemTimers.after(5, () => called.push('a'));
    const cancel = systemTimers.after(5, () => called.push('b'));
    cancel();
    cancel();
    // Longer than a timer of the runtime can be: it must not fire at once.
    const far = systemTimers.after(2 ** 32, () => called.push('c'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    far();
    expect(called).toEqual(['a']);
  });
});
