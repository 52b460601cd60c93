import type { Target } from '../models/index.ts';

/** The price that a target is measured by. */
export function anchorWords({ anchorLevels }: Target): string {
  if (anchorLevels === undefined) return 'the mid';
  return `the middle between the mean prices of the best ${anchorLevels} levels of each side`;
}

/** How far that price must move to count as up or down. */
export function thresholdWords({ threshold }: Target): string {
  if (threshold === undefined) return 'any move';
  if (threshold.kind === 'spread') return `more than ${threshold.share} of the spread`;
  if (threshold.kind === 'bps') return `more than ${threshold.bps} basis points`;
  if (threshold.kind === 'quantiles')
    return `beyond the quantile ${threshold.tail} of either end, in the training rows`;
  const { low, high } = threshold;
  return low === -high ? `more than ${high} ticks` : `above ${high} or below ${low} ticks`;
}

/** From the decision to the beginning of the horizon. */
export function latencyWords({ latencyMs }: Target): string {
  return latencyMs === undefined ? 'none' : `${latencyMs} ms`;
}
