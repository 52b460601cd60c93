import { type ReactNode, useId } from 'react';

/** What each word of the page means, for the line under the table and for screen readers. */
export const TERMS = {
  'log-loss':
    'Log-loss: the mean of −ln(probability given to what happened), in nats. Lower is better; it punishes confident mistakes.',
  gain: 'Gain: log-loss of the best no-skill baseline minus that of the model, in nats a decision. Above zero is skill.',
  Brier:
    'Brier score: the mean squared distance of the probabilities from the outcome, summed over classes. Lower is better.',
  accuracy: 'Accuracy: how often the likeliest class happened. Misleading where one class is common.',
  'macro-F1':
    'Macro-F1: the F1 score of each class, averaged with equal weight. Higher is better; rare classes count in full.',
  MCC: 'MCC: Matthews correlation of forecast and outcome, from −1 to 1. 0 is chance.',
  n: 'n: decisions whose outcome is known. A decision counts only once its horizon has passed.',
  now: 'Now: what the model says of this moment, from down (left) to up (right).',
  'trained on this':
    'Trained on this: some of the decisions scored here are those that the model learnt from. Its score on them is memory, no evidence of skill.',
  'no skill':
    'No skill: knows only class frequencies, the last outcome or the current price. A forecast is worth something only above these.',
} as const;

export type TermName = keyof typeof TERMS;

/** A word that explains itself: on hover, focus or tap it hands its name up, and to screen readers its meaning. */
export function Term(props: { name: TermName; onExplain(name: TermName | null): void; children?: ReactNode }) {
  const id = useId();
  const { name, onExplain } = props;
  return (
    <>
      <button
        type="button"
        className="term"
        aria-describedby={id}
        onMouseEnter={() => onExplain(name)}
        onMouseLeave={() => onExplain(null)}
        onFocus={() => onExplain(name)}
        onBlur={() => onExplain(null)}
      >
        {props.children ?? name}
      </button>
      <span id={id} className="unseen">
        {TERMS[name]}
      </span>
    </>
  );
}
