import { Random } from '../../src/core/index.ts';
import type { ComparedRun } from '../../src/report/index.ts';
import type { MetricsLine, RunState } from '../../src/store/index.ts';
import { runOutcome, runStart } from '../store/runs/fixture.ts';

interface Wanted {
  readonly model: string;
  readonly logLoss: number;
  readonly config: Record<string, unknown>;
  readonly state?: RunState;
  readonly epochs?: number;
  readonly simulated?: boolean;
}

/** A run that never was, with a curve that falls towards its score. */
export function syntheticRun(i: number, wanted: Wanted): ComparedRun {
  const { model, logLoss, config, state = 'finished', epochs = 20, simulated = false } = wanted;
  const id = `20261122-18081${i}000-3fa9c${i}`;
  const random = new Random(i);
  const start = runStart({ model, config, seed: 7, data: { ...runStart().data, simulated } });
  const startedMs = Date.UTC(2026, 10, 22, 18, 8, 10 + i);
  const lines: MetricsLine[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const fall = 0.14 * Math.exp(-epoch / 5);
    const t = startedMs + epoch * 1000;
    for (let block = 1; block <= 4; block++) {
      const step = (epoch - 1) * 200 + block * 50;
      lines.push({ t, epoch, step, metrics: { 'train-loss': logLoss - 0.01 + fall + 0.012 * random.normal() } });
    }
    const overfit = 0.0004 * Math.max(0, epoch - 10) ** 2 * (i % 2);
    const metrics = {
      'validation-log-loss': logLoss + 0.6 * fall + overfit + 0.002 * random.normal(),
      'validation-mcc': 1.1 - logLoss - fall + 0.004 * random.normal(),
    };
    lines.push({ t, epoch, step: epoch * 200, metrics });
  }
  const outcome = runOutcome(
    logLoss,
    state === 'failed' ? { status: 'failed', message: 'the loss is not finite' } : {},
  );
  const ended = state === 'finished' || state === 'failed';
  const artefacts = [{ name: 'model.onnx', bytes: 912_345, sha256: '0dd5'.repeat(16) }];
  const record = { format: 1 as const, id, startedMs, ...start };
  const result = { format: 1 as const, endedMs: startedMs + 60_000, ...outcome, artefacts };
  return {
    run: { id, folder: `runs/${id}`, record, state, attempts: 1, result: ended ? result : null },
    curve: {
      lines,
      notes:
        state === 'interrupted' ? ['the last line of metrics.jsonl was never finished (12 bytes) and is left out'] : [],
    },
    trials: { runs: 17, distinct: 15, ofStudies: 12 },
  };
}

/** Four finished runs, one that was interrupted. */
export function syntheticRuns(simulated = false): ComparedRun[] {
  const training = { training: { rate: 0.001, batch: 256, optimiser: { kind: 'adamw', decay: 0.01 } } };
  return [
    syntheticRun(1, { model: 'lstm', logLoss: 0.975, config: { hidden: 128, layers: 2, ...training }, simulated }),
    syntheticRun(2, { model: 'transformer', logLoss: 0.983, config: { width: 64, heads: 4, ...training }, simulated }),
    syntheticRun(3, {
      model: 'bin-ctabl',
      logLoss: 0.968,
      config: { training: { ...training.training, rate: 0.0003 } },
      simulated,
    }),
    syntheticRun(4, { model: 'logistic', logLoss: 1.046, config: { ...training, l2: 0.0001 }, simulated }),
    syntheticRun(5, { model: 'deeplob', logLoss: 0.99, config: training, state: 'interrupted', epochs: 7, simulated }),
  ];
}
