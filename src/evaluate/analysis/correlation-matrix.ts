import { assert } from '../../core/index.ts';
import { type CentredRanks, correlationOf } from './ranks.ts';

/** Correlations of every column with every other, row after row; `NaN` where a column does not vary. */
export interface CorrelationMatrix {
  readonly size: number;
  readonly rho: Float64Array;
}

/**
 * Spearman's ρ, which heavy tails cannot bend. Ranks are taken once a column; a pair is compared on the rows that both have.
 * Columns with fewer than 30 values in the sample have no correlations.
 */
export function correlationMatrix(columns: readonly CentredRanks[]): CorrelationMatrix {
  const size = columns.length;
  const rho = new Float64Array(size * size).fill(Number.NaN);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const usable = columns[i].count >= 30 && columns[j].count >= 30;
      const value = usable ? correlationOf(columns[i], columns[j]) : Number.NaN;
      rho[i * size + j] = value;
      rho[j * size + i] = value;
    }
  }
  return { size, rho };
}

/** At most `most` of the rows, evenly spread: which they are. */
export function sampleRows(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most);
  return Uint32Array.from({ length: count }, (_, k) => Math.floor((k * rows) / count));
}

/** Two clusters become one. Leaves are 0 … n − 1; merge k makes cluster n + k. */
export interface Merge {
  readonly left: number;
  readonly right: number;
  /** Mean distance between the two: 1 − |ρ|. */
  readonly height: number;
  readonly leaves: number;
}

export interface Clustering {
  /** In order of height. */
  readonly merges: readonly Merge[];
  /** The columns from top to bottom, like beside like. */
  readonly order: readonly number[];
}

/**
 * Average linkage on 1 − |ρ| (UPGMA: Sokal and Michener 1958), by nearest-neighbour chains: time n², memory n². A pair
 * without a correlation counts as uncorrelated.
 */
export function cluster({ size, rho }: CorrelationMatrix): Clustering {
  const distance = Float64Array.from(rho, (value) => (Number.isNaN(value) ? 1 : 1 - Math.abs(value)));
  const merges = relabel(size, chainMerges(size, distance.slice()));
  return { merges, order: leafOrder(size, merges, distance) };
}

interface RawMerge {
  a: number;
  b: number;
  height: number;
}

/** Merges of clusters, named by one of their leaves, in the order in which chains find them. Overwrites `distance`. */
function chainMerges(size: number, distance: Float64Array): RawMerge[] {
  const weight = new Float64Array(size).fill(1);
  const chain: number[] = [];
  const merges: RawMerge[] = [];
  while (merges.length < size - 1) {
    if (chain.length === 0) chain.push(weight.findIndex((w) => w > 0));
    const tip = chain[chain.length - 1];
    const previous = chain.length > 1 ? chain[chain.length - 2] : -1;
    // Of equally near ones the previous is preferred, else a chain could go round for ever.
    let nearest = previous;
    let least = previous < 0 ? Number.POSITIVE_INFINITY : distance[tip * size + previous];
    for (let k = 0; k < size; k++) {
      if (k === tip || weight[k] === 0 || !(distance[tip * size + k] < least)) continue;
      nearest = k;
      least = distance[tip * size + k];
    }
    if (nearest !== previous) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    merges.push({ a: tip, b: previous, height: least });
    const wa = weight[tip];
    const wb = weight[previous];
    for (let k = 0; k < size; k++) {
      if (k === tip || k === previous || weight[k] === 0) continue;
      const mean = (wa * distance[tip * size + k] + wb * distance[previous * size + k]) / (wa + wb);
      distance[tip * size + k] = mean;
      distance[k * size + tip] = mean;
    }
    weight[tip] = wa + wb;
    weight[previous] = 0;
  }
  return merges;
}

function relabel(size: number, raw: RawMerge[]): Merge[] {
  const cluster = Int32Array.from({ length: size }, (_, i) => i);
  const leaves = new Array<number>(2 * size).fill(1);
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const root = (leaf: number): number => {
    while (parent[leaf] !== leaf) leaf = parent[leaf];
    return leaf;
  };
  return raw
    .map((merge, found) => ({ ...merge, found }))
    .sort((p, q) => p.height - q.height || p.found - q.found)
    .map(({ a, b, height }, k) => {
      const ra = root(a);
      const rb = root(b);
      const [left, right] = [cluster[ra], cluster[rb]].sort((p, q) => p - q);
      leaves[size + k] = leaves[left] + leaves[right];
      parent[rb] = ra;
      cluster[ra] = size + k;
      return { left, right, height, leaves: leaves[size + k] };
    });
}

/** Of a tree's many orders one in which, merge by merge, the two nearest ends meet. */
function leafOrder(size: number, merges: readonly Merge[], distance: Float64Array): number[] {
  const orders = new Map<number, number[]>();
  const take = (id: number): number[] => {
    if (id < size) return [id];
    const order = orders.get(id);
    assert(order !== undefined, 'a merge joins what exists');
    orders.delete(id);
    return order;
  };
  merges.forEach(({ left, right }, k) => {
    const a = take(left);
    const b = take(right);
    const between = (p: number, q: number): number => distance[p * size + q];
    const last = a.length - 1;
    const end = b.length - 1;
    const ends = [between(a[last], b[0]), between(a[last], b[end]), between(a[0], b[0]), between(a[0], b[end])];
    const best = ends.indexOf(Math.min(...ends));
    if (best >= 2) a.reverse();
    if (best === 1 || best === 3) b.reverse();
    orders.set(size + k, [...a, ...b]);
  });
  return size === 0 ? [] : take(size + merges.length - 1);
}

export interface RedundancyGroup {
  /** The column to keep: the one that is worth most. */
  readonly keep: number;
  /** The others, each at |ρ| of at least the threshold to the one kept, strongest first. */
  readonly drop: readonly { readonly column: number; readonly rho: number }[];
}

/** A column stands in for another one where it has a value in so many of the other's rows. */
const COVERED = 0.95;

/** Whether `keep` has a value in nearly every row in which `other` has one. */
function covers(keep: CentredRanks, other: CentredRanks): boolean {
  let both = 0;
  for (let i = 0; i < keep.present.length; i++) both += keep.present[i] & other.present[i];
  return both >= COVERED * other.count;
}

/**
 * Columns that say the same. In order of `worth` (missing last), each column that is left over takes all others with
 * |ρ| ≥ `threshold` to itself, in nearly all of whose rows it has a value: so whatever is dropped is well told by what is kept,
 * and not by a chain of others.
 */
export function redundancyGroups(
  { size, rho }: CorrelationMatrix,
  columns: readonly CentredRanks[],
  worth: readonly number[],
  threshold = 0.9,
): RedundancyGroup[] {
  const value = (i: number): number => (Number.isNaN(worth[i]) ? -1 : worth[i]);
  const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => value(b) - value(a) || a - b);
  const taken = new Uint8Array(size);
  const groups: RedundancyGroup[] = [];
  for (const keep of order) {
    if (taken[keep] === 1) continue;
    taken[keep] = 1;
    const drop: { column: number; rho: number }[] = [];
    for (let column = 0; column < size; column++) {
      const r = rho[keep * size + column];
      if (taken[column] === 1 || !(Math.abs(r) >= threshold) || !covers(columns[keep], columns[column])) continue;
      taken[column] = 1;
      drop.push({ column, rho: r });
    }
    if (drop.length === 0) continue;
    drop.sort((p, q) => Math.abs(q.rho) - Math.abs(p.rho) || p.column - q.column);
    groups.push({ keep, drop });
  }
  return groups;
}
