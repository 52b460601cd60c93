import type { MonitorReport } from '../../src/api/contract.ts';

/** By custom: stable up to here … */
const STABLE = 0.1;
/** … and another population from here on. */
const OTHER = 0.25;

export interface ShownSignal {
  readonly name: string;
  readonly psi: number | null;
  readonly missing: number | null;
  readonly tone: 'stable' | 'drifting' | 'moved';
}

/** How many signals are another population than the training rows, and the `count` that moved the furthest, the furthest first. */
export function stabilityOf(
  stability: MonitorReport['stability'],
  count: number,
): { moved: number; shown: readonly ShownSignal[] } {
  const sorted = [...stability].sort((a, b) => (b.psi ?? 0) - (a.psi ?? 0));
  return {
    moved: stability.filter(({ psi }) => (psi ?? 0) > OTHER).length,
    shown: sorted.slice(0, count).map(({ name, psi, missing }) => ({ name, psi, missing, tone: toneOf(psi ?? 0) })),
  };
}

function toneOf(psi: number): ShownSignal['tone'] {
  if (psi > OTHER) return 'moved';
  return psi > STABLE ? 'drifting' : 'stable';
}
