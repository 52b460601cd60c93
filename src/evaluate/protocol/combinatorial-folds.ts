import { BookcastError } from '../../core/index.ts';
import { checkParts, cutAtSegments, cutEvenly, type LabelledRows, type Split, trainingRows } from './labelled-rows.ts';

export interface CombinatorialOptions {
  /** Runs of rows, N. */
  readonly groups: number;
  /** Runs tested at once, k: at least 1 and below N. */
  readonly tested: number;
  /** Rows left out on either side of each group that is tested, besides those whose labels overlap with its labels. */
  readonly embargo: number;
}

export interface CombinatorialSplit extends Split {
  /** The groups that are tested, by number. */
  readonly groups: readonly number[];
}

/**
 * Combinatorial purged cross-validation (López de Prado 2018, section 12.4): all C(N, k) choices of k groups to test, in lexicographic
 * order, each against what the others teach. Every row is tested φ = C(N − 1, k − 1) times. Throws `bad-argument`.
 */
export function* combinatorialFolds(rows: LabelledRows, options: CombinatorialOptions): Generator<CombinatorialSplit> {
  const { groups, embargo } = options;
  checkParts(rows, groups, embargo);
  const n = rows.knownAt.length;
  const cuts = cutEvenly(n, groups);
  for (const chosen of choices(options)) {
    const tests = chosen.map((group) => cuts[group]);
    yield {
      groups: chosen,
      train: trainingRows(rows, { from: 0, to: n }, tests, embargo),
      test: tests.flatMap((range) => cutAtSegments(rows, range)),
    };
  }
}

/**
 * The φ paths through the rows: `paths[p][g]` is the number of the split (as `combinatorialFolds` counts) from which path p takes its
 * forecasts of group g. No split gives two paths the same group, so that all forecasts of all splits are used once.
 */
export function combinatorialPaths(options: CombinatorialOptions): number[][] {
  const bySplit = choices(options);
  const splitsOf = Array.from({ length: options.groups }, () => [] as number[]);
  bySplit.forEach((chosen, split) => {
    for (const group of chosen) splitsOf[group].push(split);
  });
  return splitsOf[0].map((_, path) => splitsOf.map((splits) => splits[path]));
}

function choices({ groups, tested }: CombinatorialOptions): number[][] {
  if (!Number.isInteger(tested) || tested < 1 || tested >= groups) {
    throw new BookcastError(
      'bad-argument',
      `${tested} of ${groups} groups cannot be tested at once; give a whole number from 1 to ${groups - 1}`,
      { groups, tested },
    );
  }
  const all: number[][] = [];
  const chosen: number[] = [];
  const choose = (next: number): void => {
    if (chosen.length === tested) {
      all.push([...chosen]);
      return;
    }
    for (let group = next; group <= groups - tested + chosen.length; group++) {
      chosen.push(group);
      choose(group + 1);
      chosen.pop();
    }
  };
  choose(0);
  return all;
}
