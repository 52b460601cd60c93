import { unwatchFile, watchFile } from 'node:fs';
import { BookcastError, type Clock } from '../core/index.ts';
import { FeatureEngine, type FeatureFit, type FeatureSchema, selectSignals } from '../features/index.ts';
import { createOnline, type ForecasterOptions } from '../forecast/index.ts';
import { type Instrument, instrumentKey } from '../market/index.ts';
import {
  createModels,
  type LearntData,
  type Model,
  type ModelFile,
  openServedModel,
  readModelFile,
  type ServeOptions,
  SwappableModel,
  type Target,
} from '../models/index.ts';
import { readFit } from './fit-file.ts';
import type { ModelFlags, ModelSpec } from './model-options.ts';
import { openServedBundle, type ServedBundle } from './served-bundle.ts';

export interface ServedModelsOptions {
  readonly instrument: Instrument;
  readonly target: Target;
  readonly clock: Clock;
  /** Takes lines for a person. */
  readonly log: (line: string) => void;
  /** Where no bundle is named and none was promoted, the one that comes with the package serves. Default false. */
  readonly shipped?: boolean;
  /** Trained members of a bundle are loaded while the others forecast already (`OpenBundleOptions.late`). Default false. */
  readonly late?: boolean;
}

/** How often a watched file is looked at. */
const WATCH_MS = 1000;

/** The trained models of a run: opened together, replaced one by one, closed together. */
export class ServedModels {
  /** What the forecaster is made with. */
  readonly forecaster: ForecasterOptions;
  readonly #slots: readonly SwappableModel[];
  readonly #specs: readonly ModelSpec[];
  readonly #serving: Omit<ServeOptions, 'name'> | null;
  readonly #log: (line: string) => void;
  readonly #bundle: ServedBundle | null;
  #reloading: Promise<void> = Promise.resolve();
  #watching = false;

  private constructor(
    forecaster: ForecasterOptions,
    slots: readonly SwappableModel[],
    specs: readonly ModelSpec[],
    serving: Omit<ServeOptions, 'name'> | null,
    log: (line: string) => void,
    bundle: ServedBundle | null = null,
  ) {
    this.#bundle = bundle;
    this.forecaster = forecaster;
    this.#slots = slots;
    this.#specs = specs;
    this.#serving = serving;
    this.#log = log;
  }

  /**
   * Reads, checks, loads and warms the models that the flags name. Without ONNX Runtime the online models serve alone, and a line says so.
   * Throws what is wrong with a file, before anything is served.
   */
  static async open(flags: ModelFlags, options: ServedModelsOptions): Promise<ServedModels> {
    const { log, target, instrument, clock } = options;
    const { model: specs, device, fit: fitPath } = flags;
    const bundle = await openServedBundle(flags, options);
    if (bundle !== null) return new ServedModels(bundle.forecaster, [], [], null, log, bundle);
    if (specs.length === 0) return new ServedModels(liveAlone(flags, options), [], [], null, log);
    const files = await Promise.all(specs.map(({ path, pinned }) => readModelFile(path, pinned)));
    const fit = fitPath === undefined ? null : readFit(fitPath, instrument);
    const features = featuresOf(files, instrument, fit);
    const { schema } = new FeatureEngine(instrument, features);
    const serving = { target, schema, clock, device };
    const slots: SwappableModel[] = [];
    try {
      for (const file of files) {
        const served = await openServedModel(file, { ...serving, name: nameOf(file, slots) });
        slots.push(new SwappableModel(served));
        const { name, version, device, missed, openedInMs } = served;
        const where = missed === null ? device : `${device} (${missed})`;
        log(`model      ${name} ${file.path}, version ${version}, on ${where}; warm in ${openedInMs.toFixed(0)} ms`);
        const elsewhere = learntElsewhere(file.metadata.learnt, instrument);
        if (elsewhere !== null) log(`model      ${name} ${elsewhere}`);
      }
    } catch (error) {
      await Promise.all(slots.map((slot) => slot.close()));
      if (!(error instanceof BookcastError) || error.code !== 'missing-package') throw error;
      log(`model      the online models serve alone: ${error.message}`);
      return new ServedModels(liveAlone(flags, options), [], [], null, log);
    }
    const models = [...liveModels(flags.online, target, schema), ...slots];
    return new ServedModels({ ...features, models }, slots, specs, serving, log);
  }

  /** Models, or bundles of them, that may be replaced while they serve. */
  get count(): number {
    return this.#slots.length + (this.#bundle === null ? 0 : 1);
  }

