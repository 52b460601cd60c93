import { join } from 'node:path';
import { BookcastError, type Clock } from '../../core/index.ts';
import type { FeatureSchema } from '../../features/index.ts';
import {
  checkSchema,
  createModels,
  formatTarget,
  learntAt,
  type Model,
  openServedModel,
  readModelFile,
  SwappableModel,
  type Target,
} from '../../models/index.ts';
import type { Device } from '../../nn/index.ts';
import type { Calibrator } from '../calibration/calibrator.ts';
import { OnlineTemperature } from '../calibration/online-temperature.ts';
import { readCalibrator } from '../calibration/read-calibrator.ts';
import { AbstentionRule } from '../conformal/abstention-rule.ts';
import { ConformalSets } from '../conformal/conformal-sets.ts';
import { readTrainingRange, type TrainingRange } from '../conformal/training-range.ts';
import type { Combiner } from '../ensemble/combiner.ts';
import type { BundleIdentity } from '../forecaster-options.ts';
import { type MonitorReference, readMonitorReference } from '../monitor/monitor-reference.ts';
import { AbsentMember } from './absent-member.ts';
import type { BundledFile, BundleFacts } from './bundle-schema.ts';
import { createCombiner, createOnline } from './create-parts.ts';
import { LateMember } from './late-member.ts';
import type { Bundle } from './read-bundle.ts';
import { swapTrained, type TrainedSlot } from './swap-bundle.ts';

export interface OpenBundleOptions {
  /** What is forecast, and of which rows: the bundle must be made for both. */
  readonly target: Target;
  readonly schema: Pick<FeatureSchema, 'columns' | 'names' | 'hash'>;
  /** `venue:NAME`: what was learnt on the way goes on where it was learnt of this instrument, and begins anew elsewhere. */
  readonly instrument: string;
  readonly clock: Clock;
  readonly device?: Device;
  /**
   * Trained members are loaded while others forecast already, and sleep until then; told is why one cannot be loaded. When they wake is the
   * machine's matter, so a run with it is not repeated bit for bit. Absent: waits for them.
   */
  readonly late?: (name: string, why: string) => void;
}

/**
 * A bundle as a forecaster uses it. On an instrument that it learnt from, each learner goes on from where the bundle was written. Elsewhere
 * only what was trained comes along: whom to trust, how sure to be and what a tick is worth are facts of a market, and the bound on
 * what a combiner loses to its best member holds from a fresh start.
 */
export interface OpenBundle {
  /** The baselines without skill, then the members in the order of the combiner's weights. */
  readonly models: readonly Model[];
  readonly combiner: Combiner;
  readonly calibrator: OnlineTemperature | Calibrator | null;
  readonly sets: ConformalSets | null;
  readonly abstention: AbstentionRule;
  /** For a monitor's reference; null where the bundle has none. */
  readonly reference: MonitorReference | null;
  /** Whether learners go on; false where they begin anew. */
  readonly resumed: boolean;
  /** Members that cannot run here, and why; they are asleep. */
  readonly absent: readonly { readonly name: string; readonly why: string }[];
  /** Milliseconds that it took. */
  readonly openedInMs: number;
  /** Which bundle this is; another version once one took its place. */
  readonly identity: BundleIdentity;
  /** Puts a new version in the place of this one while it serves (`swapTrained`); one call at a time. */
  swap(next: Bundle): Promise<void>;
  /** Ends the threads of the trained members. */
  close(): Promise<void>;
}

/**
 * Builds everything that a bundle holds, trained members side by side. Where ONNX Runtime is not installed these are asleep. Throws
 * `schema-mismatch` where the bundle is for another target or other rows, `bad-input` where a file's hash is right and what it holds is not.
 */
