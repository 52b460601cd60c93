import { runStudy, type Study, walkColumns } from '../evaluate/index.ts';
import { rowMirror } from '../features/index.ts';
import { createCombiner } from '../forecast/index.ts';
import { parseTarget } from '../models/index.ts';
import { createDataset, describeDataset, parseShares } from '../models/training.ts';
import { BundleDraft } from './bundle-draft.ts';
import { bundleParts, openBundleRows } from './bundle-rows.ts';
import type { Context } from './options.ts';
import type { Recipe } from './recipe.ts';

export interface FitBundleOptions {
  /** Each may be several files that follow on each other; in order of time. */
  readonly recordings: readonly (readonly string[])[];
  readonly recipe: Recipe;
  readonly name: string;
  /** To be written; not there yet. */
  readonly folder: string;
  readonly seed: number;
  readonly threads: number;
  /** Takes lines for a person. */
  readonly log: (line: string) => void;
}

export interface FittedBundle {
  readonly version: string;
  readonly study: Study;
}

/**
 * Fits all that a recipe asks for on several recordings and writes it as a bundle: trained members learn from the first share of each
 * recording, online members from all rows; the combiner, the temperature and the conformal sets learn from the rows behind. The same
 * recordings, recipe and seed give the same bytes on the same machine. The recipe's first target alone counts.
 */
export async function fitBundle(context: Context, options: FitBundleOptions): Promise<FittedBundle> {
  const { recipe, recordings, seed, threads, log } = options;
  const target = parseTarget(recipe.targets[0]);
  const { data } = recipe;
  const rows = await openBundleRows(context, recordings, { set: data.signals, market: walkColumns(target) });
  const { matrix, schema, instruments, notes } = rows;
  for (const note of notes) log(`note: ${note}`);
  const parts = bundleParts(rows, parseShares(data.split));
  const { reach, embargo } = data;
  const dataset = createDataset({ matrix, target, parts, length: 1, reach, embargo });
  log(describeDataset(dataset).trimEnd());
  const { version: program } = context;
  const draft = new BundleDraft({ recipe, dataset, schema, instruments, fit: null, seed, version: program });
  const study = await runStudy({
    matrix,
    target,
    dataset,
    reach,
    seed,
    threads,
    trained: recipe.trained,
    online: (resolved) => draft.online(resolved),
    combiner: (shape) => createCombiner(recipe.combiner, shape),
    mirror: rowMirror(schema.columns),
    signal: context.io.stop,
    onEvent: (event) => {
      draft.onEvent(event);
      if (event.kind === 'fitted') log(`fitted     ${event.member}: ${event.model.parameters} parameters`);
    },
  });
  return { version: draft.write(options.folder, options.name, study), study };
}
