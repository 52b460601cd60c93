import { BookcastError } from '../core/index.ts';
import type { Endpoints } from './protocol.ts';

/** A venue's own addresses with some of them replaced; no address ends with a slash. Throws `bad-argument` for a part that it has not, or no address. */
export function resolveEndpoints(defaults: Endpoints, overrides: Endpoints): Endpoints {
  const parts = Object.keys(defaults);
  const resolved: Record<string, string> = { ...defaults };
  for (const [part, address] of Object.entries(overrides)) {
    if (!parts.includes(part)) {
      throw new BookcastError(
        'bad-argument',
        `no part "${part}" to give an address for; there is ${parts.join(', ')}`,
        {
          part,
        },
      );
    }
    if (!/^(https?|wss?):\/\/[^/\s]/.test(address)) {
      throw new BookcastError(
        'bad-argument',
        `"${address}" is no address for ${part}; expected one such as ${defaults[part]}`,
        { part },
      );
    }
    resolved[part] = address.replace(/\/+$/, '');
  }
  return Object.freeze(resolved);
}
