import { expect, it } from 'vitest';
import { classCounts, sharesOf } from '../../../src/models/training.ts';

it('counts classes, absent ones too, and tells their shares', () => {
  const counts = classCounts({ labels: Int32Array.of(2, 0, 2, 2) }, 3);
  expect([...counts]).toEqual([1, 0, 3]);
  expect([...sharesOf(counts)]).toEqual([0.25, 0, 0.75]);
  expect([...sharesOf(new Float64Array(2))]).toEqual([Number.NaN, Number.NaN]);
});
