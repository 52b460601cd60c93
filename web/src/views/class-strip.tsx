import { percentText } from '../format.ts';

/** All probabilities of one model as one strip, in class order, so that models compare at a glance. */
export function ClassStrip({ probabilities, classes }: { probabilities: number[] | null; classes: readonly string[] }) {
  if (probabilities === null) return <span className="strip absent" aria-hidden="true" />;
  const text = classes.map((name, i) => `${name} ${percentText(probabilities[i] ?? null)}`).join(', ');
  return (
    <span className="strip" role="img" aria-label={text} title={text}>
      {classes.map((name, i) => (
        <span key={name} className={name} style={{ flexGrow: Math.max(0, probabilities[i] ?? 0) }} />
      ))}
    </span>
  );
}