  /**
   * Reads the files again and puts new versions in place between two forecasts; one that cannot be served is told, and the old one stays.
   * Several calls run one after the other.
   */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      for (let i = 0; i < this.#slots.length; i++) await this.#renew(this.#slots[i], this.#specs[i]);
      await this.#bundle?.reload();
    });
    return this.#reloading;
  }

  /** Reloads when a file has changed, which is looked at once a second. */
  watch(): void {
    this.#watching = true;
    for (const path of this.#watched) {
      watchFile(path, { interval: WATCH_MS, persistent: false }, (now, before) => {
        // The file that promotes a bundle goes where the one of the package is promoted again.
        if (now.mtimeMs !== before.mtimeMs && (now.size > 0 || this.#bundle !== null)) void this.reload();
      });
    }
  }

  async close(): Promise<void> {
    if (this.#watching) for (const path of this.#watched) unwatchFile(path);
    await this.#reloading;
    await Promise.all(this.#slots.map((slot) => slot.close()));
    await this.#bundle?.close();
  }

  get #watched(): readonly string[] {
    return this.#bundle?.watched ?? this.#specs.map(({ path }) => path);
  }

  async #renew(slot: SwappableModel, { path, pinned }: ModelSpec): Promise<void> {
    const { name, version } = slot;
    try {
      const file = await readModelFile(path, pinned);
      if (file.hash === version) {
        this.#log(`model      ${name} is still version ${version}`);
        return;
      }
      const next = await openServedModel(file, { ...(this.#serving as ServeOptions), name });
      const before = slot.swap(next);
      this.#log(`model      ${name} is version ${next.version} from forecast ${slot.since} on; it was ${version}`);
      await before.close();
    } catch (error) {
      if (!(error instanceof BookcastError)) throw error;
      this.#log(`model      ${name} stays version ${version}: ${error.message}`);
    }
  }
}

/** The baselines without skill, and the learners that the flags name, or those of every day. */
function liveModels(
  online: ModelFlags['online'],
  target: Target,
  schema: Pick<FeatureSchema, 'columns' | 'names' | 'hash'>,
): Model[] {
  const models = createModels(target, schema);
  if (online === undefined) return models;
  return [...models.filter(({ baseline }) => baseline), ...createOnline(online, target, schema)];
}

/** On the core set. */
function liveAlone({ online }: ModelFlags, { target, instrument }: ServedModelsOptions): ForecasterOptions {
  if (online === undefined) return {};
  return { models: liveModels(online, target, new FeatureEngine(instrument).schema) };
}

/** What a user should know of a model that serves another market than it learnt from; null where there is nothing. */
export function learntElsewhere(learnt: LearntData | null, instrument: Instrument): string | null {
  if (learnt === null || learnt.instruments.includes(instrumentKey(instrument))) return null;
  return `learnt from ${learnt.instruments.join(', ')} and never saw ${instrumentKey(instrument)}: expect no skill until its scores show some`;
}

/** The kind, with a number where it is taken: scores and forecasts are told apart by name. */
function nameOf({ metadata: { kind } }: ModelFile, taken: readonly SwappableModel[]): string {
  const same = taken.filter(({ name }) => name === kind || name.startsWith(`${kind}#`)).length;
  return same === 0 ? kind : `${kind}#${same + 1}`;
}

/** The signals that the models read, computed once for all of them. */
function featuresOf(files: readonly ModelFile[], instrument: Instrument, fit: FeatureFit | null): ForecasterOptions {
  const [first] = files;
  const other = files.find(({ metadata }) => metadata.schemaHash !== first.metadata.schemaHash);
  if (other !== undefined) {
    throw new BookcastError(
      'schema-mismatch',
      `${first.path} reads rows of schema ${first.metadata.schemaHash} and ${other.path} of ${other.metadata.schemaHash}: models that serve together read the same signals`,
      { expected: first.metadata.schemaHash, found: other.metadata.schemaHash },
    );
  }
  const { signals, fit: fitHash } = first.metadata;
  if (fitHash !== null && fitHash !== fit?.hash) {
    const found = fit === null ? 'none was given' : `this one is ${fit.hash}`;
    throw new BookcastError(
      'schema-mismatch',
      `${first.path} reads signals of the fit ${fitHash}, and ${found}: give that fit with --fit`,
      { expected: fitHash, found: fit?.hash ?? null },
    );
  }
  const offer = fitHash === null || fit === null ? { instrument } : { instrument, fit };
  try {
    return {
      signals: selectSignals(signals.join(','), offer).signals,
      ...(fitHash === null || fit === null ? {} : { fit }),
    };
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    throw new BookcastError(
      'schema-mismatch',
      `the rows that ${first.path} reads (schema ${first.metadata.schemaHash}) cannot be computed here: ${error.message}`,
      { path: first.path, cause: error },
    );
  }
}