export async function openBundle(bundle: Bundle, options: OpenBundleOptions): Promise<OpenBundle> {
  const { facts, folder } = bundle;
  const { target, schema, clock } = options;
  checkFit(bundle, options);
  const startNs = clock.monotonicNs();
  const resumed = facts.learnt.instruments.includes(options.instrument);
  const reader = new PartReader(bundle, resumed);
  const online = openOnline(bundle, options, reader);
  const combiner = createCombiner(facts.combiner.settings, {
    members: facts.members.length,
    classes: target.classes.length,
  });
  reader.restore(facts.combiner, combiner);
  const calibrator = openCalibrator(bundle, reader);
  const sets = openSets(bundle, reader);
  const range = facts.range === null ? null : reader.json(facts.range, readTrainingRange);
  const reference = facts.monitor === null ? null : reader.json(facts.monitor, readMonitorReference);
  checkRange(range, schema.names, folder);
  // Everything that can be wrong is known before threads are started.
  const trained = await openTrained(bundle, options);
  const members = facts.members.map(({ name }) => (online.get(name) ?? trained.get(name)) as Model);
  const slots = new Map<string, TrainedSlot>();
  for (const member of members) {
    if (member instanceof SwappableModel || member instanceof LateMember) slots.set(member.name, member);
  }
  const service = new BundleService(facts, slots, options);
  return {
    models: [...createModels(target, schema).filter(({ baseline }) => baseline), ...members],
    combiner,
    calibrator,
    sets,
    abstention: abstentionOf(bundle, range),
    reference,
    resumed,
    absent: members.flatMap((member) =>
      member instanceof AbsentMember ? [{ name: member.name, why: member.why }] : [],
    ),
    openedInMs: (clock.monotonicNs() - startNs) / 1e6,
    identity: service,
    swap: (next) => service.swap(next),
    close: () => service.close(),
  };
}

/** The trained members of a bundle in service, and which version they are. */
class BundleService implements BundleIdentity {
  swaps = 0;
  #facts: BundleFacts;
  readonly #slots: ReadonlyMap<string, TrainedSlot>;
  readonly #options: OpenBundleOptions;

  constructor(facts: BundleFacts, slots: ReadonlyMap<string, TrainedSlot>, options: OpenBundleOptions) {
    this.#facts = facts;
    this.#slots = slots;
    this.#options = options;
  }

  get name(): string {
    return this.#facts.name;
  }

  get version(): string {
    return this.#facts.version;
  }

  async swap(next: Bundle): Promise<void> {
    const { target, schema, clock, device = 'cpu' } = this.#options;
    await swapTrained(this.#facts, next, this.#slots, { target, schema, clock, device });
    this.#facts = next.facts;
    this.swaps++;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()));
  }
}

function checkFit({ facts, folder }: Bundle, { target, schema }: OpenBundleOptions): void {
  const wanted = formatTarget(target);
  if (facts.target !== wanted) {
    throw new BookcastError(
      'schema-mismatch',
      `the bundle ${facts.name} forecasts ${facts.target}, and ${wanted} is asked for: give --target ${facts.target}, or choose another bundle`,
      { path: folder, found: facts.target, expected: wanted },
    );
  }
  if (facts.classes.join() !== target.classes.join()) {
    throw new BookcastError(
      'schema-mismatch',
      `the bundle ${facts.name} tells the classes ${facts.classes.join(', ')}, and ${wanted} has ${target.classes.join(', ')}: make it again`,
      { path: folder, found: facts.classes, expected: target.classes },
    );
  }
  checkSchema({ name: `bundle ${facts.name}`, schemaHash: facts.schemaHash }, schema);
}

/** Reads the files of a bundle; what is wrong with one is told with its name. */
class PartReader {
  readonly #bundle: Bundle;
  readonly #resumes: boolean;

  constructor(bundle: Bundle, resumes: boolean) {
    this.#bundle = bundle;
    this.#resumes = resumes;
  }

  bytes({ file }: BundledFile): Uint8Array {
    return this.#bundle.files.get(file) as Uint8Array;
  }

  path({ file }: BundledFile): string {
    return join(this.#bundle.folder, file);
  }

  /** Nothing where learners begin anew. */
  restore(part: BundledFile, learner: { restore?(bytes: Uint8Array): void }): void {
    if (!this.#resumes) return;
    try {
      learner.restore?.(this.bytes(part));
    } catch (error) {
      if (!(error instanceof BookcastError)) throw error;
      throw new BookcastError(error.code, `${this.path(part)}: ${error.message}`, { path: this.path(part) });
    }
  }

  json<T>(part: BundledFile, read: (json: unknown, where: string) => T): T {
    const where = this.path(part);
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(this.bytes(part)));
    } catch (cause) {
      throw new BookcastError('bad-input', `${where} is not JSON: make the bundle again`, { path: where, cause });
    }
    return read(json, where);
  }
}

