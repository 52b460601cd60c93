import { join } from 'node:path';
import { BookcastError } from '../../core/index.ts';
import {
  openServedModel,
  readModelFile,
  type ServedModel,
  type ServeOptions,
  type SwappableModel,
} from '../../models/index.ts';
import type { BundleFacts } from './bundle-schema.ts';
import { LateMember } from './late-member.ts';
import type { Bundle } from './read-bundle.ts';

/** Where a trained member of a bundle in service stands. */
export type TrainedSlot = SwappableModel | LateMember;

/**
 * Puts the trained members of `next` in the places of those of a bundle in service, all of them between two forecasts, once every one is loaded and
 * warm. What learns live (online members, weights, temperature, sets) goes on as it is: it has learnt of this very stream since. Throws
 * `schema-mismatch` where the two differ in more than what was learnt, and what loading a member throws; then all is as it was.
 */
export async function swapTrained(
  now: BundleFacts,
  next: Bundle,
  slots: ReadonlyMap<string, TrainedSlot>,
  serving: Omit<ServeOptions, 'name'>,
): Promise<void> {
  const obstacle = obstacleOf(now, next.facts);
  if (obstacle !== null) {
    throw new BookcastError(
      'schema-mismatch',
      `${next.folder} has ${obstacle}: it cannot take the place of the one in service while that runs; stop the server and start it again to take it up`,
      { path: next.folder, found: next.facts.version, expected: now.version },
    );
  }
  const changed = next.facts.members.filter(
    (member, i) => member.kind === 'onnx' && member.sha256 !== now.members[i].sha256,
  );
  const opening = changed.map(async ({ name, file, sha256 }) =>
    openServedModel(await readModelFile(join(next.folder, file), sha256), { ...serving, name }),
  );
  const opened = await Promise.allSettled(opening);
  const models = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(models.map((model) => model.close()));
    throw failed.reason;
  }
  for (const slot of slots.values()) if (slot instanceof LateMember) await slot.settled();
  // From here to the end of the loop nothing waits, so that no forecast is made of two versions.
  const before: (ServedModel | null)[] = [];
  for (const [i, { name }] of changed.entries()) before.push(slots.get(name)?.swap(models[i]) ?? null);
  await Promise.all(before.map((model) => model?.close()));
}

/** What a running server cannot take up, in words; null where there is nothing. */
function obstacleOf(now: BundleFacts, next: BundleFacts): string | null {
  const members = ({ members }: BundleFacts): string =>
    members.map((member) => (member.kind === 'online' ? `${member.name} (${member.learner})` : member.name)).join(', ');
  const fixed = ({ calibrator }: BundleFacts): string | null =>
    calibrator?.kind === 'fixed' ? calibrator.sha256 : (calibrator?.kind ?? null);
  const range = ({ abstention, range }: BundleFacts): string | null =>
    abstention.onFar ? (range?.sha256 ?? null) : null;
  const aspects: [what: string, of: (facts: BundleFacts) => unknown][] = [
    ['another target', ({ target, classes }) => [target, classes]],
    ['other signals', ({ schemaHash, fit }) => [schemaHash, fit]],
    [`other members (${members(next)}; in service: ${members(now)})`, members],
    ['another combiner', ({ combiner }) => combiner.settings],
    ['another calibration', fixed],
    ['other sets', ({ sets }) => (sets === null ? null : [sets.coverage, sets.score])],
    ['other rules of abstention', (facts) => [facts.abstention, range(facts)]],
  ];
  const found = aspects.find(([, of]) => JSON.stringify(of(now)) !== JSON.stringify(of(next)));
  return found === undefined ? null : found[0];
}
