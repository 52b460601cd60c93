import type { ForecastMessage, TargetInfo } from '../../../src/api/contract.ts';
import { clockText, countText, percentText, sentence, targetText } from '../format.ts';
import { leanOf, type State, servedModel } from '../state.ts';
import { Lean } from './lean.tsx';
import { PredictionSet } from './prediction-set.tsx';
import { Why } from './why.tsx';

const ARROWS: Record<string, string> = { up: '▲', down: '▼', flat: '■' };

interface Props {
  state: State;
  /** The no-skill baseline to mark on the bars; null while none is known. */
  baseline: string | null;
  /** Past leans, oldest first. */
  leans: readonly (number | null)[];
}

/** The served model's probabilities now, large; an abstention is shown as one, with its reason, never as even odds. */
export function Forecast({ state, baseline, leans }: Props) {
  const { forecast, instrument } = state;
  const bundle = forecast?.bundle ?? instrument?.bundle ?? null;
  const target = instrument?.target ?? null;
  const lean = forecast === null || target === null ? null : leanOf(forecast, target.classes);
  const ready = forecast?.status === 'ready' && forecast.probabilities !== null;
  return (
    <section className="panel forecast" aria-labelledby="forecast-title">
      <div className="panel-head">
        <h2 id="forecast-title">Forecast</h2>
        <span className="dim">{servedModel(state) ?? 'no model yet'}</span>
        {bundle !== null && (
          <span className="bundle dim" data-testid="bundle" title={`bundle ${bundle.name}, version ${bundle.version}`}>
            bundle {bundle.name} {bundle.version.slice(0, 8)}
          </span>
        )}
      </div>
      <p className="target" data-testid="target">
        {target === null ? 'Waiting for the stream.' : aboutTarget(target)}
      </p>
      {target !== null && (
        <Bars forecast={forecast} target={target} baseline={ready && baseline !== null ? baseline : null} />
      )}
      {forecast !== null && !ready && <Abstention forecast={forecast} />}
      {ready && <PredictionSet set={forecast.set} monitor={state.monitor} />}
      {forecast !== null && <Asleep asleep={forecast.asleep} />}
      {lean !== null && <Lean lean={lean} history={leans} />}
      {ready && <Why explanation={state.explanation} />}
      {forecast === null && target !== null && (
        <p className="waiting">No decision yet. The first follows the first burst.</p>
      )}
      {forecast !== null && (
        <p className="foot dim" data-testid="forecast-index" data-index={forecast.index}>
          {ready ? `decision ${countText(forecast.index)} at` : 'abstaining since'} {clockText(forecast.time)} UTC
        </p>
      )}
    </section>
  );
}

function aboutTarget(target: TargetInfo): string {
  const text = targetText(target);
  const late = target.latency === 'none' ? '' : `, from ${target.latency} after the decision on`;
  if (target.kind === 'next-change') return `Of the ${text}${late}.`;
  const moved = target.threshold === 'any move' ? '' : `, moved by ${target.threshold}`;
  const anchor = target.anchor === 'the mid' ? 'the mid now' : `now; the price is ${target.anchor}`;
  return `Of the ${text}, against ${anchor}${moved}${late}.`;
}

function Bars(props: { forecast: ForecastMessage | null; target: TargetInfo; baseline: string | null }) {
  const { forecast, target, baseline } = props;
  const probabilities = forecast?.status === 'ready' ? forecast.probabilities : null;
  const marks = baseline === null ? undefined : forecast?.models[baseline];
  const rows = target.classes.map((name, i) => (
    <ClassBar
      key={name}
      name={name}
      probability={probabilities?.[i] ?? null}
      mark={marks?.[i] ?? null}
      index={forecast?.index ?? null}
    />
  ));
  return (
    <>
      <dl className={`classes ${classesTone(forecast)}`}>{rows.reverse()}</dl>
      {marks !== undefined && (
        <p className="legend dim">
          <span className="mark-sample" aria-hidden="true" /> best no-skill baseline, {baseline}
        </p>
      )}
    </>
  );
}

/** Empty while nothing has come, hatched for an abstention. */
function classesTone(forecast: ForecastMessage | null): string {
  if (forecast === null) return 'absent';
  return forecast.status === 'ready' && forecast.probabilities !== null ? '' : 'abstained';
}

function ClassBar(props: { name: string; probability: number | null; mark: number | null; index: number | null }) {
  const { name, probability, mark } = props;
  return (
    <div className={`class ${name}`}>
      <dt>
        <span aria-hidden="true">{ARROWS[name] ?? '·'}</span> {name}
      </dt>
      <dd data-testid={`p-${name}`} data-index={props.index ?? ''} data-value={probability ?? ''}>
        {percentText(probability)}
      </dd>
      <span className="track" aria-hidden="true">
        <span className="fill" style={{ transform: `scaleX(${(probability ?? 0).toFixed(4)})` }} />
        {mark !== null && <span className="mark" style={{ left: `${(100 * mark).toFixed(2)}%` }} />}
      </span>
    </div>
  );
}

/** Models that the ensemble does without for now. */
function Asleep({ asleep }: { asleep: Readonly<Record<string, string>> }) {
  const names = Object.keys(asleep);
  if (names.length === 0) return null;
  return (
    <ul className="asleep" data-testid="asleep">
      {names.map((name) => (
        <li key={name}>
          <strong>{name} is asleep:</strong> {sentence(asleep[name])}
        </li>
      ))}
    </ul>
  );
}

function Abstention({ forecast }: { forecast: ForecastMessage }) {
  return (
    <div className="abstention" role="status" data-testid="abstention">
      <strong>No forecast</strong>
      <span>The model abstains: {sentence(forecast.reason ?? 'no reason was given')}</span>
    </div>
  );
}
