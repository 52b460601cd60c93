import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { assert, BookcastError } from '../core/index.ts';
import { LearntDataSchema } from './learnt-data.ts';

/** Version of these keys. A file of another one is refused. */
const FORMAT = '1';
const PREFIX = 'bookcast.';

const Name = Type.String({ pattern: '^[^,\\n]+$' });

const ModelMetadataSchema = Type.Object(
  {
    kind: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', description: 'name of the kind of model, such as lstm' }),
    target: Type.String({ minLength: 1, description: 'what it forecasts, such as events:10' }),
    classes: Type.Array(Name, { minItems: 2, description: 'names of the classes in the order of the probabilities' }),
    length: Type.Integer({ minimum: 1, maximum: 100_000, description: 'rows in a window' }),
    streams: Type.Boolean({ description: 'true where the graph takes one row a run and carries its state' }),
    schemaHash: Type.String({ minLength: 1, description: 'hash of the schema of the rows' }),
    signals: Type.Array(Name, { minItems: 1, description: 'names of the columns of a row, in order' }),
    prior: Type.Array(Type.Number({ minimum: 0, maximum: 1 }), {
      description: 'share of each class in the training windows',
    }),
    fit: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      description: 'hash of the fit that the columns were computed with, or null',
    }),
    clock: Type.String({ minLength: 1, description: 'when a row was taken, as "bookcast features --clock" names it' }),
    learnt: Type.Union([LearntDataSchema, Type.Null()], {
      description: 'instruments and times of the rows that it learnt from, as JSON; null where they are not known',
    }),
  },
  { additionalProperties: false },
);

/** What a trained model's file says of itself, and must say to be served. */
export type ModelMetadata = Readonly<Static<typeof ModelMetadataSchema>>;

/** Keys in the file, without their prefix. Lists are comma-separated. */
const KEYS: Readonly<Record<keyof ModelMetadata, string>> = {
  kind: 'kind',
  target: 'target',
  classes: 'classes',
  length: 'length',
  streams: 'streams',
  schemaHash: 'schema_hash',
  signals: 'signals',
  prior: 'prior',
  fit: 'fit',
  clock: 'clock',
  learnt: 'learnt',
};

/**
 * `metadata_props` of a model's file: `bookcast.kind`, `bookcast.target`, … . Whatever else is worth keeping (hashes of data and code,
 * metrics) goes beside them, in keys of the caller's.
 */
export function encodeModelMetadata(metadata: ModelMetadata): Record<string, string> {
  assert(Value.Check(ModelMetadataSchema, metadata), 'the metadata of a model are as their schema says');
  assert(metadata.prior.length === metadata.classes.length, 'there is a prior for each class');
  const pairs = Object.entries(KEYS).map(([field, key]) => {
    return [PREFIX + key, textOf(metadata[field as keyof ModelMetadata])];
  });
  return { [`${PREFIX}format`]: FORMAT, ...Object.fromEntries(pairs) };
}

/**
 * Reads them back. `where` is the file, for messages. Throws `bad-input` for a file without them, or where one is not as it must be;
 * `unsupported-version` for another version of the keys.
 */
export function parseModelMetadata(properties: Readonly<Record<string, string>>, where: string): ModelMetadata {
  const format = properties[`${PREFIX}format`];
  if (format === undefined) {
    throw new BookcastError(
      'bad-input',
      `${where} is an ONNX model, but not one that bookcast wrote: it has no "${PREFIX}format" among its metadata, so what its rows and classes mean is not known; make one with "bookcast train"`,
      { path: where },
    );
  }
  if (format !== FORMAT) {
    throw new BookcastError(
      'unsupported-version',
      `${where} is of version ${format} of the model format, and this bookcast reads ${FORMAT}: train the model again, or use the bookcast that wrote it`,
      { path: where, found: format, expected: FORMAT },
    );
  }
  const texts = Object.fromEntries(
    Object.entries(KEYS).map(([field, key]) => [field, properties[PREFIX + key]]),
  ) as Record<keyof ModelMetadata, string | undefined>;
  const found: Record<string, unknown> = {
    ...texts,
    classes: texts.classes?.split(','),
    length: numberOf(texts.length),
    streams: texts.streams === 'true' ? true : texts.streams === 'false' ? false : texts.streams,
    signals: texts.signals?.split(','),
    prior: texts.prior?.split(',').map(numberOf),
    fit: texts.fit === undefined || texts.fit === '' ? null : texts.fit,
    clock: texts.clock ?? 'burst',
    learnt: texts.learnt === undefined || texts.learnt === '' ? null : jsonOf(texts.learnt),
  };
  for (const [field, key] of Object.entries(KEYS)) {
    const schema: TSchema & { description?: string } = ModelMetadataSchema.properties[field as keyof ModelMetadata];
    if (!Value.Check(schema, found[field])) wrong(where, key, properties[PREFIX + key], String(schema.description));
  }
  const metadata = found as ModelMetadata;
  const sum = metadata.prior.reduce((total, p) => total + p, 0);
  if (metadata.prior.length !== metadata.classes.length || Math.abs(sum - 1) > 1e-6) {
    const expected = `one share for each of ${metadata.classes.length} classes, together 1`;
    wrong(where, KEYS.prior, texts.prior, expected);
  }
  return metadata;
}

function textOf(value: ModelMetadata[keyof ModelMetadata]): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}

/** The text itself where it is no JSON: the schema refuses it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function numberOf(text: string | undefined): unknown {
  return text === undefined || text.trim() === '' ? text : Number(text);
}

function wrong(where: string, key: string, found: string | undefined, expected: string): never {
  const what = found === undefined ? 'is missing' : `is "${found.slice(0, 80)}"`;
  throw new BookcastError('bad-input', `${where}: its metadata ${PREFIX}${key} ${what}; expected: ${expected}`, {
    path: where,
    key: PREFIX + key,
  });
}
