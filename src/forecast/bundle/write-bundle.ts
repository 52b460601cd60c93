import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assert, BookcastError } from '../../core/index.ts';
import type { Model } from '../../models/index.ts';
import type { Calibrator } from '../calibration/calibrator.ts';
import { OnlineTemperature } from '../calibration/online-temperature.ts';
import type { ConformalSets } from '../conformal/conformal-sets.ts';
import type { TrainingRange } from '../conformal/training-range.ts';
import type { Combiner } from '../ensemble/combiner.ts';
import type { MonitorReference } from '../monitor/monitor-reference.ts';
import {
  BUNDLE_FORMAT,
  type BundledFile,
  type BundleFacts,
  bundleVersion,
  type CombinerSettings,
  type Learner,
  MOST_BUNDLE_BYTES,
} from './bundle-schema.ts';
import { BUNDLE_FILE, readBundle } from './read-bundle.ts';

/** A member, and what is kept of it. */
export type BundledMember =
  | { readonly kind: 'onnx'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'online'; readonly learner: Learner; readonly model: Model };

/** Everything that a bundle is made of, the learners as they are now. */
export interface BundleParts
  extends Pick<
    BundleFacts,
    | 'name'
    | 'createdBy'
    | 'target'
    | 'classes'
    | 'schemaHash'
    | 'signals'
    | 'fit'
    | 'simulated'
    | 'learnt'
    | 'span'
    | 'abstention'
  > {
  /** In the order of the combiner's weights. */
  readonly members: readonly BundledMember[];
  readonly combiner: { readonly settings: CombinerSettings; readonly learner: Combiner };
  /** As `bundledTemperature` makes it, or a fixed one. */
  readonly calibrator: OnlineTemperature | Calibrator | null;
  /** As `bundledSets` makes them. */
  readonly sets: ConformalSets | null;
  readonly range: TrainingRange | null;
  readonly monitor: MonitorReference | null;
}

/**
 * Writes a bundle into a folder that is not there yet, whole or not at all, and reads it back. Equal parts give equal bytes. Returns its
 * version. Throws `already-exists`, and `bad-input` for one that is too large.
 */
export function writeBundle(folder: string, parts: BundleParts): string {
  if (existsSync(folder)) {
    throw new BookcastError('already-exists', `${folder} exists; choose another folder for the bundle, or remove it`, {
      path: folder,
    });
  }
  assert(parts.combiner.learner.weights.length === parts.members.length + 1, 'the combiner is made for the members');
  const files = new Map<string, Uint8Array>();
  const facts = factsOf(parts, (file, bytes) => {
    files.set(file, bytes);
    return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const size = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (size > MOST_BUNDLE_BYTES) {
    const largest = [...files].toSorted(([, a], [, b]) => b.length - a.length)[0];
    throw new BookcastError(
      'bad-input',
      `the bundle would have ${size} bytes, and may have ${MOST_BUNDLE_BYTES}: make the largest of its files (${largest[0]}, ${largest[1].length} bytes) smaller`,
      { bytes: size },
    );
  }
  files.set(BUNDLE_FILE, text(facts));
  writeWhole(folder, files);
  return facts.version;
}

type Keep = (file: string, bytes: Uint8Array) => BundledFile;

function factsOf(parts: BundleParts, keep: Keep): BundleFacts {
  const { members, combiner, calibrator, sets, range, monitor, ...said } = parts;
  const facts = {
    format: BUNDLE_FORMAT,
    ...said,
    members: members.map((member) => memberFacts(member, keep)),
    combiner: { settings: combiner.settings, ...keep('combiner.state', combiner.learner.save()) },
    calibrator: calibratorFacts(calibrator, keep),
    sets: sets === null ? null : { coverage: sets.coverage, score: sets.score, ...keep('sets.state', sets.save()) },
    range: range === null ? null : keep('range.json', text(range.toJson())),
    monitor: monitor === null ? null : keep('monitor.json', text(monitor)),
  } as const;
  return { ...facts, version: bundleVersion(facts) };
}

function memberFacts(member: BundledMember, keep: Keep): BundleFacts['members'][number] {
  if (member.kind === 'onnx') {
    const { kind, name, bytes } = member;
    return { kind, name, ...keep(`${name}.onnx`, bytes) };
  }
  const { kind, learner, model } = member;
  assert(model.save !== undefined, 'a member that learns on the way can be saved');
  return { kind, name: learner, learner, ...keep(`${learner}.state`, model.save()) };
}

function calibratorFacts(calibrator: BundleParts['calibrator'], keep: Keep): BundleFacts['calibrator'] {
  if (calibrator === null) return null;
  if (calibrator instanceof OnlineTemperature) {
    return { kind: 'online', ...keep('calibrator.state', calibrator.save()) };
  }
  return { kind: 'fixed', ...keep('calibrator.json', text(calibrator.toJson())) };
}

function text(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}

/** Beside its place first: half a bundle never lies there. */
function writeWhole(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  try {
    for (const [file, bytes] of files) writeFileSync(join(draft, file), bytes);
    readBundle(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}
