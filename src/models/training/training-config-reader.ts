import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError, editDistance, shown } from '../../core/index.ts';

/** What the reader looks at in a schema: objects, unions of objects told apart by `kind`, and leaves with default and description. */
interface Described {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, TSchema & { readonly const?: unknown }>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly TSchema[];
}

/**
 * A configuration with every default filled in, checked against its schema. `path` is where it stands, for messages (`net.hidden`).
 * Throws `bad-argument` for an unknown key, with the nearest known one, and for a value that does not fit, with what is expected.
 */
export function readConfig(schema: TSchema, value: unknown, path = ''): unknown {
  const described = schema as Described;
  const branches = described.anyOf?.filter((branch) => (branch as Described).properties?.kind !== undefined) ?? [];
  if (branches.length > 0) return readBranch(described, branches, value, path);
  if (described.properties !== undefined) return readObject(described.properties, described, value, path);
  const given = value === undefined ? copyOf(described.default) : value;
  if (given === undefined) return undefined;
  if (!Value.Check(schema, given)) throw mismatch(path, given, described.description ?? expectationOf(described));
  return given;
}

function readObject(
  properties: Readonly<Record<string, TSchema>>,
  schema: Described,
  value: unknown,
  path: string,
): unknown {
  const given = value === undefined || value === null ? (schema.default ?? {}) : value;
  if (!isRecord(given)) throw mismatch(path, given, `keys and values (${Object.keys(properties).join(', ')})`);
  refuseUnknown(given, Object.keys(properties), path);
  const read: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(properties)) {
    const inside = readConfig(property, given[key], join(path, key));
    if (inside !== undefined) read[key] = inside;
    else if (schema.required?.includes(key) === true)
      throw mismatch(join(path, key), undefined, (property as Described).description ?? 'given');
  }
  return read;
}

/** One of several objects: the one whose `kind` is given. */
function readBranch(schema: Described, branches: readonly TSchema[], value: unknown, path: string): unknown {
  // `optimiser: adam` is short for `optimiser: { kind: adam }`.
  const given = value === undefined ? schema.default : typeof value === 'string' ? { kind: value } : value;
  const kindOf = (branch: TSchema): unknown => (branch as Described).properties?.kind.const;
  const kinds = branches.map(kindOf).map(String);
  if (!isRecord(given)) throw mismatch(path, given, `an object with kind: ${kinds.join(', ')}`);
  // Keys given without a kind are of the default kind.
  const kind = given.kind ?? (isRecord(schema.default) ? schema.default.kind : undefined);
  const branch = branches.find((one) => kindOf(one) === kind);
  if (branch === undefined) {
    const name = join(path, 'kind');
    throw new BookcastError(
      'bad-argument',
      `${name}: there is no ${shown(kind)}${hint(String(kind), kinds)}; there are ${kinds.join(', ')}`,
      {
        path: name,
        found: kind,
      },
    );
  }
  return readConfig(branch, { ...given, kind }, path);
}

/** Throws `bad-argument` where `given` has a key that is not among `known`. */
export function refuseUnknown(given: Readonly<Record<string, unknown>>, known: readonly string[], path: string): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    throw new BookcastError(
      'bad-argument',
      `there is no key "${join(path, key)}"${hint(key, known)}; ${path === '' ? 'there are' : `${path} has`} ${known.join(', ')}`,
      { path: join(path, key), key },
    );
  }
}

function mismatch(path: string, found: unknown, expected: string): BookcastError {
  return new BookcastError(
    'bad-argument',
    `${path || 'the configuration'} is ${shown(found)}, and must be: ${expected}`,
    {
      path,
      found,
    },
  );
}

function expectationOf({ type, const: only, anyOf }: Described): string {
  if (only !== undefined) return JSON.stringify(only);
  if (anyOf !== undefined) return anyOf.map((branch) => expectationOf(branch as Described)).join(' or ');
  return type ?? 'another value';
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function copyOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hint(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === null ? '' : `; did you mean "${near}"?`;
}

/** The name that was probably meant: the one of the fewest edits, where those are few; null where none is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const other of names) {
    const distance = editDistance(name.toLowerCase(), other.toLowerCase());
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}
