import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { fitStacking, type StackingFold } from '../../../src/forecast/fitting.ts';
import { readStacking, Stacking } from '../../../src/forecast/index.ts';
import { softmax } from '../made-up-stream.ts';

/**
 * Two members that each see half of the evidence, and one that sees none: the truth is the product of the first two. Four blocks, each
 * forecast by members that were fitted on the others.
 */
function planted(count: number, seed: number): { folds: StackingFold[]; labels: Int8Array; rows: Float64Array[][] } {
  const random = new Random(seed);
  const labels = new Int8Array(count);
  const rows: Float64Array[][] = [];
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [0, 1, 2].map(() => Array.from({ length: 3 }, () => random.normal()));
    const p = softmax(a.map((x, k) => x + b[k] + (k === 1 ? 0.5 : 0)));
    let u = random.float();
    while (labels[i] < 2 && u >= p[labels[i]]) u -= p[labels[i]++];
    rows.push([a, b, c].map((z) => Float64Array.from(softmax(z))));
  }
  const folds = [0, 1, 2, 3].map((f) => {
    const [from, to] = [(f * count) / 4, ((f + 1) * count) / 4];
    const trained = [
      { from: 0, to: from - 10 },
      { from: to + 10, to: count },
    ].filter((range) => range.to > range.from);
    const numbers = Int32Array.from({ length: to - from }, (_, i) => from + i);
    const members = [0, 1, 2].map((m) =>
      Float64Array.from({ length: 3 * (to - from) }, (_, j) => rows[from + Math.floor(j / 3)][m][j % 3]),
    );
    return { trained, rows: numbers, members };
  });
  return { folds, labels, rows };
}

function lossOf(labels: Int8Array, said: (i: number) => Float64Array): number {
  return labels.reduce((sum, k, i) => sum - Math.log(said(i)[k]), 0) / labels.length;
}

