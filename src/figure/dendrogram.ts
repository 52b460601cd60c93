import { element, px } from './svg.ts';

/** Two branches meet. Leaves are 0 … n − 1, merge k makes branch n + k; heights do not fall from merge to merge. */
export interface TreeMerge {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

export interface TreePlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** Height of one leaf. */
  readonly leaf: number;
}

/** A tree whose leaves stand at the left, one below the other in the given order; its root is at the right. One path. */
export function drawTree(
  tree: { readonly merges: readonly TreeMerge[]; readonly order: readonly number[]; readonly name: string },
  place: TreePlace,
): string {
  const { merges, order } = tree;
  const highest = Math.max(0, ...merges.map(({ height }) => height));
  if (merges.length === 0 || highest === 0) return '';
  const size = order.length;
  const y = new Float64Array(size + merges.length);
  const x = new Float64Array(size + merges.length);
  order.forEach((leaf, i) => {
    y[leaf] = place.top + (i + 0.5) * place.leaf;
    x[leaf] = place.left;
  });
  let d = '';
  merges.forEach(({ left, right, height }, k) => {
    const at = place.left + (height / highest) * place.width;
    d += `M${px(x[left])} ${px(y[left])}H${px(at)}V${px(y[right])}H${px(x[right])}`;
    x[size + k] = at;
    y[size + k] = (y[left] + y[right]) / 2;
  });
  return element('path', { d, class: 'tree' }, element('title', {}, tree.name));
}
