import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { fitMonitorReference } from '../../../src/forecast/fitting.ts';
import {
  Cause,
  ConformalSets,
  ForecastMonitor,
  type MonitorOptions,
  readMonitorReference,
} from '../../../src/forecast/index.ts';
import { labelOf } from '../../models/support.ts';
import { madeUp, rowOf } from '../made-up-stream.ts';

const CLASSES = ['down', 'flat', 'up'];
const COUNT = 8000;
const training = madeUp(COUNT, 1, (z) => z);
const random = new Random(2);
const rows = {
  data: Float32Array.from({ length: 2 * COUNT }, (_, j) => (j % 2 === 0 ? random.normal() : Math.floor(j / 2) % 3)),
  width: 2,
  names: ['a', 'b'],
};
const reference = fitMonitorReference(rows, 0, COUNT, training);

function feed(monitor: ForecastMonitor, from: number, to: number, stream = training, shift = 0): void {
  const sets = new ConformalSets({ classes: 3 });
  const set = sets.emptySet();
  for (let i = from; i < to; i++) {
    sets.predict(i, rowOf(stream, i), set);
    const a = i % 100 === 7 ? Number.NaN : rows.data[2 * i] + shift;
    monitor.onForecast(Float64Array.of(a, rows.data[2 * i + 1]), i % 8);
    monitor.onOutcome(rowOf(stream, i), i % 2 === 0 ? set : null, labelOf(stream.labels[i]), { tsNs: i, span: 1 });
  }
}

describe('fitMonitorReference', () => {
  it('has equal parts of the signals and of the largest probability', () => {
    const [a, b] = reference.signals;
    expect(a.edges).toHaveLength(9);
    for (const share of a.shares.slice(0, 10)) expect(share).toBeCloseTo(0.1, 3);
    expect(a.shares[10]).toBe(0);
    // Three values: two edges, each in the bin below it.
    expect(b.edges).toEqual([0, 1]);
    expect(b.shares.slice(0, 3).every((share) => Math.abs(share - 1 / 3) < 1e-3)).toBe(true);
    expect(reference.edges).toHaveLength(14);
    expect(reference.ece).toBeLessThan(0.03);
    expect(reference.prior.reduce((s, p) => s + p, 0)).toBeCloseTo(1, 9);
    expect(reference.gaps.reduce((s, p) => s + p, 0)).toBeCloseTo(0, 9);
  });

  it('survives JSON, and is refused where it is none', () => {
    expect(readMonitorReference(JSON.parse(JSON.stringify(reference)), 'x')).toEqual(reference);
    const odd = [
      null,
      {},
      { ...reference, gaps: [0] },
      { ...reference, signals: [{ name: 'a', edges: [1], shares: [1] }] },
    ];
    for (const json of odd) expect(() => readMonitorReference(json, 'a.json')).toThrow(/a.json holds no reference/);
  });
});

