import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BookcastError, NS_PER_DAY } from '../core/index.ts';
import { type ForecastTape, recordForecasts, runStudy, type WalkStretch } from '../evaluate/index.ts';
import { createCombiner, readFacts } from '../forecast/index.ts';
import { parseTarget, type Target } from '../models/index.ts';
import {
  createDataset,
  labelRows,
  parseShares,
  type RowMatrix,
  resolveTarget,
  type Shares,
} from '../models/training.ts';
import { BundleDraft } from './bundle-draft.ts';
import { openEvaluationRows } from './evaluate-data.ts';
import { openRecording } from './inputs.ts';
import type { Context } from './options.ts';
import type { Recipe } from './recipe.ts';
import { openServedBundle } from './served-bundle.ts';
import { WakingModel } from './walk-waking-model.ts';

export interface StretchFit {
  readonly paths: readonly string[];
  readonly recipe: Recipe;
  readonly stretch: WalkStretch;
  /** The run's first day since 1970-01-01, that the stretch counts from. */
  readonly startDay: number;
  /** Where the bundle is written; not there yet. */
  readonly folder: string;
  /** Of rows that were computed before. */
  readonly cache: string;
  readonly seed: number;
  readonly threads: number;
  readonly log: (line: string) => void;
}

/** As much as is kept to be scored: the fold's own trading is the test. */
const TEST_SHARE = 0.05;

/**
 * Fits what the recipe names on rows of the stretch's past alone, and forecasts the recording with it up to the end of the stretch. Every label learnt from was known
 * one horizon before the first trade. The forecaster follows the market from the start of the recording, so that signals are warm, while its
 * members sleep until where their data ended, so that none of them sees a row twice; from there on those that learn on the way go on learning.
 */
export async function fitStretch(context: Context, fit: StretchFit): Promise<ForecastTape> {
  const target = await writeStretchBundle(context, fit);
  const { paths, recipe, stretch, startDay, folder, log } = fit;
  const { tick, lot, symbol } = recipe.data;
  const source = await openRecording(paths, { tick, lot, symbol });
  const { instrument } = source;
  const flags = {
    bundle: folder,
    model: [],
    device: 'cpu',
    ...(recipe.data.fit === undefined ? {} : { fit: recipe.data.fit }),
  } as const;
  const served = await openServedBundle(flags, { instrument, target, clock: context.io.clock, log });
  if (served === null) throw new BookcastError('not-found', `the bundle ${folder} is not served`);
  try {
    const { models = [], monitor: _, ...rest } = served.forecaster;
    const gate = { open: false };
    const waking = models.map((model) => (model.baseline ? model : new WakingModel(model, gate)));
    return await recordForecasts(source, target, {
      ...rest,
      models: waking,
      signal: context.io.stop,
      untilNs: stretch.trade.toNs,
      onMessage: (batch, from) => {
        if (gate.open) return;
        gate.open = batch.tsEventNs[from] + (batch.day - startDay) * NS_PER_DAY >= stretch.train.toNs;
      },
    });
  } finally {
    await served.close();
  }
}

/** Returns the target, its thresholds learnt from the training rows. */
async function writeStretchBundle(context: Context, fit: StretchFit): Promise<Target> {
  const { paths, recipe, stretch, startDay, folder, cache, seed, threads, log } = fit;
  const rows = await openEvaluationRows(context, paths, recipe, cache);
  const asked = parseTarget(recipe.targets[0]);
  const matrix = pastOf(rows.matrix, asked, stretch, startDay);
  const { reach, embargo, split } = recipe.data;
  const dataset = createDataset({
    matrix,
    target: asked,
    length: 1,
    reach,
    embargo,
    shares: mostlyPast(parseShares(split)),
  });
  const { schema, mirror, facts } = rows;
  const { instruments } = facts;
  const draft = new BundleDraft({
    recipe,
    dataset,
    schema,
    instruments,
    fit: schema.fit,
    seed,
    version: context.version,
  });
  const study = await runStudy({
    matrix,
    target: dataset.target,
    dataset,
    reach,
    seed,
    threads,
    trained: recipe.trained,
    online: (resolved) => draft.online(resolved),
    combiner: (shape) => createCombiner(recipe.combiner, shape),
    mirror,
    signal: context.io.stop,
    onEvent: (event) => {
      draft.onEvent(event);
      if (event.kind === 'fitted') log(`fitted ${event.member}: ${event.model.parameters} parameters`);
    },
  });
  draft.write(folder, 'stretch', study);
  return parseTarget(readFacts(folder).target);
}

/** The recipe's proportion of training to validation, with little kept to be scored. */
function mostlyPast({ train, validation }: Shares): Shares {
  const past = (1 - TEST_SHARE) / (train + validation);
  return { train: train * past, validation: validation * past, test: TEST_SHARE };
}

/** Rows from `train.fromNs` on whose label is known before the first trade. Throws `bad-argument` where there are none. */
function pastOf(matrix: RowMatrix, target: Target, { train }: WalkStretch, startDay: number): RowMatrix {
  const shiftNs = (matrix.startDay - startDay) * NS_PER_DAY;
  const { timeNs } = matrix;
  const firstFrom = (ns: number): number => {
    const at = timeNs.findIndex((time) => time + shiftNs >= ns);
    return at === -1 ? matrix.rows : at;
  };
  const [from, bound] = [firstFrom(train.fromNs), firstFrom(train.toNs)];
  // Of a matrix that was cut no label comes from behind the cut: the last rows have none, and their stretch is the embargo.
  const past = cutMatrix(matrix, from, bound);
  let to = bound;
  if (past.rows > 0) {
    const { knownAt } = labelRows(past, resolveTarget(past, target, [{ from: 0, to: past.rows }]));
    while (to > from && knownAt[to - 1 - from] === -1) to--;
  }
  if (to > from) return cutMatrix(matrix, from, to);
  throw new BookcastError(
    'bad-argument',
    `there is no row with a label among the ${bound - from} that this fold could learn from: give more data, or a larger first share`,
    { rows: bound - from },
  );
}

/** Rows [from, to) as a matrix of its own, which knows nothing of the others. */
function cutMatrix(matrix: RowMatrix, from: number, to: number): RowMatrix {
  const { width, market } = matrix;
  const data = matrix.data.subarray(from * width, to * width);
  const cut = {
    data,
    timeNs: matrix.timeNs.subarray(from, to),
    midTicks: matrix.midTicks.subarray(from, to),
    segment: matrix.segment.subarray(from, to),
  };
  const columns =
    market === undefined
      ? undefined
      : Object.fromEntries(Object.entries(market).map(([name, values]) => [name, values.subarray(from, to)]));
  const hash = createHash('sha256').update(matrix.schemaHash);
  for (const values of [...Object.values(cut), ...Object.values(columns ?? {})]) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return {
    ...matrix,
    ...cut,
    ...(columns === undefined ? {} : { market: columns }),
    rows: to - from,
    hash: hash.digest('hex'),
  };
}

/** Where the bundle of a stretch lies. */
export function bundleFolder(folder: string, stretch: number): string {
  return join(folder, `bundle-${stretch}`);
}
