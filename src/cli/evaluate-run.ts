import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BookcastError } from '../core/index.ts';
import { forwardParts, runStudy, walkLateStages } from '../evaluate/index.ts';
import { ConformalSets, createCombiner, createOnline, OnlineTemperature } from '../forecast/index.ts';
import { formatTarget, parseTarget } from '../models/index.ts';
import { createDataset, type FitEvent, labelRows, type PreparedDataset, parseShares } from '../models/training.ts';
import {
  type CardCurve,
  type CardSection,
  type CardWeights,
  limitsOf,
  type ModelCard,
  renderCard,
  verdictOf,
} from '../report/index.ts';
import { countLooks, EVALUATION, NewFile, RunWriter } from '../store/index.ts';
import { BundleDraft } from './bundle-draft.ts';
import { type EvaluationRows, openEvaluationRows, timeMs } from './evaluate-data.ts';
import { Explanations } from './evaluate-explanations.ts';
import { EvaluateProgress } from './evaluate-progress.ts';
import { type FoldResult, protocolOf, registryFigures, sectionFigures } from './evaluate-section.ts';
import type { Context } from './options.ts';
import { type Recipe, type RecipeMember, readRecipe, recipeConfig } from './recipe.ts';
import { fileFacts, surroundings } from './train-facts.ts';
import { WatchedCombiner } from './watched-combiner.ts';

export interface EvaluateFlags {
  readonly data: string[];
  readonly recipe?: string;
  readonly target?: string[];
  readonly set?: string[];
  readonly out?: string;
  readonly json?: string;
  readonly runs: string;
  readonly seed: number;
  readonly threads: number;
  readonly walkForward?: number;
  /** A folder to write what was fitted into, as a bundle. */
  readonly ship?: string;
  readonly fit?: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly symbol?: string;
}

export interface Evaluated {
  readonly card: ModelCard;
  /** Every run has its own card; these are the ones of all targets, where they were asked for. */
  readonly files: readonly string[];
  /** Folders of the runs, one a target. */
  readonly runs: readonly string[];
}

/** Enough for a drawing, and a tenth of the file. */
const WEIGHT_DIGITS = 1e4;
/** Flags that are keys of the recipe's data. */
const KEYS = ['fit', 'tick', 'lot', 'symbol'] as const;

/** `bookcast evaluate` from its flags to the end. Each target is a run of the registry, with a card of its own in its folder. */
export async function evaluate(context: Context, flags: EvaluateFlags): Promise<Evaluated> {
  const named = KEYS.flatMap((key) => (flags[key] === undefined ? [] : [`data.${key}=${JSON.stringify(flags[key])}`]));
  const recipe = readRecipe({
    recipe: flags.recipe,
    overrides: [...(flags.set ?? []), ...named],
    targets: flags.target,
  });
  if (flags.ship !== undefined) refuseShip(flags.ship, flags, recipe);
  // Refuses files that are there before an hour's work, not behind it.
  const outs: NewFile[] = [];
  try {
    for (const path of [flags.out, flags.json]) if (path !== undefined) outs.push(NewFile.create(path));
    const rows = await openEvaluationRows(context, flags.data, recipe, join(dirname(flags.runs), 'rows'));
    for (const note of rows.facts.notes) context.io.err(`note: ${note}\n`);
    const evaluated: { section: CardSection; folder: string }[] = [];
    for (const target of recipe.targets) evaluated.push(await evaluateTarget(context, flags, recipe, rows, target));
    const card = cardOf(
      context,
      flags,
      recipe,
      rows,
      evaluated.map(({ section }) => section),
    );
    for (const out of outs) {
      writeFileSync(out.aside('card'), out.path === flags.out ? renderCard(card) : cardJson(card));
      out.publish('card');
    }
    return { card, files: outs.map(({ path }) => path), runs: evaluated.map(({ folder }) => folder) };
  } finally {
    for (const out of outs) out.discard();
  }
}

function cardOf(
  { version }: Context,
  { seed }: EvaluateFlags,
  { name }: Recipe,
  { facts }: EvaluationRows,
  sections: readonly CardSection[],
): ModelCard {
  return { format: 1, bookcast: version, recipe: name, seed, data: facts, sections };
}

function cardJson(card: ModelCard): string {
  return `${JSON.stringify(card, null, 1)}\n`;
}

