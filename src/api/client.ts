import type {
  BookMessage,
  ErrorBody,
  Explanation,
  ForecastMessage,
  Health,
  InstrumentList,
  InstrumentStatus,
  MonitorReport,
  ScoresMessage,
  StreamMessage,
} from './contract.ts';

/**
 * The client of the API, for the browser and for Node (both have `fetch` and `WebSocket`). It imports types only, so a
 * page that uses it carries none of the server. `baseUrl` is `http://host:port`, or `''` for the page's own origin.
 */

/** The server's refusal, or `unreachable` where no readable answer came. `status` is 0 where there was no answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retry: string;

  constructor(code: string, message: string, status: number, retry: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.retry = retry;
  }
}

export interface RequestOptions {
  signal?: AbortSignal;
}

/**
 * connecting → open, once `hello` has come; → waiting, after a loss, until the next attempt; closed only by `close()`.
 * `attempt` counts the tries since the last `hello` (0 while waiting for the first); `reason` is fit to be shown.
 */
export type ConnectionStatus =
  | { state: 'connecting'; attempt: number }
  | { state: 'open' }
  | { state: 'waiting'; attempt: number; delayMs: number; reason: string }
  | { state: 'closed' };

export interface ConnectOptions {
  /** `venue:NAME`; absent for the server's only or first instrument. */
  instrument?: string;
  /** Uniform in [0, 1): spreads the reconnects of many clients over time. */
  random: () => number;
  onMessage: (message: StreamMessage) => void;
  onStatus?: (status: ConnectionStatus) => void;
  /** Longest wait before the first and before any later reconnect: 250 and 10 000 ms where absent. */
  firstDelayMs?: number;
  maxDelayMs?: number;
}

export interface Connection {
  /** Ends the stream for good; no callback but the `closed` status follows. */
  close(): void;
}

export const getHealth = (baseUrl: string, options?: RequestOptions): Promise<Health> =>
  get(baseUrl, '/v1/health', options);

export const getInstruments = async (baseUrl: string, options?: RequestOptions): Promise<InstrumentStatus[]> =>
  (await get<InstrumentList>(baseUrl, '/v1/instruments', options)).instruments;

export const getInstrument = (baseUrl: string, key: string, options?: RequestOptions): Promise<InstrumentStatus> =>
  get(baseUrl, instrumentPath(key), options);

export const getForecast = (baseUrl: string, key: string, options?: RequestOptions): Promise<ForecastMessage> =>
  get(baseUrl, `${instrumentPath(key)}/forecast`, options);

/** `depth` levels a side, 1 to 50; 10 where absent. */
export const getBook = (baseUrl: string, key: string, depth?: number, options?: RequestOptions): Promise<BookMessage> =>
  get(baseUrl, `${instrumentPath(key)}/book${depth === undefined ? '' : `?depth=${depth}`}`, options);

export const getScores = (baseUrl: string, key: string, options?: RequestOptions): Promise<ScoresMessage> =>
  get(baseUrl, `${instrumentPath(key)}/scores`, options);

export const getMonitor = (baseUrl: string, key: string, options?: RequestOptions): Promise<MonitorReport> =>
  get(baseUrl, `${instrumentPath(key)}/monitor`, options);

/** Computed for each call; about once a second is often enough for a person. */
export const getExplanation = (baseUrl: string, key: string, options?: RequestOptions): Promise<Explanation> =>
  get(baseUrl, `${instrumentPath(key)}/explanation`, options);

/**
 * Opens the stream and keeps it open: after a loss it reconnects, waiting a random half to whole of a delay that doubles
 * from `firstDelayMs` to `maxDelayMs`. A reconnect goes on from the present: a gap shows in the forecasts' `index`.
 */
export function connect(baseUrl: string, options: ConnectOptions): Connection {
  const stream = new ReconnectingStream(baseUrl, options);
  stream.open();
  return stream;
}

class ReconnectingStream implements Connection {
  readonly #baseUrl: string;
  readonly #path: string;
  readonly #options: ConnectOptions;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #closed = false;

