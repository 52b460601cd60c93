/** The known words nearest to a mistyped one, best first, at most three; by edit distance, less where one contains the other. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const wanted = word.toLowerCase();
  const distance = (other: string): number => {
    const contained = wanted.length > 2 && (other.includes(wanted) || wanted.includes(other));
    return contained ? 0.5 + Math.abs(other.length - wanted.length) / 4 : edits(wanted, other);
  };
  const ranked = [...new Set(known)].map((other) => ({ other, d: distance(other) })).sort((a, b) => a.d - b.d);
  return ranked
    .filter(({ d }) => d <= ranked[0].d + 0.02)
    .slice(0, 3)
    .map(({ other }) => other);
}

/** Levenshtein's distance: insertions, deletions and replacements of a letter. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