function openOnline(
  { facts }: Bundle,
  { target, schema }: OpenBundleOptions,
  reader: PartReader,
): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  for (const member of facts.members) {
    if (member.kind !== 'online') continue;
    const [model] = createOnline([member.learner], target, schema);
    reader.restore(member, model);
    model.learntAt = (instrument, day, tsNs) => learntAt(facts.learnt, instrument, day, tsNs);
    models.set(member.name, model);
  }
  return models;
}

function openCalibrator({ facts }: Bundle, reader: PartReader): OnlineTemperature | Calibrator | null {
  const { calibrator, classes, span } = facts;
  if (calibrator === null) return null;
  if (calibrator.kind === 'fixed') {
    const fixed = reader.json(calibrator, readCalibrator);
    if (fixed.classes === classes.length) return fixed;
    throw new BookcastError(
      'bad-input',
      `${reader.path(calibrator)} calibrates ${fixed.classes} classes, and the bundle has ${classes.length}: make the bundle again`,
      { path: reader.path(calibrator) },
    );
  }
  const online = bundledTemperature(classes.length, span);
  reader.restore(calibrator, online);
  return online;
}

function openSets({ facts }: Bundle, reader: PartReader): ConformalSets | null {
  if (facts.sets === null) return null;
  const { coverage, score } = facts.sets;
  const sets = bundledSets({ classes: facts.classes.length, coverage, score, span: facts.span });
  reader.restore(facts.sets, sets);
  return sets;
}

/** Before any label: labels that overlap over `span` decisions count as one. */
export function bundledTemperature(classes: number, span: number): OnlineTemperature {
  return new OnlineTemperature({ classes, weight: 1 / span });
}

/** Before any label. */
export function bundledSets(options: {
  readonly classes: number;
  readonly coverage: number;
  readonly score: 'lac' | 'aps';
  readonly span: number;
}): ConformalSets {
  const { span, ...rest } = options;
  return new ConformalSets({ ...rest, overlap: span });
}

function abstentionOf({ facts }: Bundle, range: TrainingRange | null): AbstentionRule {
  const { onAmbiguity, onFar, staleAfterMs } = facts.abstention;
  return new AbstentionRule({
    classes: facts.classes.length,
    onAmbiguity,
    staleAfterNs: staleAfterMs === null ? null : staleAfterMs * 1e6,
    range: onFar ? range : null,
  });
}

function checkRange(range: TrainingRange | null, names: readonly string[], folder: string): void {
  if (range === null || range.signals.map(({ name }) => name).join() === names.join()) return;
  throw new BookcastError(
    'bad-input',
    `the range of training rows of ${folder} is of other signals than the bundle's rows: make the bundle again`,
    { path: folder },
  );
}

/** All at once: each loads in a thread of its own. */
async function openTrained(
  { facts, folder }: Bundle,
  { target, schema, clock, device = 'cpu', late }: OpenBundleOptions,
): Promise<ReadonlyMap<string, Model>> {
  const trained = facts.members.filter(({ kind }) => kind === 'onnx');
  const opening = trained.map(async ({ name, file, sha256 }) =>
    openServedModel(await readModelFile(join(folder, file), sha256), { target, schema, clock, device, name }),
  );
  if (late !== undefined) {
    const member = (name: string, i: number): LateMember =>
      new LateMember(name, schema.hash, opening[i], (why) => late(name, why));
    return new Map(trained.map(({ name }, i) => [name, member(name, i)]));
  }
  const opened = await Promise.allSettled(opening);
  const models = new Map<string, Model>();
  let failed: unknown = null;
  opened.forEach((result, i) => {
    const { name } = trained[i];
    if (result.status === 'fulfilled') models.set(name, new SwappableModel(result.value));
    else if (result.reason instanceof BookcastError && result.reason.code === 'missing-package') {
      models.set(name, new AbsentMember(name, schema.hash, result.reason));
    } else failed ??= result.reason;
  });
  if (failed === null) return models;
  for (const result of opened) if (result.status === 'fulfilled') await result.value.close();
  throw failed;
}
