import { BookcastError, type Random, shown } from '../../../core/index.ts';

/** What one setting may be: one of some values, or a number between two. */
export type Dimension =
  | { readonly kind: 'values'; readonly key: string; readonly values: readonly unknown[] }
  | {
      readonly kind: 'range';
      readonly key: string;
      readonly low: number;
      readonly high: number;
      /** Drawn evenly in the logarithm. */
      readonly log: boolean;
      /** Whole numbers, both ends included. */
      readonly integer: boolean;
    };

/** Settings to search, in the order of the file. */
export type Space = readonly Dimension[];

/** A place in a space: setting → value. */
export type Point = Readonly<Record<string, unknown>>;

const FORMS = '{values: […]} or {low, high, log, integer}';

/**
 * Reads a space as its file tells it: path of a setting → `{values: [a, b]}` or `{low: 1, high: 9, log: true, integer: true}`, the last
 * two false unless given. `where` names the file. Throws `bad-argument` that names the setting, what was found and what it may be.
 */
export function parseSpace(data: unknown, where: string): Space {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new BookcastError(
      'bad-argument',
      `${where}: found ${shown(data)}, expected settings to search, such as "learningRate: {low: 0.0001, high: 0.01, log: true}"`,
      { where },
    );
  }
  const space = Object.entries(data).map(([key, entry]) => parseDimension(key, entry, where));
  if (space.length > 0) return space;
  throw new BookcastError('bad-argument', `${where} names no setting to search; give at least one`, { where });
}

function parseDimension(key: string, entry: unknown, where: string): Dimension {
  const fail = (what: string): never => {
    throw new BookcastError('bad-argument', `${where}: ${key}: ${what}`, { where, key });
  };
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(key)) fail('the path of a setting is names joined by dots');
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    fail(`found ${shown(entry)}, expected ${FORMS}`);
  }
  const given = entry as Record<string, unknown>;
  const allowed = 'values' in given ? ['values'] : ['low', 'high', 'log', 'integer'];
  const odd = Object.keys(given).find((name) => !allowed.includes(name));
  if (odd !== undefined) fail(`there is no "${odd}" here; it is ${FORMS}`);
  if ('values' in given) {
    const { values } = given;
    if (!Array.isArray(values) || values.length === 0) return fail(`values: found ${shown(values)}, expected a list`);
    const texts = values.map((value) => JSON.stringify(value));
    const twice = texts.find((text, i) => texts.indexOf(text) < i);
    if (twice !== undefined) fail(`values: ${twice} stands there twice; name each once`);
    return { kind: 'values', key, values };
  }
  for (const name of ['low', 'high']) {
    if (!Number.isFinite(given[name])) fail(`${name}: found ${shown(given[name])}, expected a number; it is ${FORMS}`);
  }
  for (const name of ['log', 'integer']) {
    if (given[name] !== undefined && typeof given[name] !== 'boolean') {
      fail(`${name}: found ${shown(given[name])}, expected true or false`);
    }
  }
  const {
    low,
    high,
    log = false,
    integer = false,
  } = given as { low: number; high: number; log?: boolean; integer?: boolean };
  if (!(low < high)) fail(`low is ${low} and high is ${high}; low must be less`);
  if (log && low <= 0) fail(`low is ${low}, and on a logarithmic scale it must be above 0`);
  if (integer && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    fail(`low is ${low} and high is ${high}; with integer: true both must be whole`);
  }
  return { kind: 'range', key, low, high, log, integer };
}

/** A point drawn evenly from the space. */
export function samplePoint(space: Space, random: Random): Point {
  return Object.fromEntries(
    space.map((dimension) => {
      if (dimension.kind === 'values') return [dimension.key, dimension.values[random.below(dimension.values.length)]];
      const [from, to] = bounds(dimension);
      return [dimension.key, fromScale(dimension, from + (to - from) * random.float())];
    }),
  );
}

/**
 * The ends of a range on the scale on which it is searched: of whole numbers half a step further out, so that each is as likely as its
 * neighbour.
 */
export function bounds({ low, high, log, integer }: Dimension & { kind: 'range' }): readonly [number, number] {
  const half = integer ? 0.5 : 0;
  const ends = [low - half, high + half] as const;
  return log ? [Math.log(ends[0]), Math.log(ends[1])] : ends;
}

/** A setting's value at a place on that scale. */
export function fromScale({ low, high, log, integer }: Dimension & { kind: 'range' }, at: number): number {
  const value = log ? Math.exp(at) : at;
  // The round trip through the logarithm may leave the range by a bit.
  return Math.min(high, Math.max(low, integer ? Math.round(value) : value));
}

/** The place of a value on that scale. */
export function toScale({ log }: Dimension & { kind: 'range' }, value: number): number {
  return log ? Math.log(value) : value;
}
