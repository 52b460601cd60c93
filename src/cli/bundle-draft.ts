import { assert } from '../core/index.ts';
import { type Study, type StudyEvent, walkLateStages } from '../evaluate/index.ts';
import type { FeatureSchema } from '../features/index.ts';
import { type BundledMember, fitMonitorReference, fitTrainingRange, writeBundle } from '../forecast/fitting.ts';
import { type BundleFacts, bundledSets, bundledTemperature, createOnline } from '../forecast/index.ts';
import {
  encodeModelMetadata,
  formatTarget,
  type LearntData,
  type Model,
  spansByDay,
  type Target,
} from '../models/index.ts';
import { type FittedModel, labelRows, type PreparedDataset } from '../models/training.ts';
import type { Recipe, RecipeMember } from './recipe.ts';

export interface BundleDraftOptions {
  readonly recipe: Recipe;
  readonly dataset: PreparedDataset;
  readonly schema: Pick<FeatureSchema, 'columns' | 'names' | 'hash'>;
  /** `venue:NAME` of the rows. */
  readonly instruments: readonly string[];
  /** Hash of the fit that the columns were computed with, or null. */
  readonly fit: string | null;
  readonly seed: number;
  /** Of the program. */
  readonly version: string;
}

/**
 * A bundle in the making, beside a study of `dataset`: give `online` and `onEvent` to `runStudy`, and what it returns to `write`. So what is
 * shipped is what was studied, with all that its learners came to know by the last row.
 */
export class BundleDraft {
  readonly #options: BundleDraftOptions;
  readonly #learnt: LearntData;
  readonly #files = new Map<string, Uint8Array>();
  #online: readonly Model[] = [];

  constructor(options: BundleDraftOptions) {
    const { dataset, instruments } = options;
    const { matrix } = dataset;
    this.#options = options;
    // Members that learn on the way have seen every row. Simulated rows come again with another seed.
    this.#learnt = {
      instruments: [...instruments],
      spans: matrix.simulated ? [] : spansByDay(matrix.startDay, matrix.timeNs),
    };
  }

  /** The recipe's online members, new. */
  online(target: Target): readonly Model[] {
    const { recipe, schema } = this.#options;
    this.#online = createOnline(recipe.online, target, schema);
    return this.#online;
  }

  /** Keeps the file of each member as it is fitted. */
  onEvent(event: StudyEvent): void {
    if (event.kind !== 'fitted') return;
    const member = this.#options.recipe.trained.find(({ name }) => name === event.member);
    assert(member !== undefined, 'a study fits the members of its recipe');
    this.#files.set(
      event.member,
      event.model.toOnnx(this.#metadata({ ...member, mirror: event.mirrored }, event.model)),
    );
  }

  /** Returns the bundle's version. Throws as `writeBundle`. */
  write(folder: string, name: string, study: Study): string {
    const { recipe, dataset, schema, fit, version } = this.#options;
    const { matrix, target } = dataset;
    const classes = target.classes.length;
    const { span } = study;
    const calibrator = recipe.calibration === 'none' ? null : bundledTemperature(classes, span);
    const sets = bundledSets({ classes, span, ...recipe.conformal });
    const labels = Int8Array.from([...dataset.validation.labels, ...dataset.test.labels]);
    const { served } = walkLateStages({
      classes,
      rows: Int32Array.from([...dataset.validation.rows, ...dataset.test.rows]),
      labels,
      knownAt: labelRows(matrix, target).knownAt,
      probabilities: study.pooled,
      calibrator,
      sets,
    });
    return writeBundle(folder, {
      name,
      createdBy: `bookcast ${version}`,
      target: formatTarget(target),
      classes: [...target.classes],
      schemaHash: schema.hash,
      signals: [...schema.names],
      fit,
      simulated: matrix.simulated,
      learnt: { instruments: [...this.#learnt.instruments], spans: [...this.#learnt.spans] },
      span,
      members: this.#members(),
      combiner: { settings: recipe.combiner, learner: study.combiner },
      calibrator,
      sets,
      abstention: ABSTENTION,
      range: fitTrainingRange(matrix, 0, matrix.rows),
      monitor: fitMonitorReference(matrix, 0, matrix.rows, { classes, probabilities: served, labels }),
    });
  }

  /** Online ones first, as a study pools them. */
  #members(): BundledMember[] {
    const { recipe } = this.#options;
    return [
      ...recipe.online.map((learner, i) => ({ kind: 'online', learner, model: this.#online[i] }) as const),
      ...recipe.trained.map(({ name }) => {
        const bytes = this.#files.get(name);
        assert(bytes !== undefined, 'every trained member was fitted in the study');
        return { kind: 'onnx', name, bytes } as const;
      }),
    ];
  }

  /** What a member's file says of itself; nothing in it depends on when or where it was fitted. */
  #metadata({ kind, config, mirror }: RecipeMember, model: FittedModel): Record<string, string> {
    const { dataset, schema, fit, seed, version, recipe } = this.#options;
    const { matrix, target, prior, scaler } = dataset;
    const own = encodeModelMetadata({
      kind: model.kind,
      target: formatTarget(target),
      classes: [...target.classes],
      length: model.length,
      streams: false,
      schemaHash: schema.hash,
      signals: [...schema.names],
      prior: [...prior],
      fit,
      clock: recipe.data.clock,
      learnt: matrix.simulated ? null : this.#learnt,
    });
    return {
      ...own,
      'bookcast.version': version,
      'bookcast.data_hash': matrix.hash,
      'bookcast.simulated': String(matrix.simulated),
      'bookcast.seed': String(seed),
      'bookcast.config': JSON.stringify({ model: kind.name, mirror, ...config }),
      'bookcast.scaler': JSON.stringify({
        mean: [...scaler.mean],
        deviation: [...scaler.deviation],
        clip: scaler.clip,
      }),
    };
  }
}

/** A set of several classes and unusual signals are told with a forecast and silence nobody; a live book gone stale does. */
const ABSTENTION: BundleFacts['abstention'] = { onAmbiguity: false, onFar: false, staleAfterMs: 10_000 };
