import { BookcastError, decimalStep, shown, textOf } from '../../core/index.ts';
import type { FeedInstrument, HttpAnswer } from '../../feed/index.ts';
import { venueError } from './venue-error.ts';

/** Levels a side of the channel `books`. */
export const BOOK_LEVELS = 400;
const STEP = /^\d{1,20}(\.\d{1,20})?$/;

/**
 * Everything that trades, in the answers to REST `instruments` (docs-v5, "Get instruments"), one for each type:
 *
 *   {"code":"0","msg":"","data":[{"instType":"SPOT","instId":"BTC-USDT","tickSz":"0.1","lotSz":"0.00000001","state":"live", …}, …]}
 *
 * Sizes are in the base currency on SPOT, in contracts on SWAP (`ctVal` of `ctValCcy` each); `lotSz` is in the same unit.
 * Throws `bad-input` where an answer is none of OKX's, its own refusal in its words. A row without a name or without steps,
 * such as a placeholder of what is not listed yet, is left out.
 */
export function instrumentsOf(answers: readonly HttpAnswer[]): FeedInstrument[] {
  const found = new Map<string, FeedInstrument>();
  for (const answer of answers) {
    for (const row of rowsOf(answer)) {
      const feed = instrumentOf(row);
      if (feed !== null && !found.has(feed.symbol)) found.set(feed.symbol, feed);
    }
  }
  return [...found.values()];
}

function rowsOf({ url, status, body }: HttpAnswer): readonly unknown[] {
  const text = String(body);
  let answer: unknown = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // Told below, with what there was instead.
  }
  const { code, msg, data } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  if (typeof code === 'string' && code !== '0') throw venueError(code, textOf(msg), url);
  if (code === '0' && Array.isArray(data)) return data;
  const begin = JSON.stringify(text.slice(0, 80));
  throw new BookcastError(
    'bad-input',
    `${url}: expected {"code":"0","data":[…]} of instruments, found status ${status} and ${begin}`,
  );
}

function instrumentOf(row: unknown): FeedInstrument | null {
  const { instId, tickSz, lotSz } = (typeof row === 'object' && row !== null ? row : {}) as Record<string, unknown>;
  if (typeof instId !== 'string' || instId === '' || !isStep(tickSz) || !isStep(lotSz)) return null;
  const instrument = Object.freeze({
    venue: 'okx',
    name: instId.toUpperCase(),
    tickSize: tickSz,
    lotSize: lotSz,
    sequencing: 'linked' as const,
    burstQuietNs: 1e6,
    depthLimit: BOOK_LEVELS,
  });
  return { instrument, symbol: instId, book: 'levels', proof: 'sequence' };
}

function isStep(text: unknown): text is string {
  if (typeof text !== 'string' || !STEP.test(text)) return false;
  try {
    return decimalStep(text).step > 0;
  } catch {
    return false;
  }
}

/** The types of instrument that names ask for: all that we know where there are none. */
export function typesOf(names: readonly string[]): readonly string[] {
  const types: readonly string[] = ['SPOT', 'SWAP'];
  if (names.length === 0) return types;
  const asked = new Set(names.map((name) => typeOf(name.trim())));
  return types.filter((type) => asked.has(type));
}

function typeOf(name: string): string {
  return /-SWAP$/i.test(name) ? 'SWAP' : 'SPOT';
}

/** How an instrument is called in messages to people. */
export function nameOf({ symbol }: FeedInstrument): string {
  return shown(symbol, 40);
}
