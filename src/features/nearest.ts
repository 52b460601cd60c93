import { editDistance } from '../core/index.ts';

/** The known words nearest to a mistyped one, best first, at most three; by `editDistance`, less where one contains the other. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const wanted = word.toLowerCase();
  const distance = (other: string): number => {
    const contained = wanted.length > 2 && (other.includes(wanted) || wanted.includes(other));
    return contained ? 0.5 + Math.abs(other.length - wanted.length) / 4 : editDistance(wanted, other);
  };
  const ranked = [...new Set(known)].map((other) => ({ other, d: distance(other) })).sort((a, b) => a.d - b.d);
  return ranked
    .filter(({ d }) => d <= ranked[0].d + 0.02)
    .slice(0, 3)
    .map(({ other }) => other);
}