async function evaluateTarget(
  context: Context,
  flags: EvaluateFlags,
  recipe: Recipe,
  rows: EvaluationRows,
  asked: string,
): Promise<{ section: CardSection; folder: string }> {
  const { io } = context;
  const startNs = io.clock.monotonicNs();
  const datasets = datasetsOf(rows, recipe, asked, flags.walkForward);
  const writer = RunWriter.start(
    flags.runs,
    {
      model: EVALUATION,
      config: {
        ...recipeConfig(recipe, asked),
        ...(flags.walkForward === undefined ? {} : { walkForward: flags.walkForward }),
      },
      target: formatTarget(datasets[0].target),
      seed: flags.seed,
      data: {
        hash: rows.matrix.hash,
        schemaHash: rows.matrix.schemaHash,
        files: flags.data.map(fileFacts),
        rows: rows.matrix.rows,
        simulated: rows.matrix.simulated,
      },
      ...surroundings(context.version),
      device: 'cpu',
      threads: flags.threads,
      trialOf: null,
    },
    io.clock,
  );
  io.err(`${asked}: run ${writer.id} in ${writer.folder}\n`);
  try {
    const results: FoldResult[] = [];
    for (const [fold, dataset] of datasets.entries()) {
      const of = datasets.length === 1 ? asked : `${asked}, fold ${fold + 1} of ${datasets.length}`;
      results.push(await evaluateFold(context, { flags, recipe, rows, dataset, fold, of, writer }));
    }
    const section = sectionOf(flags, recipe, rows, asked, datasets, results);
    const card = cardOf(context, flags, recipe, rows, [section]);
    writeFileSync(join(writer.folder, 'card.html'), renderCard(card));
    writeFileSync(join(writer.folder, 'card.json'), cardJson(card));
    const baselines = section.scores.forecasts.filter(({ baseline }) => baseline);
    const ensemble = section.scores.forecasts.find(({ name }) => name === 'ensemble');
    writer.finish({
      status: 'finished',
      message: null,
      metrics: ensemble === undefined ? {} : registryFigures(ensemble),
      baselines: Object.fromEntries(baselines.map((score) => [score.name, registryFigures(score)])),
      seconds: { total: (io.clock.monotonicNs() - startNs) / 1e9 },
      parameters: null,
      multiplyAdds: null,
    });
    return { section, folder: writer.folder };
  } catch (error) {
    const stopped = io.stop.aborted && error instanceof BookcastError && error.code === 'not-ready';
    const message = error instanceof Error ? error.message : String(error);
    const nothing = { metrics: {}, baselines: {}, seconds: {}, parameters: null, multiplyAdds: null };
    writer.finish({ status: stopped ? 'stopped' : 'failed', message, ...nothing });
    throw error;
  }
}

/** One cut, or one for each fold with thresholds, scaler and prior of its own training rows. Throws what `createDataset` does. */
function datasetsOf({ matrix }: EvaluationRows, recipe: Recipe, asked: string, folds?: number): PreparedDataset[] {
  const { split, reach, embargo } = recipe.data;
  const shares = parseShares(split);
  const common = { matrix, length: 1, reach, embargo };
  const target = parseTarget(asked);
  const whole = createDataset({ ...common, target, shares });
  if (folds === undefined) return [whole];
  // When a label is known does not depend on thresholds.
  const cuts = forwardParts(matrix, whole.target, shares, folds);
  return cuts.map((parts) => createDataset({ ...common, target, parts }));
}

interface FoldJob {
  readonly flags: EvaluateFlags;
  readonly recipe: Recipe;
  readonly rows: EvaluationRows;
  readonly dataset: PreparedDataset;
  readonly fold: number;
  readonly of: string;
  readonly writer: RunWriter;
}

async function evaluateFold({ io, version }: Context, job: FoldJob): Promise<FoldResult> {
  const { flags, recipe, dataset, fold, of, writer } = job;
  const { matrix, schema, mirror, facts } = job.rows;
  const { target, validation, test } = dataset;
  const curves = new Curves(recipe.trained, fold, writer);
  const progress = new EvaluateProgress(
    io,
    of,
    recipe.trained.map(({ name }) => name),
  );
  const { instruments } = facts;
  const { fit } = schema;
  const draft =
    flags.ship === undefined
      ? null
      : new BundleDraft({ recipe, dataset, schema, instruments, fit, seed: flags.seed, version });
  const span = meanSpan(dataset);
  const explanations = new Explanations({ io, of, schema, dataset, span, seed: flags.seed });
  let watched: WatchedCombiner | null = null;
  const study = await runStudy({
    matrix,
    target,
    dataset,
    trained: recipe.trained,
    online: (resolved) => explanations.watch(draft?.online(resolved) ?? createOnline(recipe.online, resolved, schema)),
    combiner: (shape) => {
      watched = new WatchedCombiner(createCombiner(recipe.combiner, shape));
      return watched;
    },
    mirror,
    reach: recipe.data.reach,
    seed: flags.seed,
    threads: flags.threads,
    signal: io.stop,
    examine: explanations.examine,
    onEvent: (event) => {
      progress.update(event);
      draft?.onEvent(event);
      if (event.kind === 'fit') curves.update(event.member, event.event);
    },
  }).finally(() => progress.stop());
  // The walk does not yield: a wish to stop that came meanwhile is heard now.
  await setImmediate();
  if (io.stop.aborted) throw new BookcastError('not-ready', 'stopped before the scores were made');
  if (draft !== null && flags.ship !== undefined) {
    const shipped = draft.write(flags.ship, basename(flags.ship), study);
    io.err(`bundle     ${flags.ship}, version ${shipped.slice(0, 16)}\n`);
  }
  const classes = target.classes.length;
  const late = walkLateStages({
    classes,
    rows: [...validation.rows, ...test.rows],
    labels: [...validation.labels, ...test.labels],
    knownAt: labelRows(matrix, target).knownAt,
    probabilities: study.pooled,
    calibrator: recipe.calibration === 'none' ? null : new OnlineTemperature({ classes, weight: 1 / span }),
    sets: new ConformalSets({ classes, ...recipe.conformal, overlap: span, seed: flags.seed }),
  });
  const names = [...recipe.online, ...recipe.trained.map(({ name }) => name), 'equal pool'];
  return {
    study,
    late,
    weights: weightsOf(watched, names, dataset),
    curves: curves.all(),
    explanations: explanations.all(),
  };
}

