import { join } from 'node:path';
import { BookcastError } from '../core/index.ts';
import { FeatureEngine, type FeatureFit, selectSignals } from '../features/index.ts';
import {
  BUNDLE_FILE,
  type Bundle,
  type ForecasterOptions,
  ForecastMonitor,
  type OpenBundle,
  openBundle,
  readBundle,
  STAGES,
} from '../forecast/index.ts';
import { instrumentKey } from '../market/index.ts';
import { BundleShelf, SHIPPED, type ShelvedBundle } from './bundle-shelf.ts';
import { readFit } from './fit-file.ts';
import type { ModelFlags } from './model-options.ts';
import { learntElsewhere, type ServedModelsOptions } from './served-models.ts';

/** A bundle in service. */
export interface ServedBundle {
  /** What the forecaster is made with. */
  readonly forecaster: ForecasterOptions;
  /** Files that change where another version is to serve. */
  readonly watched: readonly string[];
  /**
   * Looks again for the bundle that was asked for, or that is promoted now, and takes up another version of it between two forecasts; one that
   * cannot be taken up is told, and the old one stays. One call at a time.
   */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The bundle that the flags name, or without a name the promoted one, or where `shipped` says so the one of the package; null where the online
 * models serve alone. A bundle that nobody named and that cannot serve here is passed over with a line. Throws what is wrong with a
 * named one: `schema-mismatch` for another target or other rows, `bad-input` for damage.
 */
export async function openServedBundle(flags: ModelFlags, options: ServedModelsOptions): Promise<ServedBundle | null> {
  const { bundle: named, model, shelf: folder } = flags;
  if (named === 'none') return null;
  if (named !== undefined && model.length > 0) {
    throw new BookcastError(
      'bad-argument',
      '--bundle serves all of its members, and --model adds one to none: give one of them',
    );
  }
  if (named !== undefined && flags.online !== undefined) {
    throw new BookcastError(
      'bad-argument',
      '--bundle serves all of its members, and --online names those that serve without one: give one of them',
    );
  }
  const shelf = new BundleShelf(folder);
  const live = model.length > 0 || flags.online !== undefined;
  const seek = (): string | null => named ?? shelf.promoted() ?? (options.shipped === true ? SHIPPED : null);
  const asked = live ? null : seek();
  if (asked === null) return null;
  try {
    return await open(shelf.find(asked), () => shelf.find(seek() ?? asked), flags, options, shelf.promotedFile);
  } catch (error) {
    if (named !== undefined || !(error instanceof BookcastError)) throw error;
    options.log(`model      ${asked} is passed over, and what learns live serves alone: ${error.message}`);
    return null;
  }
}

/** `again` looks for what is to serve by now. */
async function open(
  shelved: ShelvedBundle,
  again: () => ShelvedBundle,
  flags: ModelFlags,
  options: ServedModelsOptions,
  promotedFile: string,
): Promise<ServedBundle> {
  const { target, instrument, clock, log } = options;
  const bundle = readBundle(shelved.folder);
  const { facts } = bundle;
  const features = featuresOf(bundle, flags, options);
  const { schema } = new FeatureEngine(instrument, features);
  const key = instrumentKey(instrument);
  const tell = (name: string, why: string): void => log(`model      ${name} asleep: ${why}`);
  const late = options.late === true ? { late: tell } : {};
  const opened = await openBundle(bundle, { target, schema, instrument: key, clock, device: flags.device, ...late });
  const { models, combiner, calibrator, sets, abstention, reference } = opened;
  const version = facts.version.slice(0, 8);
  log(
    `model      bundle ${shelved.name}, version ${version}: ${facts.members.length} members; ${options.late === true ? 'those trained load meanwhile' : `warm in ${opened.openedInMs.toFixed(0)} ms`}`,
  );
  if (opened.absent.length > 0) tell(opened.absent.map(({ name }) => name).join(', '), opened.absent[0].why);
  const elsewhere = learntElsewhere(facts.learnt, instrument);
  if (elsewhere !== null) log(`model      bundle ${shelved.name} ${elsewhere}; its online parts begin anew`);
  return {
    forecaster: {
      ...features,
      models,
      combiner,
      abstention,
      ...(calibrator === null ? {} : { calibrator }),
      ...(sets === null ? {} : { sets }),
      monitor: new ForecastMonitor({ classes: target.classes, reference, stages: STAGES }),
      bundle: opened.identity,
    },
    watched: [join(shelved.folder, BUNDLE_FILE), ...(flags.bundle === undefined ? [promotedFile] : [])],
    reload: () => renew(opened, again, log),
    close: () => opened.close(),
  };
}

async function renew(opened: OpenBundle, again: () => ShelvedBundle, log: (line: string) => void): Promise<void> {
  const { name, version } = opened.identity;
  const short = version.slice(0, 8);
  try {
    const next = again();
    if (next.facts.version === version) {
      log(`model      bundle ${name} is still version ${short}`);
      return;
    }
    await opened.swap(readBundle(next.folder));
    log(
      `model      bundle ${next.name} is version ${next.facts.version.slice(0, 8)} from the next forecast on; it was ${name} ${short}; what learns live goes on`,
    );
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    log(`model      bundle ${name} stays version ${short}: ${error.message}`);
  }
}

/** The signals that the bundle reads, as this instrument has them. */
function featuresOf(
  { facts, folder }: Bundle,
  { fit: fitPath }: ModelFlags,
  { instrument }: ServedModelsOptions,
): Pick<ForecasterOptions, 'signals' | 'fit'> {
  const fit: FeatureFit | null = fitPath === undefined ? null : readFit(fitPath, instrument);
  if (facts.fit !== null && facts.fit !== fit?.hash) {
    const found = fit === null ? 'none was given' : `this one is ${fit.hash}`;
    throw new BookcastError(
      'schema-mismatch',
      `the bundle ${facts.name} reads signals of the fit ${facts.fit}, and ${found}: give that fit with --fit`,
      { expected: facts.fit, found: fit?.hash ?? null },
    );
  }
  const own = facts.fit === null || fit === null ? {} : { fit };
  try {
    return { signals: selectSignals(facts.signals.join(','), { instrument, ...own }).signals, ...own };
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    throw new BookcastError(
      'schema-mismatch',
      `the rows that the bundle ${facts.name} reads (schema ${facts.schemaHash}) cannot be computed here: ${error.message}`,
      { path: folder, cause: error },
    );
  }
}
