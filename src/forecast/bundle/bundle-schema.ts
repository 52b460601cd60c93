import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { LearntDataSchema } from '../../models/index.ts';

/** Version of these keys. A bundle of another one is refused. */
export const BUNDLE_FORMAT = 1;

/** All files of a bundle together, bytes. */
export const MOST_BUNDLE_BYTES = 2_000_000;

const closed = { additionalProperties: false };
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 in hex' });
const FileSchema = Type.Object(
  {
    // A plain name, so that a bundle never reads or writes outside its folder.
    file: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]*\\.(onnx|state|json)$',
      description: 'the name of a file of the bundle, such as gbdt.onnx',
    }),
    sha256: Hash,
  },
  closed,
);
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', description: 'a kebab-case name' });

/** Members that learn on the way; `createOnline` makes them. */
export const LEARNERS = ['imbalance', 'bayes', 'bayes-slow', 'bayes-regime', 'bayes-dma'] as const;
export type Learner = (typeof LEARNERS)[number];

const MemberSchema = Type.Union(
  [
    Type.Object({ kind: Type.Literal('onnx'), name: Name, ...FileSchema.properties }, closed),
    Type.Object(
      {
        kind: Type.Literal('online'),
        name: Name,
        learner: Type.Unsafe<Learner>({ enum: LEARNERS }),
        ...FileSchema.properties,
      },
      closed,
    ),
  ],
  { description: 'a member: onnx (name, file, sha256), or online (learner beside them)' },
);

const Rate = Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1 }), Type.Null()]);
const Share = Type.Number({ minimum: 0, exclusiveMaximum: 1 });
const CombinerSchema = Type.Union(
  [
    Type.Object({ kind: Type.Literal('exponential-weights'), rate: Rate }, closed),
    Type.Object({ kind: Type.Literal('fixed-share'), rate: Rate, share: Share }, closed),
    Type.Object({ kind: Type.Literal('stacked'), rate: Rate, share: Share }, closed),
    Type.Object({ kind: Type.Literal('boa') }, closed),
    Type.Object({ kind: Type.Literal('squint') }, closed),
    Type.Object({ kind: Type.Literal('uniform') }, closed),
  ],
  { description: 'a combiner: exponential-weights, fixed-share, stacked, boa, squint or uniform, with its settings' },
);

const BundleSchema = Type.Object(
  {
    format: Type.Literal(BUNDLE_FORMAT),
    name: Name,
    version: Hash,
    createdBy: Type.String({ minLength: 1, description: 'the program that wrote it, such as bookcast 0.0.5' }),
    target: Type.String({ minLength: 1, description: 'what it forecasts, such as events:10' }),
    classes: Type.Array(Type.String({ minLength: 1 }), { minItems: 2, description: 'names of the classes, in order' }),
    schemaHash: Type.String({ minLength: 1, description: 'hash of the schema of the rows that it reads' }),
    signals: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'names of the columns of a row, in order',
    }),
    /** Hash of the fit that columns were computed with. */
    fit: Type.Union([Type.String({ minLength: 1 }), Type.Null()], { description: 'hash of a fit, or null' }),
    simulated: Type.Boolean({ description: 'true where some of the rows were made up by a simulator' }),
    learnt: LearntDataSchema,
    /** Mean number of decisions for which labels overlap, in the data that it learnt from. */
    span: Type.Number({ minimum: 1, description: 'decisions for which labels overlap, 1 or more' }),
    members: Type.Array(MemberSchema, { minItems: 1, description: 'the members, in the order of the weights' }),
    combiner: Type.Object({ settings: CombinerSchema, ...FileSchema.properties }, closed),
    calibrator: Type.Union(
      [
        Type.Object({ kind: Type.Literal('online'), ...FileSchema.properties }, closed),
        Type.Object({ kind: Type.Literal('fixed'), ...FileSchema.properties }, closed),
        Type.Null(),
      ],
      { description: 'what calibrates the ensemble: online (a state), fixed (a calibrator as JSON) or null' },
    ),
    sets: Type.Union(
      [
        Type.Object(
          {
            coverage: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
            score: Type.Union([Type.Literal('lac'), Type.Literal('aps')]),
            ...FileSchema.properties,
          },
          closed,
        ),
        Type.Null(),
      ],
      { description: 'conformal sets (coverage, score, file, sha256) or null' },
    ),
    abstention: Type.Object(
      {
        onAmbiguity: Type.Boolean(),
        /** Where the signals are far from `range`. */
        onFar: Type.Boolean(),
        staleAfterMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
      },
      { ...closed, description: 'when it abstains: onAmbiguity, onFar, staleAfterMs' },
    ),
    /** Where the training rows lay, and what forecasts and signals were like there. */
    range: Type.Union([FileSchema, Type.Null()], { description: 'the file of the training range, or null' }),
    monitor: Type.Union([FileSchema, Type.Null()], { description: 'the file of the monitor’s reference, or null' }),
  },
  closed,
);

/** `bundle.json`: what a folder of trained members, and of what pools and calibrates them, says of itself. */
export type BundleFacts = Readonly<Static<typeof BundleSchema>>;
export type BundledFile = Readonly<Static<typeof FileSchema>>;
export type CombinerSettings = Readonly<Static<typeof CombinerSchema>>;
export type AbstentionSettings = BundleFacts['abstention'];

export { BundleSchema };

/**
 * The version of a bundle: SHA-256 of its facts without the version itself. They hold the hash of each file, so no byte of any can change
 * and the version stay.
 */
export function bundleVersion(facts: Omit<BundleFacts, 'version'>): string {
  const { version: _, ...rest } = facts as BundleFacts;
  return createHash('sha256')
    .update(JSON.stringify(sorted(rest)))
    .digest('hex');
}

/** The files that a bundle names, in order. */
export function bundledFiles({ members, combiner, calibrator, sets, range, monitor }: BundleFacts): BundledFile[] {
  return [...members, combiner, calibrator, sets, range, monitor].filter((part) => part !== null);
}

/** With keys in order, so that the same facts give the same text whoever wrote them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
