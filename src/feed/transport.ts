import WebSocket from 'ws';
import type { HttpAnswer, HttpRequest } from './protocol.ts';
import type { Socket, SocketHandlers, Transport } from './world.ts';

export interface TransportOptions {
  /** The largest message or answer taken; a larger one ends the connection, or fails the request. */
  readonly maxBytes?: number;
  /** The longest that an orderly close may take before the socket is torn down. */
  readonly closeMs?: number;
}

/** Deep snapshots of busy books have several MB. */
const MAX_BYTES = 64 << 20;
const CLOSE_MS = 2000;

/** The real network: WebSockets by `ws`, requests by `fetch`. Nothing throws; headers appear in no message. */
export function createTransport(options: TransportOptions = {}): Transport {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const closeMs = options.closeMs ?? CLOSE_MS;
  return {
    connect: (url, handlers) => connect(url, handlers, maxBytes, closeMs),
    request(request, timeoutMs, done) {
      const abort = new AbortController();
      let cancelled = false;
      const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      fetchAnswer(request, abort.signal, maxBytes).then((outcome) => {
        clearTimeout(timer);
        if (!cancelled) done(outcome);
      });
      return () => {
        cancelled = true;
        abort.abort();
      };
    },
  };
}

function connect(url: string, handlers: SocketHandlers, maxBytes: number, closeMs: number): Socket {
  let socket: WebSocket;
  try {
    // A compressed stream would cost more time to unpack than the bytes saved; a frame that is no text is the decoder's to judge.
    socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: maxBytes, skipUTF8Validation: true });
  } catch (error) {
    queueMicrotask(() => handlers.closed((error as Error).message));
    return { send() {}, ping() {}, close() {} };
  }
  let failure = '';
  let refusal: HttpAnswer | undefined;
  let closing: NodeJS.Timeout | null = null;
  socket.binaryType = 'nodebuffer';
  socket.on('open', () => handlers.opened());
  socket.on('message', (data) => handlers.received(data as Buffer));
  socket.on('ping', () => handlers.beat());
  socket.on('pong', () => handlers.beat());
  socket.on('error', (error) => {
    if (failure === '') failure = describe(error);
  });
  socket.on('unexpected-response', (_request, response) => {
    const { statusCode = 0, headers } = response;
    const plain = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    refusal = { url, status: statusCode, headers: Object.fromEntries(plain), body: Buffer.alloc(0) };
    failure = `the venue answered ${statusCode} instead of opening the connection`;
    // Whoever listens to this event has to end the attempt.
    socket.terminate();
  });
  socket.on('close', (code, reason) => {
    if (closing !== null) clearTimeout(closing);
    const said = reason.length === 0 ? '' : `: ${reason.toString('utf8', 0, 120)}`;
    handlers.closed(failure === '' ? `closed with ${code}${said}` : failure, refusal);
  });
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close() {
      if (closing !== null || socket.readyState === WebSocket.CLOSED) return;
      closing = setTimeout(() => socket.terminate(), closeMs);
      socket.close(1000);
    },
  };
}

async function fetchAnswer(request: HttpRequest, signal: AbortSignal, maxBytes: number): Promise<HttpAnswer | Error> {
  try {
    // A redirect is told as it is: it may lead out of the limits' scope, and headers must not follow it.
    const headers = { ...request.headers };
    const response = await fetch(request.url, { headers, signal, redirect: 'manual' });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      bytes += part.length;
      if (bytes > maxBytes) return new Error(`an answer of more than ${maxBytes} bytes`);
      parts.push(part);
    }
    return {
      url: request.url,
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.concat(parts),
    };
  } catch (error) {
    return new Error(describe(error as Error), { cause: error });
  }
}

/** What went wrong on the network, with the system's own code, which `fetch` hides in the cause. */
function describe(error: Error): string {
  const { cause } = error;
  const at = cause instanceof Error ? cause : error;
  const { code } = at as NodeJS.ErrnoException;
  const text = at.message === '' ? 'the connection failed' : at.message;
  return code === undefined || text.includes(code) ? text : `${code}: ${text}`;
}
