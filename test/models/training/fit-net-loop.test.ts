import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { parseTarget } from '../../../src/models/index.ts';
import { CheckpointFile } from '../../../src/models/training/checkpoint-file.ts';
import { createDataset } from '../../../src/models/training/dataset.ts';
import { fitHash } from '../../../src/models/training/fit-net-hash.ts';
import { trainNet } from '../../../src/models/training/fit-net-loop.ts';
import { TrainingSchema } from '../../../src/models/training/training-config.ts';
import { readConfig } from '../../../src/models/training/training-config-reader.ts';
import type { CheckpointStore, FitEvent, Windows } from '../../../src/models/training.ts';
import { tempFolder } from '../../cli/support.ts';
import { signalMatrix } from './signal-matrix.ts';
import { SoftmaxTrainer, softmax } from './softmax-trainer.ts';

const data = createDataset({ matrix: signalMatrix(1200, 0.8), target: parseTarget('events:1'), length: 3 });
const { width } = data.matrix;

async function predict(weights: Float32Array, windows: Windows): Promise<Float64Array> {
  const x = new Float32Array(windows.length * windows.count * width);
  windows.fill(null, 0, windows.count, x, windows.count, new Int32Array(windows.count));
  const out = new Float64Array(windows.count * 3);
  for (let b = 0; b < windows.count; b++)
    out.set(softmax(x, ((windows.length - 1) * windows.count + b) * width, weights, width, 3), b * 3);
  return out;
}

interface Options {
  readonly config?: Record<string, unknown>;
  readonly seed?: number;
  readonly checkpoints?: CheckpointStore | null;
  readonly signal?: AbortSignal;
  readonly failsAt?: number;
  readonly threads?: number;
  readonly onEvent?: (event: FitEvent) => void;
}

async function train(options: Options = {}): Promise<{ weights: Float32Array; events: FitEvent[] }> {
  const { seed = 1, checkpoints = null, signal = new AbortController().signal, threads = 2 } = options;
  const events: FitEvent[] = [];
  const onEvent = (event: FitEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const config = readConfig(TrainingSchema, { epochs: 4, rate: 0.1, ...options.config }) as never;
  const trainer = new SoftmaxTrainer(3, width, 3, 64, seed);
  trainer.failsAt = options.failsAt ?? Number.POSITIVE_INFINITY;
  const weights = await trainNet({
    trainer,
    predict,
    data,
    config,
    options: { seed, device: 'cpu', threads, onEvent, signal, checkpoints },
    fit: fitHash('softmax', config, seed, data),
    device: 'cpu',
  });
  return { weights, events };
}

const epochs = (events: FitEvent[]) => events.filter((event) => event.kind === 'epoch');
const notes = (events: FitEvent[]) => events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));

describe('training', () => {
  it('learns what there is to learn, and tells of every step and epoch', async () => {
    const { events } = await train();
    const steps = Math.ceil(data.train.count / 64);
    const told = events.filter((event) => event.kind === 'step');
    expect(told.map(({ step }) => step)).toEqual(Array.from({ length: 4 * steps }, (_, i) => i + 1));
    expect(told.at(-1)).toMatchObject({ steps: 4 * steps, epoch: 3, samples: 4 * data.train.count });
    const [first] = epochs(events);
    const last = epochs(events).at(-1)!;
    expect(last.metrics['train-loss']).toBeLessThan(first.metrics['train-loss']);
    expect(last.metrics['validation-gain']).toBeGreaterThan(0.2);
    expect(last.metrics['validation-accuracy']).toBeGreaterThan(0.6);
    // The last batch is smaller and counts with its own size.
    expect(data.train.count % 64).not.toBe(0);
  });

  it('is the same to the bit for one seed, and another for another', async () => {
    const [a, b, c] = [await train(), await train(), await train({ seed: 2 })];
    expect(a).toEqual(b);
    expect(a.weights).not.toEqual(c.weights);
  });

  it('stops early, and gives the weights of the best epoch', async () => {
    const { weights, events } = await train({ config: { epochs: 40, patience: 2, rate: 0.3, schedule: 'constant' } });
    const told = epochs(events);
    const best = told.reduce((a, b) => (b.metrics['validation-log-loss'] < a.metrics['validation-log-loss'] ? b : a));
    expect(told.length).toBe(best.epoch + 3);
    expect(told.length).toBeLessThan(40);
    expect(notes(events).at(-1)).toBe(
      `stopped after epoch ${best.epoch + 3} of 40: the validation log-loss was lowest in epoch ${best.epoch + 1}`,
    );
    const probabilities = await predict(weights, data.validation);
    let loss = 0;
    data.validation.labels.forEach((label, i) => {
      loss -= Math.log(probabilities[i * 3 + label]) / data.validation.count;
    });
    expect(loss).toBeCloseTo(best.metrics['validation-log-loss'], 12);
  });

  it('sees every stride-th window alone', async () => {
    const { events } = await train({ config: { stride: 5, epochs: 1 } });
    expect(events.findLast((event) => event.kind === 'step')).toMatchObject({
      samples: Math.ceil(data.train.count / 5),
    });
  });

  it('stops at a loss that is not finite, with the place of its batch and what to try', async () => {
    const error = await train({ failsAt: 13 }).catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(
      /the loss is NaN in epoch 2, step \d+ of \d+: its batch has the windows of 3 rows that end at row \d+ \(2024-10-04T00:00:0\d\.\d{9}Z\), .*… \(64 windows\); try a lower training.rate/,
    );
    const { rows } = (error as unknown as { context: { rows: number[] } }).context;
    expect(rows).toHaveLength(64);
  });
});

