import type { Windows } from './contract.ts';

/** Windows of each class, of so many classes. */
export function classCounts({ labels }: Pick<Windows, 'labels'>, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts;
}

/** Each class's share; NaN without windows. */
export function sharesOf(counts: Float64Array): Float64Array {
  let total = 0;
  for (const count of counts) total += count;
  return counts.map((count) => count / total);
}
