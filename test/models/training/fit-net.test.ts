import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/models/index.ts';
import {
  createDataset,
  type Dataset,
  type FitEvent,
  findKind,
  MODEL_KINDS,
  parseTrainingFile,
} from '../../../src/models/training.ts';
import { openSession } from '../../../src/nn/index.ts';
import { signalMatrix } from './signal-matrix.ts';

interface Fit {
  readonly events: FitEvent[];
  readonly model: Awaited<ReturnType<(typeof MODEL_KINDS)[number]['fit']>>;
}

async function fitted(
  name: string,
  data: Dataset,
  overrides: readonly string[],
  device: 'cpu' | 'auto' = 'cpu',
): Promise<Fit> {
  const { kind, config } = parseTrainingFile(`model: ${name}`, { where: 'a test', overrides });
  const events: FitEvent[] = [];
  const model = await kind.fit(data, config, {
    seed: 3,
    device,
    threads: 1,
    onEvent: (event) => void events.push(event),
    signal: new AbortController().signal,
    checkpoints: null,
  });
  return { events, model };
}

const dataset = (rows: number, truth: number, length = 4): Dataset =>
  createDataset({ matrix: signalMatrix(rows, truth), target: parseTarget('events:1'), length });

const epochsOf = (events: FitEvent[]) => events.filter((event) => event.kind === 'epoch');

describe('a net as a kind of model', () => {
  it('learns 256 windows of noise by heart', async () => {
    const data = dataset(440, 0);
    expect(data.train.count).toBeGreaterThanOrEqual(256);
    const { events, model } = await fitted('mlp', data, [
      'net.length=4',
      'net.hidden=[64,64]',
      'net.dropout=0',
      'training.epochs=150',
      'training.patience=150',
      'training.rate=0.01',
      'training.optimiser={kind: adam}',
    ]);
    const losses = epochsOf(events).map(({ metrics }) => metrics['train-loss']);
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(0.05);
    await model.close();
  });

  it('gives a file that says of unscaled windows what the model says of its own', async () => {
    const data = dataset(600, 0.9);
    const { model } = await fitted('mlp', data, [
      'net.length=4',
      'net.hidden=[8]',
      'training.epochs=2',
      'training.ema=0.9',
    ]);
    expect(model).toMatchObject({ kind: 'mlp', length: 4 });
    expect(model.parameters).toBe(4 * 3 * 8 + 8 + 8 * 3 + 3);
    expect(model.multiplyAdds).toBe(4 * 3 * 8 + 8 * 3);
    const said = await model.predict(data.test);
    const bytes = model.toOnnx({ greeting: 'hello' });
    expect(Buffer.from(bytes).includes('greeting')).toBe(true);
    const session = await openSession(bytes);
    const { width, data: rows } = data.matrix;
    for (let i = 0; i < data.test.count; i += 17) {
      const end = data.test.rows[i] + 1;
      const window = rows.slice((end - 4) * width, end * width);
      const { probabilities } = await session.run({ input: session.tensor(window, [1, 4, width]) }, ['probabilities']);
      const found = probabilities.data as Float32Array;
      for (let k = 0; k < 3; k++) expect(found[k]).toBeCloseTo(said[i * 3 + k], 5);
    }
    await session.close();
    await model.close();
  });

  it('takes windows of its own length, whatever the dataset’s', async () => {
    const { model } = await fitted('mlp', dataset(600, 0.9, 2), [
      'net.length=7',
      'net.hidden=[8]',
      'training.epochs=1',
    ]);
    expect(model.length).toBe(7);
    await model.close();
  });

  it('notes what "auto" came to where a device is missed', async () => {
    const { events, model } = await fitted('linear', dataset(400, 0.9), ['net.length=4', 'training.epochs=1'], 'auto');
    const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
    // Where there is an accelerator there is nothing to note.
    if (notes.length > 0) expect(notes[0]).toMatch(/^training on (cpu|webgpu) \(cuda: /);
    await model.close();
  });

  it.each(['focal', 'brier', '{kind: cross-entropy, adjust: 0.5}'])('trains with the loss %s', async (loss) => {
    const { events, model } = await fitted('linear', dataset(500, 0.9), [
      'net.length=4',
      'training.epochs=5',
      'training.rate=0.02',
      'training.classWeights=balanced',
      `training.loss=${loss}`,
    ]);
    const gains = epochsOf(events).map(({ metrics }) => metrics['validation-gain']);
    expect(gains.at(-1)).toBeGreaterThan(gains[0]);
    await model.close();
  });

  it('closes what it opened where it fails', async () => {
    await expect(
      fitted('mlp', dataset(600, 0.9), [
        'net.length=4',
        'training.batch=1',
        'training.rate=10',
        'training.clipNorm=0',
        'training.optimiser=sgd',
        'training.epochs=50',
        'training.patience=50',
      ]),
    ).rejects.toThrow(/the loss is (NaN|Infinity|-?\d)/);
  });
});

describe('the kinds', () => {
  it('have names of their own, a title each, and a default for every key', () => {
    const names = MODEL_KINDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ['logistic', 'ridge', 'gbdt', 'linear', 'mlp', 'lstm', 'gru', 'bin-ctabl', 'deeplob', 'tlob'])
      expect(names).toContain(name);
    for (const { name, title } of MODEL_KINDS) {
      expect(title.length).toBeGreaterThan(20);
      const { kind, config, data } = parseTrainingFile('', { where: 'a test', model: name });
      expect(kind.length(config)).toBeGreaterThan(0);
      expect(data).toMatchObject({ target: 'events:10', split: '60/10/30', signals: 'core' });
      // What is read is what is written: a run that is resumed has the very same.
      const again = parseTrainingFile(JSON.stringify({ model: name, ...(config as object), data }), { where: 'again' });
      expect(again).toEqual({ kind, config, data });
    }
  });

  it('take --epochs under the key that they have for it', () => {
    const set = (model: string) => parseTrainingFile('', { where: 'a test', model, epochs: 7 }).config;
    expect(set('lstm')).toMatchObject({ training: { epochs: 7 } });
    expect(set('gbdt')).toMatchObject({ trees: { rounds: 7 } });
    expect(set('logistic')).toMatchObject({ linear: { steps: 7 } });
    expect(() => set('ridge')).toThrow('--epochs has no place with ridge, which is solved at once');
    expect(() => findKind('boosting')).toThrow(/there is no model "boosting"; there are logistic, ridge, gbdt/);
  });

  it('set keys in objects that the file wrote short', () => {
    const { config } = parseTrainingFile('model: mlp\ntraining: {optimiser: adamw}', {
      where: 'a test',
      overrides: ['training.optimiser.decay=0.2', 'training.schedule={kind: step, every: 3}'],
    });
    expect(config).toMatchObject({
      training: { optimiser: { kind: 'adamw', decay: 0.2 }, schedule: { kind: 'step', every: 3 } },
    });
    expect(() =>
      parseTrainingFile('model: mlp', { where: 'a test', overrides: ['model.x=1', 'training=3', 'training.rate=1'] }),
    ).toThrow(/--set training\.rate=1: training is 3, which has no keys/);
  });
});