describe('resuming', () => {
  it('comes to the same bits wherever it was cut off', async () => {
    const whole = await train({ config: { checkpointSteps: 3 } });
    const random = new Random(5);
    for (let i = 0; i < 12; i++) {
      const checkpoints = new CheckpointFile(join(tempFolder(), 'checkpoint.bin'));
      let said: FitEvent[] = [];
      for (;;) {
        const left = 1 + random.below(15);
        let steps = 0;
        // Thrown from within: nothing after the last checkpoint is kept.
        const onEvent = (event: FitEvent): void => {
          if (event.kind === 'step' && ++steps === left) throw new Error('killed');
        };
        try {
          const { weights, events } = await train({ config: { checkpointSteps: 3 }, checkpoints, onEvent });
          said = events;
          expect(weights).toEqual(whole.weights);
          break;
        } catch (error) {
          expect(String(error)).toBe('Error: killed');
        }
      }
      expect(epochs(said).at(-1)).toEqual(epochs(whole.events).at(-1));
      expect(notes(said)[0]).toMatch(/^going on in epoch \d/);
    }
  });

  it('keeps a checkpoint when asked to stop, and goes on from it', async () => {
    const whole = await train();
    const checkpoints = new CheckpointFile(join(tempFolder(), 'checkpoint.bin'));
    const stop = new AbortController();
    const onEvent = (event: FitEvent): void => {
      if (event.kind === 'step' && event.step === 16) stop.abort();
    };
    await expect(train({ checkpoints, signal: stop.signal, onEvent })).rejects.toThrow(
      /^stopped in epoch 2, after 4 of 12 steps of it$/,
    );
    const { weights, events } = await train({ checkpoints });
    expect(notes(events)).toEqual(['going on in epoch 2, after 4 of 12 steps of it']);
    expect(weights).toEqual(whole.weights);
    // What is finished goes on to nothing.
    const again = await train({ checkpoints });
    expect(again.weights).toEqual(whole.weights);
    expect(epochs(again.events)).toEqual([]);
  });

  it('says where the number of threads is another', async () => {
    const checkpoints = new CheckpointFile(join(tempFolder(), 'checkpoint.bin'));
    await train({ checkpoints });
    const { events } = await train({ checkpoints, threads: 1 });
    expect(notes(events)[1]).toMatch(/begun on cpu and 2 threads, going on on cpu and 1: the last bits may differ/);
  });

  it('refuses the checkpoint of another configuration, seed or data', async () => {
    const checkpoints = new CheckpointFile(join(tempFolder(), 'checkpoint.bin'));
    await train({ checkpoints });
    await expect(train({ checkpoints, seed: 2 })).rejects.toThrow(/checkpoint is of another fit/);
    await expect(train({ checkpoints, config: { rate: 0.2 } })).rejects.toThrow(/checkpoint is of another fit/);
    const other = createDataset({ matrix: signalMatrix(1200, 0.8, 2), target: data.target, length: 3 });
    expect(fitHash('softmax', {}, 1, other)).not.toBe(fitHash('softmax', {}, 1, data));
    expect(fitHash('softmax', {}, 1, data)).toBe(fitHash('softmax', {}, 1, data.withLength(3)));
    expect(fitHash('softmax', {}, 1, data)).not.toBe(fitHash('softmax', {}, 1, data.withLength(2)));
  });
});