describe('ForecastMonitor', () => {
  const make = (options: Partial<MonitorOptions> = {}): ForecastMonitor =>
    new ForecastMonitor({ classes: CLASSES, reference, stages: ['features', 'models'], ...options });

  it('says nothing before the first forecast, as JSON', () => {
    const snapshot = make().snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot.scores.map(({ window, outcomes, logLoss }) => [window, outcomes, logLoss])).toEqual([
      [1000, 0, null],
      [10_000, 0, null],
      [null, 0, null],
    ]);
    expect(snapshot.calibration).toMatchObject({ ece: null, gaps: null });
  });

  it('scores the outcomes of a window as a plain loop does', () => {
    const monitor = make({ windows: [1000] });
    const sets = new ConformalSets({ classes: 3 });
    const set = sets.emptySet();
    const seen: { p: Float64Array; label: number; size: number; hit: number }[] = [];
    for (let i = 0; i < 2000; i++) {
      const [p, label] = [rowOf(training, i), training.labels[i]];
      sets.predict(i, p, set);
      monitor.onOutcome(p, set, labelOf(label), { tsNs: i, span: 1 });
      seen.push({ p, label, size: set.size, hit: set.members[label] });
      sets.learn(set, labelOf(label));
    }
    const [window, all] = monitor.snapshot().scores;
    for (const [score, part] of [
      [window, seen.slice(1000)],
      [all, seen],
    ] as const) {
      const mean = (f: (x: (typeof seen)[0]) => number): number => part.reduce((s, x) => s + f(x), 0) / part.length;
      const loss = mean(({ p, label }) => -Math.log(p[label]));
      expect(score.outcomes).toBe(part.length);
      expect(score.logLoss).toBeCloseTo(loss, 9);
      expect(score.gain).toBeCloseTo(mean(({ label }) => -Math.log(reference.prior[label])) - loss, 9);
      const blind = mean(({ p, label }) => -Math.log(label === 1 ? p[1] : (p[0] + p[2]) / 2));
      expect(score.directionGain).toBeCloseTo(blind - loss, 9);
      const brier = mean(({ p, label }) => [...p].reduce((s, q, k) => s + (q - (k === label ? 1 : 0)) ** 2, 0));
      expect(score.brier).toBeCloseTo(brier, 9);
      expect(score.accuracy).toBeCloseTo(
        mean(({ p, label }) => (Math.max(...p) === p[label] ? 1 : 0)),
        9,
      );
      expect(score.coverage).toBeCloseTo(
        mean(({ hit }) => hit),
        9,
      );
      expect(score.setSize).toBeCloseTo(
        mean(({ size }) => size),
        9,
      );
      expect(score.singletons).toBeCloseTo(
        mean(({ size }) => (size === 1 ? 1 : 0)),
        9,
      );
    }
  });

  it('has the reference’s own calibration on the reference’s own forecasts, and sees it drift', () => {
    const same = make({ windows: [COUNT] });
    feed(same, 0, COUNT);
    const { ece, gaps, referenceEce, referenceGaps } = same.snapshot().calibration;
    expect(ece).toBeCloseTo(referenceEce!, 9);
    gaps!.forEach((gap, k) => {
      expect(gap).toBeCloseTo(referenceGaps![k], 9);
    });
    const drifted = make({ windows: [COUNT] });
    feed(
      drifted,
      0,
      COUNT,
      madeUp(COUNT, 3, (z) => [3 * z[0] + 1, 3 * z[1], 3 * z[2]]),
    );
    const later = drifted.snapshot().calibration;
    expect(later.ece!).toBeGreaterThan(5 * referenceEce!);
    expect(later.gaps![0]).toBeGreaterThan(0.05);
  });

  it('finds the signal that moved, and no other', () => {
    const monitor = make();
    feed(monitor, 0, COUNT, training, 1);
    const [a, b] = monitor.snapshot().stability;
    expect(a.psi).toBeGreaterThan(0.25);
    expect(a.missing).toBeCloseTo(0.01, 3);
    expect(b.psi).toBeLessThan(0.001);
  });

  it('counts abstentions by cause, and times stages', () => {
    const monitor = make();
    feed(monitor, 0, 80);
    monitor.onLatency(1, 5000);
    const snapshot = monitor.snapshot();
    expect(snapshot.forecasts).toBe(80);
    expect(snapshot.abstentions).toEqual({ stale: 40, far: 40, ambiguous: 40 });
    expect(Cause.STALE | Cause.FAR | Cause.AMBIGUOUS).toBe(7);
    expect(snapshot.latency.models).toMatchObject({ count: 1, maxNs: 5000 });
    expect(snapshot.latency.features).toMatchObject({ count: 0 });
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it('sounds one alarm, soon after forecasts stopped to fit, and none while they do', () => {
    const monitor = make({ windows: [1000] });
    feed(monitor, 0, 4000);
    expect(monitor.snapshot().changes).toMatchObject({ alarms: 0, last: [] });
    expect(monitor.snapshot().changes.probability).toBeLessThan(0.1);
    // Every outcome is another class than the one that was meant.
    const labels = Int8Array.from(training.labels, (label) => (label + 1) % 3);
    feed(monitor, 4000, 5000, { ...training, labels });
    const { alarms, last } = monitor.snapshot().changes;
    expect(alarms).toBe(1);
    expect(last[0].tsNs).toBeGreaterThan(4000);
    expect(last[0].tsNs).toBeLessThan(4200);
    expect(last[0].probability).toBeGreaterThan(0.5);
  });

  it('works without a reference: gains are over equal classes', () => {
    const monitor = make({ reference: null, windows: [100] });
    feed(monitor, 0, 100);
    const { scores, stability, calibration } = monitor.snapshot();
    expect(scores[0].gain).toBeCloseTo(Math.log(3) - scores[0].logLoss!, 9);
    expect(stability).toEqual([]);
    expect(calibration.referenceEce).toBeNull();
    expect(calibration.ece).toBeGreaterThan(0);
  });

  it('goes on bit for bit after it was saved and restored', () => {
    const options = { windows: [100, 1000] };
    const whole = make(options);
    feed(whole, 0, 1234);
    const part = make(options);
    part.restore(whole.save());
    feed(whole, 1234, 3000);
    feed(part, 1234, 3000);
    expect(part.snapshot()).toEqual(whole.snapshot());
    expect(part.save()).toEqual(whole.save());
    for (const other of [make(), make({ windows: [100, 2000] }), make({ reference: null, ...options })]) {
      expect(() => other.restore(whole.save())).toThrow(expect.objectContaining({ code: 'bad-input' }));
    }
  });
});