/** Before an hour's work. */
function refuseShip(folder: string, { walkForward }: EvaluateFlags, { targets }: Recipe): void {
  if (walkForward !== undefined || targets.length > 1) {
    throw new BookcastError(
      'bad-argument',
      `--ship writes the members of one fit, and ${walkForward === undefined ? `${targets.length} targets` : `${walkForward} folds`} have as many: give one target and no --walk-forward`,
    );
  }
  if (existsSync(folder)) {
    throw new BookcastError('already-exists', `${folder} exists already; name a folder that does not, for --ship`, {
      path: folder,
    });
  }
}

/** Rows from a decision to its label, on average over the training part. */
function meanSpan({ matrix, target, train }: PreparedDataset): number {
  const { knownAt } = labelRows(matrix, target);
  return Math.max(1, train.rows.reduce((sum, row) => sum + knownAt[row] - row, 0) / train.count);
}

function weightsOf(watched: WatchedCombiner | null, names: readonly string[], dataset: PreparedDataset): CardWeights {
  const { matrix, validation, test } = dataset;
  if (watched === null) return { names, timesMs: [], values: names.map(() => []) };
  const { indices, weights } = watched.history.series();
  // The walk goes on behind the fold.
  const most = test.rows[test.count - 1] - validation.rows[0];
  const kept = [...indices].filter((index) => index <= most);
  return {
    names,
    timesMs: kept.map((index) => timeMs(matrix, validation.rows[0] + index)),
    values: weights.map((series) =>
      Array.from(series.subarray(0, kept.length), (weight) => Math.round(weight * WEIGHT_DIGITS) / WEIGHT_DIGITS),
    ),
  };
}

function sectionOf(
  flags: EvaluateFlags,
  recipe: Recipe,
  { matrix, facts: data }: EvaluationRows,
  asked: string,
  datasets: readonly PreparedDataset[],
  results: readonly FoldResult[],
): CardSection {
  const { target } = datasets[0];
  const resolved = formatTarget(target);
  const files = flags.data.map((path) => fileFacts(path).sha256);
  const looks = countLooks(flags.runs, files, resolved);
  const facts = {
    target,
    asked,
    seed: flags.seed,
    calibrated: recipe.calibration !== 'none',
    coverage: recipe.conformal.coverage,
    trials: { ...looks, members: recipe.trained.length + recipe.online.length },
  };
  const figures = sectionFigures(matrix, results, facts);
  const named = {
    target: asked,
    resolved,
    classes: target.classes,
    simulated: matrix.simulated,
    trials: facts.trials,
    ...figures,
  };
  return {
    ...named,
    verdict: verdictOf(named),
    limits: limitsOf(data, named),
    protocol: protocolOf(recipe, facts, datasets, results, meanSpan(datasets[0])),
    config: recipeConfig(recipe, asked),
  };
}

/** What members said of their epochs: for the card, and for the registry as it comes. */
class Curves {
  readonly #fold: number;
  readonly #writer: RunWriter;
  readonly #seen: Map<string, { epochs: number[]; lines: Readonly<Record<string, number>>[] }>;

  constructor(trained: readonly RecipeMember[], fold: number, writer: RunWriter) {
    this.#fold = fold;
    this.#writer = writer;
    this.#seen = new Map(trained.map(({ name }) => [name, { epochs: [], lines: [] }]));
  }

  update(member: string, event: FitEvent): void {
    if (event.kind !== 'epoch') return;
    const seen = this.#seen.get(member);
    seen?.epochs.push(event.epoch + 1);
    seen?.lines.push(event.metrics);
    const named = Object.entries(event.metrics).map(([name, value]) => [`${member}-${name}`, value]);
    this.#writer.metrics(event.epoch + 1, event.epoch + 1, Object.fromEntries(named));
  }

  all(): CardCurve[] {
    return [...this.#seen].map(([member, { epochs, lines }]) => {
      const names = [...new Set(lines.flatMap((line) => Object.keys(line)))];
      const metrics = names.map((name) => [name, lines.map((line) => line[name] ?? null)]);
      return { member, fold: this.#fold, epochs, metrics: Object.fromEntries(metrics) };
    });
  }
}
