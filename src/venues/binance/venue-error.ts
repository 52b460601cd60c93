import { BookcastError, type ErrorCode } from '../../core/index.ts';

/** Too many requests; and errors of the server's own (developers.binance.com, "Error codes", −10xx). */
const LATER = new Set([-1000, -1001, -1003, -1006, -1007, -1008, -1015, -1016]);
const INVALID_SYMBOL = -1121;

/** Binance's `{"code":-1121,"msg":"Invalid symbol."}`, or such an object under "error"; null where `data` is no such error. */
export function errorOf(data: unknown): { readonly code: number; readonly msg: string } | null {
  if (typeof data !== 'object' || data === null) return null;
  const found = 'error' in data ? data.error : data;
  if (typeof found !== 'object' || found === null || !('code' in found) || !('msg' in found)) return null;
  return typeof found.code === 'number' && typeof found.msg === 'string' ? { code: found.code, msg: found.msg } : null;
}

/** A refusal by the venue as an error. `where`: what was asked. */
export function venueError(data: unknown, where: string): BookcastError {
  const found = errorOf(data);
  if (found === null) {
    return new BookcastError('venue-unreachable', `${where}: Binance refused, and did not say why`);
  }
  const { code, msg } = found;
  const kind: ErrorCode = LATER.has(code) ? 'overloaded' : code === INVALID_SYMBOL ? 'not-found' : 'bad-argument';
  return new BookcastError(kind, `${where}: Binance refused with code ${code}: ${msg}`, { venueCode: code });
}
