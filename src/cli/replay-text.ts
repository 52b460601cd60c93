import type { NamedGain } from '../evaluate/index.ts';
import { formatTarget, type Target } from '../models/index.ts';
import { fixed, grouped, signed, table } from './output.ts';
import type { ReplayReport } from './replay.ts';

const IN_WORDS: Record<Target['kind'], (horizon: number) => string> = {
  events: (horizon) => `the mid's direction ${horizon} decision points ahead`,
  time: (horizon) => `the mid's direction ${horizon} ms ahead`,
  volume: (horizon) => `the mid's direction ${horizon} traded lots ahead`,
  'next-change': () => "the direction of the mid's next change",
};

/** A replay's report for a person. */
export function replayText(report: ReplayReport): string {
  const { faults, verified, target } = report;
  const lines = [
    `${report.instrument}, ${report.origin}: ${report.input.join(' ')}`,
    `  ${grouped(report.messages)} messages, ${grouped(report.events)} events (${grouped(report.eventsPerSecond)}/s), ${grouped(report.rows)} rows of ${report.features.count} signals`,
    `  faults: ${faultText(faults)}; the book ended ${report.state}`,
  ];
  if (verified !== null) {
    lines.push(`  verified: ${verdict(verified)}`);
  }
  for (const { model, version } of report.trained) lines.push(`  trained: ${model}, version ${version}`);
  for (const note of report.notes) lines.push(`  note: ${note}`);
  lines.push(
    '',
    `target ${formatTarget(target)}: ${IN_WORDS[target.kind](target.horizon)} (${target.classes.join(', ')})`,
    '',
  );
  if (report.scores.every((score) => score.n === 0)) {
    lines.push('nothing was scored: no forecast met its outcome');
    return `${lines.join('\n')}\n`;
  }
  const rows = report.scores.map((score) => [
    score.model + (score.baseline ? ' (no skill)' : ''),
    fixed(score.logLoss, 4),
    fixed(score.brier, 4),
    fixed(score.accuracy, 4),
    fixed(score.macroF1, 4),
    fixed(score.mcc, 4),
    grouped(score.n),
  ]);
  lines.push(table(['model', 'log-loss', 'Brier', 'accuracy', 'macro-F1', 'MCC', 'n'], rows));
  for (const score of report.scores) if (score.seen > 0) lines.push(seenText(score));
  const served = report.scores[report.scores.length - 1].model;
  lines.push(`${served}, gain in log-loss (nats a decision; above 0: ${served} is better)`);
  for (const gain of report.gains) lines.push(`  over ${gain.over}: ${gainText(gain)}`);
  lines.push(...stackText(report));
  return `${lines.join('\n')}\n`;
}

/** What the ensemble came to trust, and what its sets were worth. */
function stackText({ weights, sets }: ReplayReport): string[] {
  const lines: string[] = [];
  if (weights !== null) {
    const all = Object.entries(weights).map(([name, weight]) => `${name} ${share(weight)}`);
    lines.push('', `weights at the end: ${all.join(', ')}`);
  }
  if (sets !== null && sets.held !== null) {
    const { coverage, held, size, singletons } = sets;
    lines.push(
      `sets of ${share(coverage)} coverage: ${share(held)} held the outcome, ${fixed(size, 2)} classes in the mean, ${share(singletons)} a single one`,
    );
  }
  return lines;
}

function share(part: number | null): string {
  return part === null ? '–' : `${(100 * part).toFixed(1)} %`;
}

/** Said where the scores stand, since it takes their meaning away. */
function seenText({ model, seen, n }: ReplayReport['scores'][number]): string {
  return `${model} was trained on ${grouped(seen)} of these ${grouped(n)} decisions: its score is no evidence of skill. Replay what came later.\n`;
}

/** How much better, and how sure that is. */
export function gainText({
  gain,
  interval,
  blocks,
  blockLength,
  reason,
}: Pick<NamedGain, 'gain' | 'interval' | 'blocks' | 'blockLength' | 'reason'>): string {
  if (gain === null) return reason ?? 'nothing was scored';
  if (interval === null) return `${signed(gain, 4)}, no interval: ${reason}`;
  const { low, high } = interval;
  return `${signed(gain, 4)}, 95 % interval [${signed(low, 4)}, ${signed(high, 4)}] over ${blocks} blocks of ${blockLength}`;
}

function verdict({ checked, mismatches, firstMismatch }: NonNullable<ReplayReport['verified']>): string {
  if (checked === 0) return 'nothing could be compared';
  const counts = `${grouped(checked)} comparisons, ${grouped(mismatches)} mismatches`;
  return mismatches === 0 ? `${counts}: the book is the venue's` : `${counts}; the first: ${firstMismatch}`;
}

/** The faults that any source may have, then those that it did have. */
function faultText(faults: ReplayReport['faults']): string {
  const { gaps, crossed, stale, unparsable, checksums, overflow, disconnects } = faults;
  const rare = { 'wrong checksums': checksums, overflow, disconnects };
  const met = Object.entries(rare).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  return [`${gaps} gaps`, `${crossed} crossed`, `${stale} stale`, `${unparsable} unparsable`, ...met].join(', ');
}
