import type { Explanation } from '../../../src/api/contract.ts';
import { countText, signedText } from '../format.ts';
import { strongestPushes } from '../state.ts';

const SHOWN = 5;

/** The signals that push the forecast up or down the most, as the weightiest model that can tell has them. */
export function Why({ explanation }: { explanation: Explanation | null }) {
  const found = strongestPushes(explanation, SHOWN);
  if (found === null || found.pushes.length === 0) return null;
  const most = Math.abs(found.pushes[0].nats);
  return (
    <section className="why" aria-label="why">
      <p
        className="dim"
        title="What each signal adds to the log-odds of up against down, in nats. Exact, of this model."
      >
        signals of {countText(found.index)}, in {found.model}
      </p>
      <ol data-testid="why">
        {found.pushes.map(({ name, nats }) => (
          <li key={name} className={nats > 0 ? 'up' : 'down'}>
            <span className="name" title={name}>
              {name.replaceAll('_', ' ')}
            </span>
            <span className="push" aria-hidden="true">
              <span style={{ width: `${((50 * Math.abs(nats)) / most).toFixed(1)}%` }} />
            </span>
            <span className="nats">{signedText(nats, 2)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
