import { BookcastError, type ErrorCode } from '../../core/index.ts';

/** A refusal by Kraken, in its own words, as an error; `what`: what was asked. */
export function venueError(text: string, what: string): BookcastError {
  return new BookcastError(codeOf(text), `${what}: Kraken refused: ${text}`, { venueError: text });
}

function codeOf(text: string): ErrorCode {
  if (/rate|too many|throttl/i.test(text)) return 'overloaded';
  if (/pair not supported|unknown asset|not found/i.test(text)) return 'not-found';
  if (/not supported|unsupported|invalid|malformed|missing/i.test(text)) return 'bad-argument';
  // "EGeneral:Internal error", "EService:Unavailable", "Already subscribed", and what we never heard of: it may pass.
  return 'not-ready';
}
