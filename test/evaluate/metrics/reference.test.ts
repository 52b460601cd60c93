import { describe, expect, it } from 'vitest';
import {
  brierDecomposition,
  classificationOf,
  classRankings,
  confusionMatrix,
  rowScores,
  Scoreboard,
} from '../../../src/evaluate/index.ts';
import { REFERENCE } from '../reference-scores.ts';

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe(`metrics are those of ${REFERENCE.source}`, () => {
  it.each(REFERENCE.cases)('$name', (expected) => {
    const labels = Int8Array.from(expected.labels);
    const probabilities = Float64Array.from(expected.probabilities);
    const { classes } = expected;
    const confusion = confusionMatrix(labels, probabilities);
    expect(Array.from(confusion)).toEqual(expected.confusion.flat());
    const report = classificationOf(confusion, classes);
    for (const key of ['mcc', 'accuracy', 'balancedAccuracy', 'macroF1'] as const) {
      expect(report[key], key).toBeCloseTo(expected[key], 12);
    }
    const rankings = classRankings(labels, probabilities);
    const { brier, perClass } = brierDecomposition(labels, probabilities);
    for (let k = 0; k < classes; k++) {
      // scikit-learn says 0 where a class was never predicted; here that is null.
      expect(report.perClass[k].precision ?? 0).toBeCloseTo(expected.precision[k], 12);
      expect(report.perClass[k].recall).toBeCloseTo(expected.recall[k], 12);
      expect(report.perClass[k].f1).toBeCloseTo(expected.f1[k], 12);
      expect(rankings[k].rocAuc).toBeCloseTo(expected.rocAuc[k], 12);
      expect(rankings[k].prAuc).toBeCloseTo(expected.prAuc[k], 12);
      expect(perClass[k].brier).toBeCloseTo(expected.brierPerClass[k], 12);
    }
    const rows = rowScores(labels, probabilities);
    expect(mean(rows.logLoss)).toBeCloseTo(expected.logLoss, 12);
    expect(mean(rows.brier)).toBeCloseTo(expected.brier, 12);
    expect(brier).toBeCloseTo(expected.brier, 12);
  });

  it('agree with the running scores', () => {
    const { labels, probabilities, classes } = REFERENCE.cases[0];
    const board = new Scoreboard(1, classes);
    labels.forEach((label, row) => {
      board.add(0, label, Float64Array.from(probabilities), row * classes);
    });
    const rows = rowScores(Int32Array.from(labels), Float64Array.from(probabilities));
    expect(mean(rows.directionGain)).toBeCloseTo(board.score(0).directionGain as number, 12);
    expect(mean(rows.logLoss)).toBeCloseTo(board.score(0).logLoss as number, 12);
  });
});

describe('classes that never came', () => {
  const labels = Int8Array.of(0, 0, 0);
  const probabilities = Float64Array.of(0.6, 0.3, 0.1, 0.2, 0.7, 0.1, 0.5, 0.4, 0.1);

  it('have no recall and no ranking', () => {
    const { perClass, balancedAccuracy } = classificationOf(confusionMatrix(labels, probabilities), 3);
    expect(perClass[1]).toEqual({ actual: 0, predicted: 1, precision: 0, recall: null, f1: 0 });
    expect(perClass[2]).toEqual({ actual: 0, predicted: 0, precision: null, recall: null, f1: null });
    expect(balancedAccuracy).toBeCloseTo(2 / 3, 12);
    expect(classRankings(labels, probabilities)).toEqual([
      { rocAuc: null, prAuc: 1 },
      { rocAuc: null, prAuc: null },
      { rocAuc: null, prAuc: null },
    ]);
  });

  it('need a probability for each class', () => {
    expect(() => confusionMatrix(labels, probabilities.subarray(1))).toThrow('a probability for each');
  });
});
