import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import type { LabelledRows } from '../../../src/models/trees/bins.ts';
import { Booster, type BoosterOptions } from '../../../src/models/trees/booster.ts';
import { GROWING, randomRows } from './support.ts';

function boosted(source: LabelledRows, rounds: number, options: Partial<BoosterOptions> = {}): Booster {
  const booster = new Booster(source, { ...GROWING, monotone: new Int8Array(source.width), ...options });
  for (let round = 0; round < rounds; round++) booster.round();
  return booster;
}

function accuracy(booster: Booster, { data, width, rows, labels }: LabelledRows): number {
  const { classes } = booster.ensemble;
  const p = booster.ensemble.predict(data, width, rows);
  return (
    labels.filter((label, i) => p[i * classes + label] === Math.max(...p.subarray(i * classes, (i + 1) * classes)))
      .length / labels.length
  );
}

/** Classes by the signs of two columns: no column says anything by itself. */
function xor(rows: number, classes: number, seed = 1): LabelledRows {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 3 * rows }, () => random.normal());
  const labels = Int32Array.from({ length: rows }, (_, i) => {
    const odd = data[3 * i] > 0 !== data[3 * i + 1] > 0;
    return classes === 2 ? Number(odd) : odd ? 2 : Number(data[3 * i] > 0);
  });
  return { data, width: 3, rows: Int32Array.from({ length: rows }, (_, i) => i), labels };
}

describe('Booster', () => {
  it.each([2, 3])('learns XOR with %i classes', (classes) => {
    const booster = boosted(xor(2000, classes), 40, { classes });
    expect(accuracy(booster, xor(2000, classes, 2))).toBeGreaterThan(0.97);
    const { gain, splits } = booster.ensemble.importance();
    expect(gain[0] + gain[1]).toBeGreaterThan(20 * gain[2]);
    expect(splits.every((n) => n >= 0)).toBe(true);
  });

  it('learns where missing values belong', () => {
    const random = new Random(1);
    const rows = 600;
    const labels = Int32Array.from({ length: rows }, () => random.below(2));
    // Missing for one class, far to either side for the other.
    const data = Float32Array.from(labels, (label) => (label === 1 ? Number.NaN : random.bernoulli(0.5) ? 5 : -5));
    const source = { data, width: 1, rows: Int32Array.from({ length: rows }, (_, i) => i), labels };
    expect(accuracy(boosted(source, 20, { classes: 2 }), source)).toBe(1);
    // A column that is one number or missing can still be split.
    const constant = { ...source, data: data.map((x) => (Number.isNaN(x) ? x : 7)) };
    const booster = boosted(constant, 20, { classes: 2 });
    expect(accuracy(booster, constant)).toBe(1);
    expect(booster.constant).toEqual([]);
  });

  it('sends what training never missed where most rows went', () => {
    const { ensemble } = boosted(randomRows({ seed: 2, rows: 300, width: 3, missing: 0 }), 3);
    for (let node = 0; node < ensemble.nodes; node++) {
      if (ensemble.feature[node] < 0) continue;
      const [left, right] = [ensemble.left[node], ensemble.right[node]].map((child) => ensemble.cover[child]);
      expect(ensemble.missingLeft[node]).toBe(left >= right ? 1 : 0);
      expect(left + right).toBe(ensemble.cover[node]);
    }
  });

  it.each([1, -1])('keeps the log-odds of up against down monotone (%i)', (direction) => {
    const source = randomRows({ seed: 4, rows: 800, width: 3 });
    const contrast = (booster: Booster): number => {
      let against = 0;
      const random = new Random(9);
      for (let i = 0; i < 200; i++) {
        const row = [0, random.normal(), random.normal()];
        let last = Number.NEGATIVE_INFINITY;
        for (let x = -3; x <= 3; x += 0.05) {
          const p = booster.ensemble.predict(Float32Array.of(x, row[1], row[2]), 3, Int32Array.of(0));
          const odds = direction * Math.log(p[2] / p[0]);
          against = Math.max(against, last - odds);
          last = odds;
        }
      }
      return against;
    };
    expect(contrast(boosted(source, 15))).toBeGreaterThan(0.1);
    const kept = boosted(source, 15, { monotone: Int8Array.of(direction, 0, 0) });
    expect(contrast(kept)).toBeLessThan(1e-9);
    expect(kept.ensemble.importance().splits[0]).toBeGreaterThan(0);
  });

  it('lowers the loss from round to round, and counts the rows of a leaf exactly', () => {
    const source = randomRows({ seed: 6, rows: 900, width: 4 });
    const booster = new Booster(source, { ...GROWING, minSamples: 25, monotone: new Int8Array(4) });
    const losses = Array.from({ length: 12 }, () => booster.round().loss);
    for (let i = 1; i < losses.length; i++) expect(losses[i]).toBeLessThan(losses[i - 1]);
    const { ensemble } = booster;
    for (let node = 0; node < ensemble.nodes; node++) expect(ensemble.cover[node]).toBeGreaterThanOrEqual(25);
  });

  it('gives the same trees for the same seed, and others for another where rows or columns are drawn', () => {
    const source = randomRows({ seed: 8, rows: 500, width: 6 });
    const share = { rowShare: 0.6, featureShare: 0.5 };
    const trees = (options: Partial<BoosterOptions>): unknown => boosted(source, 5, options).ensemble;
    expect(trees({ ...share, seed: 3 })).toEqual(trees({ ...share, seed: 3 }));
    expect(trees({ ...share, seed: 3 })).not.toEqual(trees({ ...share, seed: 4 }));
    expect(boosted(source, 1, share).ensemble.cover[0]).toBe(300);
    expect(trees({ seed: 3 })).toEqual(trees({ seed: 4 }));
    expect(trees({ plain: true })).toEqual(trees({}));
  });

  it('says what it cannot split', () => {
    const source = randomRows({ seed: 8, rows: 100, width: 3 });
    for (let i = 0; i < 100; i++) source.data[3 * i + 1] = 4;
    expect(boosted(source, 1).constant).toEqual([1]);
  });
});
