import {
  connect,
  getBook,
  getExplanation,
  getForecast,
  getInstrument,
  getMonitor,
  getScores,
} from '../../src/api/client.ts';
import type { Store } from './store.ts';

const RETRY_MS = 2000;
const POLL_MS = 2000;
const TICK_MS = 1000;
const INSIGHT_MS = 1000;
const LEVELS = 10;

/** Reads where the API is, then streams from it into the store for as long as the page lives. */
export async function feed(store: Store, nowMs: () => number): Promise<void> {
  setInterval(() => store.dispatch({ type: 'tick', nowMs: nowMs() }), TICK_MS);
  const baseUrl = await readBaseUrl(store, nowMs);
  setInterval(() => poll(baseUrl, store, nowMs), POLL_MS);
  setInterval(() => lookInside(baseUrl, store, nowMs), INSIGHT_MS);
  connect(baseUrl, {
    random: () => crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32,
    onMessage: (message) => {
      store.dispatch({ type: 'message', message, nowMs: nowMs() });
      if (message.type === 'hello') catchUp(baseUrl, message.instrument.key, store, nowMs);
      if (message.type === 'hello') lookInside(baseUrl, store, nowMs);
      if (message.type === 'end') poll(baseUrl, store, nowMs);
    },
    onStatus: (status) => {
      const attempt = 'attempt' in status ? status.attempt : 0;
      const reason = 'reason' in status ? status.reason : null;
      store.dispatch({ type: 'connection', status: status.state, attempt, reason, nowMs: nowMs() });
    },
  });
}

async function readBaseUrl(store: Store, nowMs: () => number): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return apiOf(await readConfig());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      store.dispatch({ type: 'connection', status: 'failed', attempt, reason, nowMs: nowMs() });
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

async function readConfig(): Promise<unknown> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  return response.json();
}

function apiOf(config: unknown): string {
  const api = (config as { api?: unknown } | null)?.api;
  if (typeof api !== 'string')
    throw new Error('/config.json has no text "api": it should be "" or the address of the API');
  return api;
}

/** The stream tells of changes; this asks how things stand, so that a quiet or ended market is not an empty page. */
async function catchUp(baseUrl: string, key: string, store: Store, nowMs: () => number): Promise<void> {
  const options = { signal: AbortSignal.timeout(RETRY_MS) };
  const [forecast, book, scores] = await Promise.all([
    getForecast(baseUrl, key, options).catch(() => null),
    getBook(baseUrl, key, LEVELS, options).catch(() => null),
    getScores(baseUrl, key, options).catch(() => null),
  ]);
  store.dispatch({ type: 'present', present: { forecast, book, scores }, nowMs: nowMs() });
}

/** The counters of messages and faults do not travel in the stream. A poll that fails is not news: the stream tells. */
async function poll(baseUrl: string, store: Store, nowMs: () => number): Promise<void> {
  const { connection, instrument } = store.current();
  if (connection.status !== 'open' || instrument === null || document.hidden) return;
  const status = await getInstrument(baseUrl, instrument.key, { signal: AbortSignal.timeout(RETRY_MS) }).catch(
    () => null,
  );
  if (status !== null) store.dispatch({ type: 'instrument', instrument: status, nowMs: nowMs() });
}

/** How the forecasts fare and why the last one is what it is: asked for as often as a person can follow, never for each forecast. */
async function lookInside(baseUrl: string, store: Store, nowMs: () => number): Promise<void> {
  const { connection, instrument } = store.current();
  if (connection.status !== 'open' || instrument === null || document.hidden) return;
  const options = { signal: AbortSignal.timeout(RETRY_MS) };
  const [monitor, explanation] = await Promise.all([
    getMonitor(baseUrl, instrument.key, options).catch(() => null),
    getExplanation(baseUrl, instrument.key, options).catch(() => null),
  ]);
  store.dispatch({ type: 'insight', monitor, explanation, nowMs: nowMs() });
}
