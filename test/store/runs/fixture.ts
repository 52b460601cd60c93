import type { Clock } from '../../../src/core/index.ts';
import type { RunOutcome, RunStart } from '../../../src/store/index.ts';

/** What a run could be told; change what a test is about. */
export function runStart(changed: Partial<RunStart> = {}): RunStart {
  return {
    model: 'mlp',
    config: { widths: [64, 32], dropout: 0.1, training: { rate: 0.001 } },
    target: 'events:10',
    seed: 7,
    data: {
      hash: 'da7a'.repeat(16),
      schemaHash: '5c4e',
      files: [{ path: 'rows.parquet', bytes: 1234, sha256: 'f11e'.repeat(16) }],
      rows: 5000,
      simulated: true,
    },
    code: { version: '0.0.4', sha256: 'c0de'.repeat(16), commit: null },
    runtime: { node: '24.0.0', onnxruntime: '1.30.0' },
    device: 'cpu',
    threads: 2,
    machine: 'two cores of a test',
    trialOf: null,
    ...changed,
  };
}

/** What a run could come to. */
export function runOutcome(logLoss = 0.98, changed: Partial<RunOutcome> = {}): RunOutcome {
  const near = (value: number, half: number): { value: number; low: number; high: number } => ({
    value,
    low: value - half,
    high: value + half,
  });
  return {
    status: 'finished',
    message: null,
    metrics: {
      'validation-log-loss': near(logLoss, 0.01),
      'test-log-loss': near(logLoss + 0.01, 0.012),
      'test-mcc': near(1.1 - logLoss, 0.02),
      'test-macro-f1': { value: 0.4, low: null, high: null },
    },
    baselines: {
      'class frequencies': {
        'validation-log-loss': near(1.04, 0.005),
        'test-log-loss': near(1.05, 0.005),
        'test-mcc': { value: 0, low: null, high: null },
      },
    },
    seconds: { total: 12.5, train: 11 },
    parameters: 4867,
    multiplyAdds: 4704,
    ...changed,
  };
}

/** A clock that moves on by a second each time that it is looked at. */
export function steppingClock(startMs = Date.UTC(2026, 10, 22, 12)): Clock {
  let now = startMs;
  const next = (): number => {
    now += 1000;
    return now;
  };
  return { nowMs: next, monotonicNs: () => next() * 1e6 };
}
