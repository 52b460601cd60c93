import type { MonitorReport } from '../../../src/api/contract.ts';
import { ABSENT, clockText, countText, nanosText, numberText, percentText, signedText } from '../format.ts';
import { stabilityOf } from '../monitor.ts';
import { Fact } from './fact.tsx';

/** Signals that are named; the others are counted. */
const SHOWN = 6;
/** Alarms that are listed. */
const ALARMS = 4;

/** How the served forecasts fare, as the server's monitor counts it: all of it is data of `GET …/monitor`, too. */
export function Monitor({ monitor }: { monitor: MonitorReport | null }) {
  if (monitor === null) return <p className="empty">Nothing watches the forecasts, or nothing has been told yet.</p>;
  return (
    <div className="monitor" data-testid="monitor">
      <Prequential monitor={monitor} />
      <Drift monitor={monitor} />
      <Stability monitor={monitor} />
      <Changes monitor={monitor} />
      <Latency monitor={monitor} />
    </div>
  );
}

/** One column a window, the whole stream last. */
function Prequential({ monitor: { scores, coverage, model } }: { monitor: MonitorReport }) {
  const rows: [name: string, of: (score: (typeof scores)[number]) => string, title: string][] = [
    [
      'log-loss',
      (s) => numberText(s.logLoss, 4),
      'Mean −ln of the probability given to what came true. Lower is better.',
    ],
    [
      'gain',
      (s) => signedText(s.gain, 4),
      'Log-loss of the training prior, or of equal chances, less that of the forecasts.',
    ],
    ['direction gain', (s) => signedText(s.directionGain, 4), 'The part of the gain that is knowing up from down.'],
    ['accuracy', (s) => percentText(s.accuracy), 'How often the likeliest class came true.'],
    [
      `${coverage === null ? '' : `${Math.round(100 * coverage)}% `}set held`,
      (s) => percentText(s.coverage),
      'Share of the sets that held what came true.',
    ],
    ['classes a set', (s) => numberText(s.setSize, 2), 'Mean number of classes not ruled out.'],
    ['outcomes', (s) => countText(s.outcomes), 'Forecasts whose outcome is known.'],
  ];
  return (
    <section aria-label="prequential scores">
      <h3>Scores of {model}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">of the last</th>
            {scores.map(({ window }) => (
              <th scope="col" key={window ?? 'all'}>
                {window === null ? 'all' : countText(window)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, of, title]) => (
            <tr key={name} title={title}>
              <th scope="row">{name}</th>
              {scores.map((score) => (
                <td key={score.window ?? 'all'}>{of(score)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Whether what is said of outcomes is how often they come, beside how it was when the model was made. */
function Drift({ monitor: { calibration, classes } }: { monitor: MonitorReport }) {
  const { ece, referenceEce, gaps, referenceGaps, outcomes } = calibration;
  return (
    <section aria-label="calibration drift">
      <h3>Calibration</h3>
      <dl className="pairs">
        <Fact
          name="error now"
          title="Expected calibration error of the likeliest class, over the longest window. Chance alone makes some."
          note={`of ${countText(outcomes)}`}
        >
          <span data-testid="monitor-ece">{numberText(ece, 3)}</span>
        </Fact>
        <Fact name="when made" title="The same of the forecasts that the bundle was calibrated on.">
          {numberText(referenceEce, 3)}
        </Fact>
      </dl>
      <table>
        <thead>
          <tr>
            <th scope="col">said less came</th>
            <th scope="col">now</th>
            <th scope="col">made</th>
          </tr>
        </thead>
        <tbody>
          {classes.map((name, k) => (
            <tr key={name} title={`Mean probability of ${name} less its share of the outcomes.`}>
              <th scope="row">{name}</th>
              <td>{signedText(gaps?.[k] ?? null, 3)}</td>
              <td>{signedText(referenceGaps?.[k] ?? null, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The signals that have moved the furthest from the rows that taught the model. */
function Stability({ monitor: { stability } }: { monitor: MonitorReport }) {
  const { moved, shown } = stabilityOf(stability, SHOWN);
  return (
    <section aria-label="population stability">
      <h3>Signals against training</h3>
      {stability.length === 0 ? (
        <p className="dim">All of this learns live: there are no training rows to compare with.</p>
      ) : (
        <>
          <p data-testid="moved">
            <strong className={moved > 0 ? 'warn' : 'good'}>
              {countText(moved)} of {countText(stability.length)}
            </strong>{' '}
            <span className="dim">are another population (index above .25)</span>
          </p>
          <ol className="stability">
            {shown.map(({ name, psi, missing, tone }) => (
              <li key={name} title={`Not known in ${percentText(missing)} of the rows.`}>
                <span className="name">{name.replaceAll('_', ' ')}</span>
                <span className="psi-track" aria-hidden="true">
                  <span className={tone} style={{ width: `${Math.min(100, 100 * (psi ?? 0)).toFixed(1)}%` }} />
                </span>
                <span className="value">{numberText(psi, 2)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

/** When the forecasts stopped to fit as before. */
function Changes({ monitor: { changes, abstentions, forecasts } }: { monitor: MonitorReport }) {
  const last = changes.last.slice(-ALARMS).reverse();
  return (
    <section aria-label="change points">
      <h3>Change points</h3>
      <p>
        <strong data-testid="alarms" className={changes.alarms > 0 ? 'warn' : ''}>
          {countText(changes.alarms)}
        </strong>{' '}
        <span className="dim">
          so far; lately with probability {changes.probability === null ? ABSENT : percentText(changes.probability)}
        </span>
      </p>
      {last.length > 0 && (
        <ol className="alarms">
          {last.map(({ tsNs, time, probability }) => (
            <li key={tsNs}>
              {clockText(time)} UTC <span className="dim">{percentText(probability)}</span>
            </li>
          ))}
        </ol>
      )}
      <p className="dim" title="Forecasts that were withheld, or would have been, by cause.">
        of {countText(forecasts)} forecasts: stale {countText(abstentions.stale)}, signals far{' '}
        {countText(abstentions.far)}, ambiguous {countText(abstentions.ambiguous)}
      </p>
    </section>
  );
}

/** Of a decision, by stage. */
function Latency({ monitor: { latency } }: { monitor: MonitorReport }) {
  const stages = Object.entries(latency);
  return (
    <section aria-label="latency">
      <h3>Latency of a decision</h3>
      {stages.length === 0 ? (
        <p className="dim">No stage is timed.</p>
      ) : (
        <table data-testid="latency">
          <thead>
            <tr>
              <th scope="col">stage</th>
              <th scope="col">p50</th>
              <th scope="col">p99</th>
              <th scope="col">p99.9</th>
            </tr>
          </thead>
          <tbody>
            {stages.map(([name, { p50Ns, p99Ns, p999Ns, count }]) => (
              <tr key={name} title={`${countText(count)} times`}>
                <th scope="row">{name}</th>
                <td>{nanosText(p50Ns)}</td>
                <td>{nanosText(p99Ns)}</td>
                <td>{nanosText(p999Ns)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
