import { BookcastError, type ErrorCode } from '../../core/index.ts';

/** OKX's codes (docs-v5, "Error Code", REST 5xxxx and WebSocket 6xxxx) of which trying again later is not the answer. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  // The instrument, or the channel of it, does not exist.
  51001: 'not-found',
  60018: 'not-found',
  // The request is not as it should be.
  51000: 'bad-argument',
  60012: 'bad-argument',
  60013: 'bad-argument',
  // Log in first; for higher fee tiers only.
  60011: 'forbidden',
  60029: 'forbidden',
  64003: 'forbidden',
  // Too many requests.
  50011: 'overloaded',
  60014: 'overloaded',
};

/** A refusal by OKX, in its own words, as an error; `what`: what was asked. A code that is none of the above may pass. */
export function venueError(code: string, message: string, what: string): BookcastError {
  const known = Object.hasOwn(CODES, code) ? CODES[code] : 'not-ready';
  const words = message === '' ? 'no reason given' : message.slice(0, 300);
  return new BookcastError(known, `${what}: OKX refused with code ${code || 'unknown'}: ${words}`, {
    venueCode: code.slice(0, 40),
  });
}
