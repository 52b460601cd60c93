import { BookcastError, editDistance, shown } from '../core/index.ts';

/** What a number read from settings must be. */
export interface NumberRule {
  /** Taken where the key is absent; without it the key must be there. */
  readonly default?: number;
  /** Least and greatest, both allowed. */
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/**
 * Reads one object of a user's settings (YAML or JSON, already parsed), such as fees or limits. A key that is not known, and a value that
 * does not fit, is a `bad-argument` that names the key, what stands there, and what may; of a key the nearest known one, too.
 */
export class SettingsReader {
  readonly #data: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** `where` begins every message, such as `costs.yaml: fees`. Throws `bad-argument` where `data` is no object or has a key that is not among `keys`. */
  constructor(data: unknown, where: string, keys: readonly string[]) {
    this.#where = where;
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw new BookcastError(
        'bad-argument',
        `${where} is ${shown(data)}, and must be keys and values (${keys.join(', ')})`,
        {
          where,
        },
      );
    }
    this.#data = data as Record<string, unknown>;
    for (const key of Object.keys(data)) {
      if (keys.includes(key)) continue;
      throw new BookcastError(
        'bad-argument',
        `${where} has no key "${key}"${hint(key, keys)}; there are ${keys.join(', ')}`,
        { where, key },
      );
    }
  }

  has(key: string): boolean {
    return this.#data[key] !== undefined && this.#data[key] !== null;
  }

  /** The value as it stands there. */
  raw(key: string): unknown {
    return this.#data[key];
  }

  number(key: string, rule: NumberRule = {}): number {
    const value = this.has(key) ? this.#data[key] : rule.default;
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, whole = false } = rule;
    const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
    // A default may be infinite; what a user writes may not, except as the absence of the key.
    if (!fits || (this.has(key) && !Number.isFinite(value))) {
      const kind = whole ? 'a whole number' : 'a number';
      const low = Number.isFinite(min) ? ` from ${min}` : '';
      const high = Number.isFinite(max) ? ` up to ${max}` : '';
      throw this.mismatch(key, `${kind}${low}${high}`);
    }
    return value as number;
  }

  flag(key: string, absent: boolean): boolean {
    const value = this.has(key) ? this.#data[key] : absent;
    if (typeof value !== 'boolean') throw this.mismatch(key, 'true or false');
    return value;
  }

  text(key: string): string {
    const value = this.#data[key];
    if (typeof value !== 'string' || value === '') throw this.mismatch(key, 'a text');
    return value;
  }

  oneOf<T extends string>(key: string, choices: readonly T[], absent: T): T {
    const value = this.has(key) ? this.#data[key] : absent;
    if (!choices.includes(value as T)) throw this.mismatch(key, choices.join(' or '));
    return value as T;
  }

  list(key: string): readonly unknown[] {
    const value = this.#data[key];
    if (!Array.isArray(value)) throw this.mismatch(key, 'a list');
    return value;
  }

  /** An error that says what stands at `key`, and what must. */
  mismatch(key: string, expected: string): BookcastError {
    return new BookcastError(
      'bad-argument',
      `${this.#where}.${key} is ${shown(this.#data[key])}, and must be ${expected}`,
      { where: this.#where, key },
    );
  }
}

/** The key that was probably meant: the one of the fewest edits, where those are few. */
function hint(key: string, keys: readonly string[]): string {
  const far = Math.max(2, Math.floor(key.length / 3));
  const near = keys
    .map((name) => ({ name, edits: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= far)
    .sort((a, b) => a.edits - b.edits);
  return near.length === 0 ? '' : `; did you mean "${near[0].name}"?`;
}
