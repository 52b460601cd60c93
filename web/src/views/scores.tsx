import { memo, useState } from 'react';
import type { ForecastMessage, MonitorReport, Score } from '../../../src/api/contract.ts';
import { ABSENT, countText, EARLY_N, numberText, percentText, signedText, verdictOf } from '../format.ts';
import { bestBaseline, type GainPoint } from '../state.ts';
import { ClassStrip } from './class-strip.tsx';
import { GainCurve } from './gain-curve.tsx';
import { Monitor } from './monitor.tsx';
import { TERMS, Term, type TermName } from './term.tsx';
import { WeightBand } from './weight-band.tsx';

const LOWER =
  'Lower log-loss is better. Each decision is forecast first and scored once its outcome is known; point at a word to see what it means.';
const COLUMNS: readonly TermName[] = ['log-loss', 'gain', 'Brier', 'accuracy', 'macro-F1', 'MCC', 'n'];

interface Props {
  scores: readonly Score[];
  served: string | null;
  forecast: ForecastMessage | null;
  classes: readonly string[];
  gains: readonly GainPoint[];
  /** As the server watches the forecasts; null before it was asked. */
  monitor: MonitorReport | null;
}

const VIEWS = ['Running score', 'Monitor'] as const;

/** How good all that has been so far: every model, the baselines among them, in the order of log-loss; or how the served forecasts fare. */
export function Scores(props: Props) {
  const { scores, served, monitor } = props;
  const [view, setView] = useState<(typeof VIEWS)[number]>('Running score');
  const verdict = verdictOf(scores, served);
  return (
    <section className={`panel ${view === 'Monitor' ? 'watch' : 'scores'}`} aria-labelledby="scores-title">
      <div className="panel-head">
        <h2 id="scores-title" className="unseen">
          {view}
        </h2>
        <fieldset className="spans">
          <legend className="unseen">what to show</legend>
          {VIEWS.map((name) => (
            <label key={name}>
              <input type="radio" name="scores-view" checked={view === name} onChange={() => setView(name)} />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
        <p className={`verdict ${verdict.kind}`} data-testid="verdict">
          {verdict.text}
        </p>
      </div>
      {view === 'Monitor' ? <Monitor monitor={monitor} /> : <Table {...props} />}
    </section>
  );
}

function Table({ scores, served, forecast, classes, gains, monitor }: Props) {
  const [term, setTerm] = useState<TermName | null>(null);
  const best = bestBaseline(scores);
  const weights = monitor?.weights ?? null;
  return (
    <>
      <div className="scores-body">
        <table>
          <caption className="unseen">Scores of every model so far, lowest log-loss first</caption>
          <thead>
            <tr>
              <th scope="col">model</th>
              <th scope="col" className="now">
                <Term name="now" onExplain={setTerm} />
              </th>
              {COLUMNS.map((name) => (
                <th scope="col" key={name} className={name === 'n' ? 'n' : ''}>
                  <Term name={name} onExplain={setTerm} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {byLogLoss(scores).map((score) => (
              <tr key={score.model} className={score.model === served ? 'served' : score.baseline ? 'baseline' : ''}>
                <th scope="row">
                  {score.model}
                  {score.model === served && <span className="tag">served</span>}
                  {score.seen > 0 && (
                    <span className="tag seen">
                      <Term name="trained on this" onExplain={setTerm} />
                    </span>
                  )}
                  {score.baseline && (
                    <span className="tag no-skill">
                      <Term name="no skill" onExplain={setTerm} />
                    </span>
                  )}
                </th>
                <td className="now">
                  <ClassStrip probabilities={forecast?.models[score.model] ?? null} classes={classes} />
                </td>
                <Cells score={score} best={best} />
              </tr>
            ))}
            {scores.length === 0 && (
              <tr>
                <td colSpan={COLUMNS.length + 2} className="empty">
                  Nothing is scored yet: the first outcome comes one horizon after the first decision.
                </td>
              </tr>
            )}
          </tbody>
        </table>
        <div className="side-figures">
          <GainCurve gains={gains} />
          {weights !== null && <WeightBand weights={weights} now={forecast?.weights ?? null} />}
        </div>
      </div>
      <p className="explain dim">{term === null ? LOWER : TERMS[term]}</p>
    </>
  );
}

function byLogLoss(scores: readonly Score[]): Score[] {
  const key = (score: Score) => score.logLoss ?? Number.POSITIVE_INFINITY;
  return [...scores].sort((a, b) => key(a) - key(b) || (a.model < b.model ? -1 : 1));
}

const Cells = memo(function Cells({ score, best }: { score: Score; best: Score | null }) {
  const gain = score.logLoss === null || best === null ? null : (best.logLoss as number) - score.logLoss;
  const silent = gain === null || Math.abs(gain) < 0.0005 || score.n < EARLY_N;
  const tone = silent ? '' : gain > 0 ? 'good' : 'poor';
  return (
    <>
      <td data-label="log-loss" data-testid={`score-${score.model}-logLoss`} data-value={score.logLoss ?? ''}>
        {numberText(score.logLoss, 4)}
      </td>
      <td data-label="gain" className={tone}>
        {score.model === best?.model ? ABSENT : signedText(gain, 4)}
      </td>
      <td data-label="Brier">{numberText(score.brier, 4)}</td>
      <td data-label="accuracy">{percentText(score.accuracy)}</td>
      <td data-label="macro-F1">{numberText(score.macroF1, 3)}</td>
      <td data-label="MCC">{signedText(score.mcc, 3)}</td>
      <td data-label="n" className="n">
        {countText(score.n)}
      </td>
    </>
  );
});