  constructor(baseUrl: string, options: ConnectOptions) {
    this.#baseUrl = baseUrl;
    this.#options = options;
    const { instrument } = options;
    this.#path = `/v1/stream${instrument === undefined ? '' : `?instrument=${encodeURIComponent(instrument)}`}`;
  }

  open(): void {
    this.#attempt++;
    this.#tell({ state: 'connecting', attempt: this.#attempt });
    const url = address(this.#baseUrl, this.#path);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    let opened = false;
    socket.addEventListener('open', () => {
      opened = true;
    });
    socket.addEventListener('message', (event) => this.#receive(socket, event.data));
    // A failed handshake also ends in a close event, and the error event itself tells nothing.
    socket.addEventListener('close', (event) => this.#lost(socket, opened, event.code, event.reason));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#options.onStatus?.({ state: 'closed' });
  }

  #receive(socket: WebSocket, data: unknown): void {
    if (socket !== this.#socket) return;
    const message = parseMessage(data);
    if (message === null) {
      this.#socket = null;
      socket.close(4000, 'unreadable message');
      this.#wait('the server sent a message that is not of this API');
      return;
    }
    if (message.type === 'hello') {
      this.#attempt = 0;
      this.#tell({ state: 'open' });
    }
    this.#options.onMessage(message);
  }

  async #lost(socket: WebSocket, opened: boolean, code: number, reason: string): Promise<void> {
    if (socket !== this.#socket) return;
    // A browser hides why a handshake failed; the same address asked with plain HTTP answers with the reason.
    const why = opened ? closeText(code, reason) : await this.#refusal();
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#wait(why);
  }

  async #refusal(): Promise<string> {
    try {
      await get(this.#baseUrl, this.#path, { signal: AbortSignal.timeout(2000) });
    } catch (error) {
      if (error instanceof ApiError && error.code !== 'upgrade-required') return error.message;
    }
    return 'the server refused the stream';
  }

  #wait(reason: string): void {
    const { firstDelayMs = 250, maxDelayMs = 10_000, random } = this.#options;
    const bound = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, this.#attempt - 1));
    const delayMs = Math.round(bound * (0.5 + 0.5 * random()));
    this.#tell({ state: 'waiting', attempt: this.#attempt, delayMs, reason });
    this.#timer = setTimeout(() => this.open(), delayMs);
  }

  #tell(status: ConnectionStatus): void {
    if (!this.#closed) this.#options.onStatus?.(status);
  }
}

const instrumentPath = (key: string): string => `/v1/instruments/${encodeURIComponent(key)}`;

/** The page's own origin stands in for an empty base; only a browser has one. */
function address(baseUrl: string, path: string): URL {
  const page = (globalThis as { location?: { origin: string } }).location;
  return new URL(path, baseUrl === '' ? page?.origin : baseUrl);
}

async function get<T>(baseUrl: string, path: string, options: RequestOptions = {}): Promise<T> {
  const url = address(baseUrl, path);
  let response: Response;
  try {
    response = await fetch(url, options);
  } catch (cause) {
    // The caller's own abort is its own business: it gets its own error back.
    if (options.signal?.aborted && options.signal.reason === cause) throw cause;
    throw new ApiError('unreachable', `no answer from ${url.origin}: is the server running?`, 0, 'later');
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const error = (body as Partial<ErrorBody> | null)?.error;
  if (error === undefined) {
    const text = `${url.origin}${url.pathname} answered ${response.status} without a readable body: is it a bookcast API?`;
    throw new ApiError('unreachable', text, response.status, 'never');
  }
  throw new ApiError(error.code, error.message, response.status, error.retry);
}

function parseMessage(data: unknown): StreamMessage | null {
  try {
    const message: unknown = JSON.parse(String(data));
    return typeof (message as StreamMessage).type === 'string' ? (message as StreamMessage) : null;
  } catch {
    return null;
  }
}

function closeText(code: number, reason: string): string {
  if (reason !== '') return reason;
  return code === 1006 ? 'the connection was lost' : `the server closed the stream (code ${code})`;
}