describe('fitStacking', () => {
  it('adds up members that know different things, gives nothing to one that knows none, and beats each and their mean', () => {
    const { folds, labels } = planted(8000, 1);
    const stacking = fitStacking(folds, labels, 3, { horizon: 10 });
    const [a, b, c] = stacking.weights;
    expect(a).toBeGreaterThan(0.9);
    expect(b).toBeGreaterThan(0.9);
    expect(c).toBeLessThan(0.06);
    expect(stacking.biases[1] - stacking.biases[0]).toBeGreaterThan(0.35);
    const unseen = planted(8000, 2);
    const out = new Float64Array(3);
    const loss = lossOf(unseen.labels, (i) => {
      stacking.apply(unseen.rows[i], out);
      return out;
    });
    for (let m = 0; m < 3; m++) expect(loss).toBeLessThan(lossOf(unseen.labels, (i) => unseen.rows[i][m]) - 0.1);
    const even = lossOf(unseen.labels, (i) => out.map((_, k) => unseen.rows[i].reduce((s, p) => s + p[k] / 3, 0)));
    expect(loss).toBeLessThan(even - 0.1);
  });

  it('never weighs a member below 0, where one says the opposite of what comes', () => {
    const { folds, labels } = planted(4000, 3);
    const against = folds.map((fold) => ({
      ...fold,
      members: [fold.members[0], fold.members[0].map((_, j) => inverse(fold.members[1], j))],
    }));
    const stacking = fitStacking(against, labels, 3, { horizon: 1 });
    expect(stacking.weights[1]).toBe(0);
    expect(stacking.weights[0]).toBeGreaterThan(0.5);
  });

  it('leaves out rows without a label', () => {
    const { folds, labels } = planted(2000, 4);
    const holes = labels.map((k, i) => (i % 2 === 0 ? -1 : k));
    const odd = folds.map((fold) => {
      const keep = [...fold.rows.keys()].filter((i) => fold.rows[i] % 2 === 1);
      return {
        trained: fold.trained,
        rows: Int32Array.from(keep, (i) => fold.rows[i]),
        members: fold.members.map((p) => Float64Array.from(keep.flatMap((i) => [...p.subarray(3 * i, 3 * i + 3)]))),
      };
    });
    const options = { horizon: 10 };
    const expected = fitStacking(odd, labels, 3, options).toJson();
    expect(fitStacking(folds, holes, 3, options).toJson()).toEqual(expected);
    expect(() =>
      fitStacking(
        folds,
        labels.map(() => -1),
        3,
        options,
      ),
    ).toThrow(/no row .* has a label/);
  });

  it('refuses forecasts of rows that their members had seen, or whose labels overlap those', () => {
    const { folds, labels } = planted(400, 5);
    const stack = (trained: { from: number; to: number }[], horizon: number): Stacking =>
      fitStacking([{ ...folds[1], trained }], labels, 3, { horizon });
    // Fold 1 forecasts rows 100 to 199.
    expect(() => stack([{ from: 150, to: 151 }], 1)).toThrow(/forecasts row 150, .* fitted on rows 150 to 150/);
    expect(() => stack([{ from: 0, to: 101 }], 0)).toThrow(/forecasts row 100/);
    expect(() => stack([{ from: 0, to: 100 }], 1)).not.toThrow();
    expect(() => stack([{ from: 0, to: 92 }], 10)).toThrow(/nearer than the horizon of 10/);
    expect(() => stack([{ from: 0, to: 92 }], 10)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    // The label of row 90 is decided by the mid of row 100, which is where the forecast begins.
    expect(() => stack([{ from: 0, to: 91 }], 10)).not.toThrow();
    expect(() => stack([{ from: 208, to: 400 }], 10)).toThrow(/row 199/);
    expect(() => stack([{ from: 209, to: 400 }], 10)).not.toThrow();
  });

  it('refuses folds that do not fit together', () => {
    const { folds, labels } = planted(400, 6);
    const options = { horizon: 1 };
    expect(() => fitStacking([], labels, 3, options)).toThrow(/no folds/);
    expect(() => fitStacking([folds[0], folds[0]], labels, 3, options)).toThrow(/row 0, .* was forecast before/);
    const fewer = { ...folds[1], members: folds[1].members.slice(1) };
    expect(() => fitStacking([folds[0], fewer], labels, 3, options)).toThrow(/fold 1 has not 3 members/);
  });
});

describe('Stacking', () => {
  const members = [Float64Array.of(0.5, 0.25, 0.25), Float64Array.of(0.2, 0.4, 0.4), Float64Array.of(0.1, 0.1, 0.8)];

  it('is the weighted product of its members', () => {
    const out = new Float64Array(3);
    new Stacking([1, 2, 0], [0, 0, Math.log(3)]).apply(members, out);
    const raw = [0.5 * 0.04, 0.25 * 0.16, 0.25 * 0.16 * 3];
    const sum = raw[0] + raw[1] + raw[2];
    expect([...out].map((x) => x.toFixed(12))).toEqual(raw.map((x) => (x / sum).toFixed(12)));
  });

  it('raises the others where a member sleeps, and hears those without weight where only they are awake', () => {
    const stacking = new Stacking([1, 3, 0], [0, 0.5, 0]);
    const out = new Float64Array(3);
    const expected = new Float64Array(3);
    stacking.combine(members, Uint8Array.of(1, 1, 1), out);
    stacking.apply(members, expected);
    expect(out).toEqual(expected);
    stacking.combine(members, Uint8Array.of(1, 0, 1), out);
    new Stacking([4, 0, 0], [0, 0.5, 0]).apply(members, expected);
    expect(out).toEqual(expected);
    stacking.combine(members, Uint8Array.of(0, 0, 1), out);
    new Stacking([0, 0, 4], [0, 0.5, 0]).apply(members, expected);
    expect(out).toEqual(expected);
    expect(() => stacking.combine(members, new Uint8Array(3), out)).toThrow(/a member is awake/);
  });

  it('is the same after JSON, and after its state', () => {
    const stacking = new Stacking([0.7, 0.1], [0.2, -0.2, 0]);
    expect(readStacking(JSON.parse(JSON.stringify(stacking.toJson())), 'x')).toEqual(stacking);
    const other = new Stacking([0, 0], [0, 0, 0]);
    other.restore(stacking.save());
    other.settle();
    expect(other.toJson()).toEqual(stacking.toJson());
    expect(() => new Stacking([1], [0, 0]).restore(stacking.save())).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
    for (const odd of [null, {}, { weights: [], biases: [0, 0] }, { weights: [-1], biases: [0, 0] }]) {
      expect(() => readStacking(odd, 'a.json')).toThrow(/a.json holds no stacking/);
    }
  });
});

function inverse(p: Float64Array, j: number): number {
  const from = 3 * Math.floor(j / 3);
  return 1 / p[j] / (1 / p[from] + 1 / p[from + 1] + 1 / p[from + 2]);
}
