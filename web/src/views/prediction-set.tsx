import type { ForecastMessage, MonitorReport } from '../../../src/api/contract.ts';
import { countText, numberText, percentText } from '../format.ts';

/** The classes not ruled out now, and how often such sets have held the outcome so far beside how often they should. */
export function PredictionSet({ set, monitor }: { set: ForecastMessage['set']; monitor: MonitorReport | null }) {
  if (set === null) return null;
  const all = monitor?.scores.at(-1);
  const held = all === undefined || all.coverage === null ? null : all;
  return (
    <p
      className="set"
      title="The classes that the forecast does not rule out; sets are made so that the share asked for holds what comes true."
    >
      <span className="dim">{Math.round(100 * set.coverage)}% set</span>{' '}
      <strong data-testid="set">{[...set.classes].reverse().join(', ')}</strong>
      <span className="dim so-far" data-testid="coverage">
        {held === null
          ? 'no outcome yet'
          : `held ${percentText(held.coverage)} of ${countText(held.outcomes)}; ${numberText(held.setSize, 2)} classes in the mean`}
      </span>
    </p>
  );
}
