import { assert } from '../../core/index.ts';
import type { CurveResampling } from '../performance/curve-intervals.ts';
import { capacityNote } from './capacity-note.ts';
import { addedCost, type CostedCurve, cellOf, otherFees } from './recost.ts';
import type { SweepAxis, SweepCell, SweepResult } from './sweep-result.ts';

/** Basis points of what is traded, each side, on top of the fees of the run. */
export const DEFAULT_COSTS_BPS: readonly number[] = [0, 0.25, 0.5, 1, 2, 3, 4, 5];

export interface SweepInput {
  readonly currency: string;
  /** What was run: each curve is one place on all of these, the last axis fastest. */
  readonly axes: readonly SweepAxis[];
  readonly curves: readonly CostedCurve[];
  /** Ascending, from 0. */
  readonly costsBps?: readonly number[];
  /** The cost axis has the names of these schedules in place of added costs. */
  readonly schedules?: readonly string[];
  readonly resampling: CurveResampling;
  readonly notes?: readonly string[];
}

/** The runs of a sweep with one more axis, the cost, which needs no run: the same fills are reckoned again. */
export function sweepResult(input: SweepInput): SweepResult {
  const { currency, axes, curves, resampling, notes = [], schedules, costsBps = DEFAULT_COSTS_BPS } = input;
  const runs = axes.reduce((count, { values }) => count * values.length, 1);
  assert(curves.length === runs, 'each place on the axes was run');
  const cost: SweepAxis =
    schedules === undefined
      ? {
          name: 'cost',
          unit: 'bps',
          values: [...costsBps],
          own: costsBps.indexOf(0) === -1 ? null : costsBps.indexOf(0),
        }
      : { name: 'fees', unit: '', values: [...schedules], own: null };
  const cells: SweepCell[] = curves.flatMap((curve) =>
    schedules === undefined
      ? costsBps.map((bps) => cellOf(curve, addedCost(curve, bps), resampling))
      : schedules.map((schedule) => cellOf(curve, otherFees(curve, schedule), resampling)),
  );
  const meaning =
    schedules === undefined
      ? 'cost: basis points of what is traded, each side, beyond the fees of the run; the same fills reckoned again, no new run'
      : 'fees: the same fills reckoned again by other schedules, no new run';
  const capacity = capacityNote(currency, axes, curves, resampling);
  const told = [...notes, meaning, ...(capacity === null ? [] : [capacity])];
  return { currency, axes: [...axes, cost], cells, notes: told };
}
