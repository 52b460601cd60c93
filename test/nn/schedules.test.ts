import { describe, expect, it } from 'vitest';
import { checkSchedule, rateAt, type SchedulePoint, type ScheduleSpec } from '../../src/nn/index.ts';

const PLATEAU = [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2];

const at = (step: number, losses: readonly number[] = []): SchedulePoint => ({
  step,
  stepsAnEpoch: 10,
  steps: 100,
  losses,
});

describe('schedules', () => {
  it('stay, drop by epochs, or fall along a cosine', () => {
    expect(rateAt({ kind: 'constant' }, 0.1, at(57))).toBe(0.1);
    const step: ScheduleSpec = { kind: 'step', every: 2, factor: 0.5 };
    expect([0, 19, 20, 39, 40].map((i) => rateAt(step, 1, at(i)))).toEqual([1, 1, 0.5, 0.5, 0.25]);
    const cosine: ScheduleSpec = { kind: 'cosine', floor: 0.1 };
    expect(rateAt(cosine, 2, at(0))).toBe(2);
    expect(rateAt(cosine, 2, at(50))).toBeCloseTo(1.1, 12);
    expect(rateAt(cosine, 2, at(25))).toBeCloseTo(2 * (0.1 + 0.9 * 0.5 * (1 + Math.SQRT1_2)), 12);
    expect(rateAt(cosine, 2, at(100))).toBeCloseTo(0.2, 12);
  });

  it('warm up evenly to where they begin', () => {
    for (const schedule of [
      { kind: 'constant', warmUp: 4 },
      { kind: 'cosine', warmUp: 4 },
      { kind: 'plateau', patience: 1, warmUp: 4 },
    ] as const)
      expect([0, 1, 2, 3, 4].map((i) => rateAt(schedule, 5, at(i)))).toEqual([1, 2, 3, 4, 5]);
    // A warm-up as long as the training never divides by nothing.
    expect(rateAt({ kind: 'cosine', warmUp: 100 }, 1, at(99))).toBeCloseTo(100 / 101, 12);
    expect(rateAt({ kind: 'cosine', warmUp: 100 }, 1, at(100))).toBe(1);
  });

  it('halve when the loss has not fallen for more than the patience, as PyTorch does', () => {
    const plateau: ScheduleSpec = { kind: 'plateau', patience: 1, floor: 0.2 };
    // torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.5, patience=1, min_lr=0.2) on the same losses, PyTorch 1.13.1.
    const losses = [1, 0.9, 0.95, 0.92, 0.91, 0.8, 0.81, 0.82, 0.79999, 0.83, 0.84, 0.85];
    const rates = losses.map((_, i) => rateAt(plateau, 1, at(0, losses.slice(0, i + 1))));
    expect(rates).toEqual(PLATEAU);
    expect(rateAt(plateau, 1, at(0))).toBe(1);
  });

  it('are refused where they make no sense', () => {
    const refused: [ScheduleSpec, RegExp][] = [
      [{ kind: 'constant', warmUp: -1 }, /warmUp is a whole number from 0 on, and not -1/],
      [{ kind: 'step', every: 0, factor: 0.5 }, /every is a whole number from 1 on/],
      [{ kind: 'step', every: 1, factor: 2 }, /factor is in \[0, 1\], and not 2/],
      [{ kind: 'cosine', floor: Number.NaN }, /floor is in \[0, 1\]/],
      [{ kind: 'plateau', patience: 0.5 }, /patience/],
      [{ kind: 'plateau', patience: 1, factor: -1 }, /factor/],
      [{ kind: 'plateau', patience: 1, threshold: 2 }, /threshold/],
    ];
    for (const [schedule, message] of refused) expect(() => checkSchedule(schedule)).toThrow(message);
    checkSchedule({ kind: 'plateau', patience: 1 });
  });
});
