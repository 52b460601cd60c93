import { type Static, Type } from 'typebox';
import { BookcastError } from '../../core/index.ts';

/** How trees are grown. The defaults hold back: what order books say of the next moment is faint. */
export const GbdtSchema = Type.Object(
  {
    rounds: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 500,
      description: 'rounds of boosting at most, a tree a class each, 1 to 100,000',
    }),
    learningRate: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.05,
      description: 'what each tree counts for, above 0 and up to 1',
    }),
    leaves: Type.Integer({ minimum: 2, maximum: 1024, default: 31, description: 'most leaves of a tree, 2 to 1,024' }),
    depth: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 0,
      description: 'most splits one after another, 0 to 100; 0 for no limit but the leaves',
    }),
    minSamples: Type.Integer({ minimum: 1, default: 100, description: 'fewest training rows in a leaf, 1 or more' }),
    minWeight: Type.Number({
      minimum: 0,
      default: 1e-3,
      description: 'least sum of hessians in a leaf, 0 or more (min_child_weight)',
    }),
    minGain: Type.Number({ minimum: 0, default: 0, description: 'what a split must gain at least, 0 or more' }),
    l2: Type.Number({
      minimum: 0,
      default: 1,
      description: 'λ, which draws the values of small leaves to 0, 0 or more',
    }),
    bins: Type.Integer({ minimum: 2, maximum: 255, default: 255, description: 'bins of a signal at most, 2 to 255' }),
    rowShare: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 1,
      description: 'share of the rows drawn for each round, above 0 and up to 1',
    }),
    featureShare: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 1,
      description: 'share of the signals drawn for each tree, above 0 and up to 1',
    }),
    monotone: Type.Record(Type.String(), Type.Union([Type.Literal(-1), Type.Literal(0), Type.Literal(1)]), {
      default: {},
      description:
        'by name of a signal: 1 where the log-odds of the last class (up) against the first (down) must not fall as it rises, −1 where they ' +
        'must not rise, 0 for neither',
    }),
    patience: Type.Integer({
      minimum: 1,
      default: 30,
      description: 'rounds without a lower validation log-loss after which growing stops, 1 or more',
    }),
  },
  { additionalProperties: false },
);
export type GbdtConfig = Static<typeof GbdtSchema>;

/** The constraint of every column. Throws `bad-argument` for a name that no column has. */
export function monotoneOf({ monotone }: GbdtConfig, names: readonly string[]): Int8Array {
  const signs = new Int8Array(names.length);
  for (const [name, sign] of Object.entries(monotone)) {
    const at = names.indexOf(name);
    if (at < 0) {
      const known =
        names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`;
      throw new BookcastError(
        'bad-argument',
        `monotone.${name}: the rows have no signal "${name}"; they have ${known}`,
        {
          path: `monotone.${name}`,
        },
      );
    }
    signs[at] = sign;
  }
  return signs;
}
