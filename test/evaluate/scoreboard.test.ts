import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLossOf, type ModelScore, Scoreboard } from '../../src/evaluate/index.ts';

function scoreOf(classes: number, labels: readonly number[], rows: readonly (readonly number[])[]): ModelScore {
  const board = new Scoreboard(1, classes);
  labels.forEach((label, i) => {
    board.add(0, label, Float64Array.from(rows[i]));
  });
  return board.score(0);
}

/** Probabilities whose likeliest class is `k`. */
function certain(k: number, classes: number): number[] {
  return Array.from({ length: classes }, (_, j) => (j === k ? 1 : 0));
}

describe('Scoreboard', () => {
  // The examples of scikit-learn's user guide for log_loss, brier_score_loss, f1_score and matthews_corrcoef.
  it('log-loss: ham and spam', () => {
    const rows = [
      [0.1, 0.9],
      [0.9, 0.1],
      [0.8, 0.2],
      [0.35, 0.65],
    ];
    expect(scoreOf(2, [1, 0, 0, 1], rows).logLoss).toBeCloseTo(0.21616, 5);
  });

  it('Brier: 0.0375 for one class alone, twice that over both', () => {
    const rows = [0.1, 0.9, 0.8, 0.3].map((p) => [1 - p, p]);
    expect(scoreOf(2, [0, 1, 1, 0], rows).brier).toBeCloseTo(2 * 0.0375, 12);
  });

  it('macro-F1 and accuracy: three classes', () => {
    const predicted = [0, 2, 1, 0, 0, 1];
    const score = scoreOf(
      3,
      [0, 1, 2, 0, 1, 2],
      predicted.map((k) => certain(k, 3)),
    );
    // F1 of class 0 is 2 · 2 / (2 + 3), of the others 0.
    expect(score.macroF1).toBeCloseTo(0.8 / 3, 12);
    expect(score.accuracy).toBeCloseTo(1 / 3, 12);
  });

  it('MCC of two classes', () => {
    const predicted = [1, 0, 1, 1];
    const score = scoreOf(
      2,
      [1, 1, 1, 0],
      predicted.map((k) => certain(k, 2)),
    );
    expect(score.mcc).toBeCloseTo(-1 / 3, 12);
  });

  it('R_K of three classes, by hand', () => {
    // [actual][predicted] = [[2, 1, 0], [0, 3, 1], [1, 0, 2]]: c = 7, s = 10, t = p = (3, 4, 3);
    // (7 · 10 − (9 + 16 + 9)) / (100 − 34) = 36 / 66.
    const confusion = [
      [2, 1, 0],
      [0, 3, 1],
      [1, 0, 2],
    ];
    const board = new Scoreboard(1, 3);
    confusion.forEach((row, actual) => {
      row.forEach((count, predicted) => {
        for (let i = 0; i < count; i++) board.add(0, actual, Float64Array.from(certain(predicted, 3)));
      });
    });
    expect(board.score(0).mcc).toBeCloseTo(36 / 66, 12);
    expect(board.confusion(0, 1, 2)).toBe(1);
  });

  it('direction gain: what is lost by averaging down and up', () => {
    const rows = [
      [0.5, 0.3, 0.2],
      [0.1, 0.8, 0.1],
      [0.1, 0.5, 0.4],
    ];
    const score = scoreOf(3, [0, 1, 2], rows);
    // Flat costs the same either way; down gains ln(.5 / .35), up ln(.4 / .25).
    expect(score.directionGain).toBeCloseTo((Math.log(0.5 / 0.35) + Math.log(0.4 / 0.25)) / 3, 12);
  });

  it('leaves out classes that neither occurred nor were predicted, and calls a constant guess uncorrelated', () => {
    const score = scoreOf(3, [0, 0], [certain(0, 3), certain(0, 3)]);
    expect(score).toMatchObject({ n: 2, accuracy: 1, macroF1: 1, mcc: 0 });
  });

  it('scores a class held impossible as one in 1e9', () => {
    expect(scoreOf(2, [1], [[1, 0]]).logLoss).toBeCloseTo(20.723, 3);
    expect(logLossOf(Number.NaN)).toBeCloseTo(20.723, 3);
  });

  it('has nothing to say before the first label, and keeps models apart', () => {
    const board = new Scoreboard(2, 2);
    expect(board.score(0)).toEqual({
      n: 0,
      logLoss: null,
      brier: null,
      accuracy: null,
      macroF1: null,
      mcc: null,
      directionGain: null,
    });
    expect(board.add(1, 0, Float64Array.of(9, 9, 0.25, 0.75), 2)).toBeCloseTo(Math.log(4), 12);
    expect(board.score(0).n).toBe(0);
    expect(board.score(1)).toMatchObject({ n: 1, accuracy: 0 });
    expect(() => new Scoreboard(0, 2)).toThrow('a model');
  });

  it('equals the definitions on any predictions', () => {
    const decision = fc.record({
      label: fc.integer({ min: 0, max: 2 }),
      p: fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 9 }))),
    });
    fc.assert(
      fc.property(fc.array(decision, { minLength: 1, maxLength: 40 }), (decisions) => {
        const rows = decisions.map(({ p }) => p.map((v) => v / (p[0] + p[1] + p[2])));
        const labels = decisions.map(({ label }) => label);
        const guesses = rows.map((row) => row.indexOf(Math.max(...row)));
        const score = scoreOf(3, labels, rows);
        const mean = (f: (i: number) => number): number => rows.reduce((a, _, i) => a + f(i), 0) / rows.length;
        expect(score.logLoss).toBeCloseTo(
          mean((i) => -Math.log(rows[i][labels[i]])),
          10,
        );
        expect(score.accuracy).toBeCloseTo(
          mean((i) => (guesses[i] === labels[i] ? 1 : 0)),
          10,
        );
        // R_K is the correlation of the one-hot matrices, summed over the classes.
        const cov = (a: readonly number[], b: readonly number[]): number => {
          let sum = 0;
          for (let k = 0; k < 3; k++) {
            const ma = mean((i) => (a[i] === k ? 1 : 0));
            const mb = mean((i) => (b[i] === k ? 1 : 0));
            sum += mean((i) => ((a[i] === k ? 1 : 0) - ma) * ((b[i] === k ? 1 : 0) - mb));
          }
          return sum;
        };
        const spread = Math.sqrt(cov(labels, labels) * cov(guesses, guesses));
        expect(score.mcc).toBeCloseTo(spread < 1e-12 ? 0 : cov(labels, guesses) / spread, 8);
      }),
    );
  });
});
