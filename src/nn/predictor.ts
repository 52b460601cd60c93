import { assert, BookcastError } from '../core/index.ts';
import type { NetShape } from './net-builder.ts';
import { layoutOf } from './net-builder.ts';
import { type Activation, evaluateGraph } from './net-graphs.ts';
import { encodeModel } from './onnx/encode.ts';
import { openSession, type Session } from './runtime.ts';
import type { ActualDevice, RuntimeOptions } from './training.ts';

export interface PredictorSpec extends NetShape {
  /** Windows a run. */
  readonly batch: number;
  /** The flat vector that a trainer gives. */
  readonly weights: Float32Array;
  readonly activation: Activation;
}

/** A net that says what it says, without learning; its weights may be changed, as between epochs. */
export interface Predictor {
  readonly device: ActualDevice;
  readonly missed: string | null;
  /**
   * Of the first `count` windows in `x` (T, B, F), B = `batch`, the outputs go to `out`, `count` × outputs. What stands behind `count` is not
   * looked at.
   */
  predict(x: Float32Array, count: number, out: Float32Array | Float64Array): Promise<void>;
  /** From now on these weights. Throws `bad-input` where they are of another net. */
  load(weights: Float32Array): void;
  close(): Promise<void>;
}

/** A net ready to predict. Throws `bad-argument` where it does not fit together, and what `openSession` throws. */
export async function createPredictor(
  spec: PredictorSpec,
  runtime: RuntimeOptions = {},
  load?: Parameters<typeof openSession>[2],
): Promise<Predictor> {
  const layout = layoutOf(spec);
  const graph = evaluateGraph(spec, layout, spec.batch, spec.activation);
  const session = await openSession(encodeModel(graph, { name: 'evaluation' }), runtime, load);
  const predictor = new GraphPredictor(spec, layout.size, session);
  predictor.load(spec.weights);
  return predictor;
}

class GraphPredictor implements Predictor {
  readonly device: ActualDevice;
  readonly missed: string | null;
  readonly #spec: PredictorSpec;
  readonly #session: Session;
  readonly #weights: Float32Array;
  readonly #outputs: Float32Array;

  constructor(spec: PredictorSpec, size: number, session: Session) {
    this.#spec = spec;
    this.#session = session;
    this.device = session.device;
    this.missed = session.missed;
    this.#weights = new Float32Array(size);
    this.#outputs = new Float32Array(spec.batch * spec.outputs);
  }

  load(weights: Float32Array): void {
    if (weights.length !== this.#weights.length)
      throw new BookcastError(
        'bad-input',
        `there are ${weights.length} weights, and the net has ${this.#weights.length}: they are of another net`,
        { found: weights.length, expected: this.#weights.length },
      );
    this.#weights.set(weights);
  }

  async predict(x: Float32Array, count: number, out: Float32Array | Float64Array): Promise<void> {
    const { steps, batch, features, outputs } = this.#spec;
    assert(x.length === steps * batch * features, 'a batch has room for all its windows');
    assert(count >= 1 && count <= batch && out.length >= count * outputs, 'there is room for every window’s outputs');
    const session = this.#session;
    await session.run(
      {
        x: session.tensor(x, [steps, batch, features]),
        parameters: session.tensor(this.#weights, [this.#weights.length]),
      },
      { outputs: session.tensor(this.#outputs, [batch, outputs]) },
    );
    out.set(this.#outputs.subarray(0, count * outputs));
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
