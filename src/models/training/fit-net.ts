import { Type } from 'typebox';
import {
  createPredictor,
  createTrainer,
  explainGraph,
  type NetShape,
  netCost,
  type Predictor,
  serveGraph,
} from '../../nn/index.ts';
import { AttentionReader } from '../explain/attention.ts';
import type { Explainer } from '../explain/attribution.ts';
import { openNetExplainer } from '../explain/net-explainer.ts';
import type { Net } from '../nets/index.ts';
import type { Dataset, FitOptions, FittedModel, ModelKind, Scaler, Windows } from './contract.ts';
import { fitHash } from './fit-net-hash.ts';
import { trainNet } from './fit-net-loop.ts';
import { lossOf, type TrainingConfig, TrainingSchema } from './training-config.ts';

/** Windows that are predicted in one run. */
const PREDICTED_AT_ONCE = 256;

/** The configuration of a kind that is a net. */
export interface NetConfig<C> {
  readonly net: C;
  readonly training: TrainingConfig;
}

/** A net as a kind of model: how it is built stands in `net`, how it is trained is the same for all. */
export function netKind<C>(net: Net<C>): ModelKind<NetConfig<C>> {
  return {
    name: net.name,
    title: net.title,
    config: Type.Object({ net: net.config, training: TrainingSchema }),
    length: (config) => net.length(config.net),
    fit: (data, config, options) => fitNet(net, data, config, options),
  };
}

async function fitNet<C>(net: Net<C>, given: Dataset, config: NetConfig<C>, options: FitOptions): Promise<FittedModel> {
  const length = net.length(config.net);
  const data = given.train.length === length ? given : given.withLength(length);
  const [features, outputs] = [data.matrix.width, data.prior.length];
  const shape: NetShape = { net: net.build(config.net, features, outputs), steps: length, features, outputs };
  const { training } = config;
  const { device, threads, seed } = options;
  const trainer = await createTrainer({
    ...shape,
    batch: training.batch,
    loss: lossOf(training, data.prior),
    optimiser: training.optimiser,
    seed,
    device,
    threads,
    ...(training.clipNorm === 0 ? {} : { clipNorm: training.clipNorm }),
    ...(training.ema === 0 ? {} : { ema: training.ema }),
  });
  try {
    const weights = trainer.weights();
    const predictor = await createPredictor(
      { ...shape, batch: PREDICTED_AT_ONCE, weights, activation: 'softmax' },
      { device, threads },
    );
    try {
      if (trainer.missed !== null)
        options.onEvent({ kind: 'note', text: `training on ${trainer.device} (${trainer.missed})` });
      const best = await trainNet({
        trainer,
        predict: (now, windows) => {
          predictor.load(now);
          return predictAll(predictor, windows, outputs);
        },
        data,
        config: training,
        options,
        // How often checkpoints are kept changes nothing of what comes out.
        fit: fitHash(net.name, { ...config, training: { ...training, checkpointSteps: null } }, seed, data),
        device: trainer.device,
      });
      predictor.load(best);
      return new FittedNet(net, shape, best, data.scaler, predictor);
    } catch (error) {
      await predictor.close();
      throw error;
    }
  } finally {
    await trainer.close();
  }
}

class FittedNet implements FittedModel {
  readonly kind: string;
  readonly length: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly #net: Pick<Net, 'streams'>;
  readonly #shape: NetShape;
  readonly #weights: Float32Array;
  readonly #scaler: Scaler;
  readonly #predictor: Predictor;

  constructor(
    net: Pick<Net, 'name' | 'streams'>,
    shape: NetShape,
    weights: Float32Array,
    scaler: Scaler,
    predictor: Predictor,
  ) {
    const { parameters, multiplyAdds } = netCost(shape);
    this.kind = net.name;
    this.length = shape.steps;
    this.parameters = parameters;
    this.multiplyAdds = multiplyAdds;
    this.#net = net;
    this.#shape = shape;
    this.#weights = weights;
    this.#scaler = scaler;
    this.#predictor = predictor;
  }

  predict(windows: Windows): Promise<Float64Array> {
    return predictAll(this.#predictor, windows, this.#shape.outputs);
  }

  toOnnx(metadata: Readonly<Record<string, string>>): Uint8Array {
    return this.#serve(metadata, false);
  }

  get toStream(): ((metadata: Readonly<Record<string, string>>) => Uint8Array) | null {
    return this.#net.streams ? (metadata) => this.#serve(metadata, true) : null;
  }

  toExplain(metadata: Readonly<Record<string, string>>): Uint8Array {
    const spec = { ...this.#shape, weights: this.#weights, scaler: this.#scaler };
    return explainGraph(spec, { name: `${this.kind}-explained`, metadata });
  }

  attention(batch: number): Promise<AttentionReader | null> {
    return AttentionReader.open({ ...this.#shape, weights: this.#weights }, batch);
  }

  explainer(): Promise<Explainer> {
    const { steps, features, outputs } = this.#shape;
    return openNetExplainer(this.toExplain({}), { rows: steps, inputs: features, classes: outputs });
  }

  #serve(metadata: Readonly<Record<string, string>>, streaming: boolean): Uint8Array {
    return serveGraph(
      { ...this.#shape, weights: this.#weights, activation: 'softmax', scaler: this.#scaler, streaming },
      { name: this.kind, metadata },
    );
  }

  close(): Promise<void> {
    return this.#predictor.close();
  }
}

/** The next windows are gathered while the last ones are predicted. */
async function predictAll(predictor: Predictor, windows: Windows, outputs: number): Promise<Float64Array> {
  const { count, length, matrix } = windows;
  const out = new Float64Array(count * outputs);
  const buffers = [0, 1].map(() => new Float32Array(length * PREDICTED_AT_ONCE * matrix.width));
  const labels = new Int32Array(PREDICTED_AT_ONCE);
  const size = (from: number): number => Math.min(PREDICTED_AT_ONCE, count - from);
  let current = 0;
  const fill = (from: number): void =>
    windows.fill(null, from, size(from), buffers[current], PREDICTED_AT_ONCE, labels);
  if (count > 0) fill(0);
  for (let from = 0; from < count; from += PREDICTED_AT_ONCE) {
    const n = size(from);
    const running = predictor.predict(buffers[current], n, out.subarray(from * outputs, (from + n) * outputs));
    current = 1 - current;
    if (from + PREDICTED_AT_ONCE < count) fill(from + PREDICTED_AT_ONCE);
    await running;
  }
  return out;
}
