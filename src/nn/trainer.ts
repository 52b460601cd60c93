import { assert, BookcastError } from '../core/index.ts';
import { DropoutMasks } from './dropout-masks.ts';
import { checkLoss, classWeights, targetWidth } from './losses.ts';
import type { ParameterLayout } from './net.ts';
import { layoutOf } from './net-builder.ts';
import { KEEP, type TrainGraph, trainGraph } from './net-graphs.ts';
import { encodeModel } from './onnx/encode.ts';
import { type Optimiser, optimiserOf } from './optimisers.ts';
import { openSession, type Session, type Tensor, type Tensors } from './runtime.ts';
import type { ActualDevice, StepResult, Trainer, TrainerSpec, TrainerState } from './training.ts';

type Loader = Parameters<typeof openSession>[2];

/**
 * A net ready to train. Throws `bad-argument` where the net, the loss and the optimiser do not fit together (before the runtime is
 * loaded), and what `openSession` throws. `load` brings ONNX Runtime.
 */
export async function createTrainer(spec: TrainerSpec, load?: Loader): Promise<Trainer> {
  checkSpec(spec);
  const layout = layoutOf(spec);
  const optimiser = optimiserOf(spec.optimiser, layout);
  const train = trainGraph(spec, layout, optimiser);
  const session = await openSession(
    encodeModel(train.graph, { name: 'training-step' }),
    { ...spec, threads: spec.threads ?? 2 },
    load,
  );
  return new GraphTrainer(spec, layout, optimiser, train, session);
}

function checkSpec({ batch, clipNorm, ema, loss, outputs, seed }: TrainerSpec): void {
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new BookcastError('bad-argument', what);
  };
  must(Number.isInteger(batch) && batch >= 1, `a batch is a whole number of windows from 1 on, and not ${batch}`);
  must(clipNorm === undefined || clipNorm > 0, `the norm that gradients are cut to is above 0, and not ${clipNorm}`);
  must(ema === undefined || (ema > 0 && ema < 1), `the average's decay lies in (0, 1), and not at ${ema}`);
  must(Number.isInteger(seed), `a seed is a whole number, and not ${seed}`);
  checkLoss(loss, outputs);
}

/** One set of the flat vectors. The runtime reads one set and writes the other, since it does not know about writing in place. */
type Vectors = Readonly<Record<string, { readonly data: Float32Array; readonly tensor: Tensor }>>;

class GraphTrainer implements Trainer {
  readonly parameters: number;
  readonly device: ActualDevice;
  readonly missed: string | null;
  readonly #spec: TrainerSpec;
  readonly #optimiser: Optimiser;
  readonly #names: readonly string[];
  readonly #session: Session;
  readonly #masks = new DropoutMasks();
  readonly #target: Float32Array;
  readonly #share: Float32Array;
  readonly #classWeights: readonly number[] | null;
  /** What is fed in every step from memory that stays where it is. */
  readonly #feeds: Tensors = {};
  readonly #scalars: Record<string, Float32Array> = {};
  readonly #loss = new Float32Array(1);
  readonly #norm = new Float32Array(1);
  readonly #fetches: Tensors;
  /** For a batch that is not full; made when there is one. */
  #padded: Float32Array | null = null;
  #now: Vectors;
  #next: Vectors;
  #step = 0;
  #busy = false;

  constructor(
    spec: TrainerSpec,
    layout: ParameterLayout,
    optimiser: Optimiser,
    { masks, scalars, vectors }: TrainGraph,
    session: Session,
  ) {
    this.#spec = spec;
    this.#optimiser = optimiser;
    this.#names = vectors;
    this.#session = session;
    this.parameters = layout.size;
    this.device = session.device;
    this.missed = session.missed;
    this.#classWeights = classWeights(spec.loss);
    const width = targetWidth(spec.loss, spec.outputs);
    this.#target = new Float32Array(spec.batch * width);
    this.#share = new Float32Array(spec.batch);
    this.#feeds.target = session.tensor(this.#target, [spec.batch, width]);
    this.#feeds.share = session.tensor(this.#share, [spec.batch, 1]);
    for (const { input, share } of masks) {
      const size = input.shape.reduce((n, axis) => n * axis, 1);
      this.#feeds[input.name] = session.tensor(this.#masks.add(size, share), input.shape);
    }
    for (const name of scalars) {
      this.#scalars[name] = new Float32Array(1);
      this.#feeds[name] = session.tensor(this.#scalars[name], []);
    }
    this.#fetches = { loss: session.tensor(this.#loss, []), gradient_norm: session.tensor(this.#norm, []) };
    this.#now = newVectors(session, vectors, layout.size);
    this.#next = newVectors(session, vectors, layout.size);
    const first = layout.initialise(spec.seed);
    this.#now.parameters.data.set(first);
    this.#now.average?.data.set(first);
  }

  async step(
    x: Float32Array,
    y: Int32Array | Float32Array,
    count: number,
    rate: number,
    weights?: Float32Array,
  ): Promise<StepResult> {
    const { steps, batch, features, seed } = this.#spec;
    assert(x.length === steps * batch * features, 'a batch has room for all its windows');
    assert(
      Number.isInteger(count) && count >= 1 && count <= batch,
      'a step is of one window at least and a batch at most',
    );
    assert(weights === undefined || weights.length >= count, 'every window has a weight, or none');
    assert(rate >= 0 && rate < Infinity, 'a learning rate is a number from 0 on');
    assert(!this.#busy, 'one step at a time');
    this.#fillTargets(y, count);
    this.#fillShares(y, count, weights);
    this.#masks.draw(seed, this.#step);
    this.#fillScalars(rate);
    const rows = count === batch ? x : this.#pad(x, count);
    const feeds: Tensors = { ...this.#feeds, x: this.#session.tensor(rows, [steps, batch, features]) };
    const fetches: Tensors = { ...this.#fetches };
    for (const name of this.#names) {
      feeds[name] = this.#now[name].tensor;
      fetches[`${name}.next`] = this.#next[name].tensor;
    }
    this.#busy = true;
    try {
      await this.#session.run(feeds, fetches);
    } finally {
      this.#busy = false;
    }
    const [loss] = this.#loss;
    const [gradientNorm] = this.#norm;
    if (!Number.isFinite(gradientNorm)) return { loss: Number.NaN, gradientNorm };
    if (Number.isFinite(loss)) this.#keep();
    return { loss, gradientNorm };
  }

  /** What the step has written becomes what is known. A step that failed is forgotten instead: its vectors are written over by the next. */
  #keep(): void {
    [this.#now, this.#next] = [this.#next, this.#now];
    this.#step++;
  }

  #fillTargets(y: Int32Array | Float32Array, count: number): void {
    const { loss, outputs } = this.#spec;
    assert(y.length >= count, 'every window has a target');
    this.#target.fill(0);
    if (loss.kind === 'quantile') {
      this.#target.set(y.subarray(0, count));
      return;
    }
    for (let i = 0; i < count; i++) {
      const label = y[i];
      if (!Number.isInteger(label) || label < 0 || label >= outputs)
        throw new BookcastError(
          'bad-input',
          `window ${i} of the batch has the class ${label}, and the net has the classes 0 to ${outputs - 1}; give the net as many outputs as there are classes`,
          { window: i, label, outputs },
        );
      this.#target[i * outputs + label] = 1;
    }
  }

  /** The part of each window in the mean; 0 for those that only fill the batch up. */
  #fillShares(y: Int32Array | Float32Array, count: number, weights: Float32Array | undefined): void {
    const of = (i: number): number => (weights?.[i] ?? 1) * (this.#classWeights?.[y[i]] ?? 1);
    let total = 0;
    for (let i = 0; i < count; i++) total += of(i);
    if (!(total > 0 && total < Infinity) || weights?.subarray(0, count).some((weight) => !(weight >= 0)))
      throw new BookcastError(
        'bad-input',
        `weights of windows are numbers from 0 on, not all of them 0; those of this batch are not (their sum is ${total})`,
      );
    this.#share.fill(0);
    for (let i = 0; i < count; i++) this.#share[i] = of(i) / total;
  }

  #fillScalars(rate: number): void {
    const step = this.#step + 1;
    for (const [name, value] of Object.entries(this.#optimiser.scalars(step, rate))) this.#scalars[name][0] = value;
    // In the first steps a longer memory would be one of the first weights, which are random (as in TensorFlow's average).
    if (this.#spec.ema !== undefined) this.#scalars[KEEP][0] = Math.min(this.#spec.ema, (1 + step) / (10 + step));
  }

  /** The batch filled up with its first window, which is as sound as any: zeros might not be numbers that the net can take. */
  #pad(x: Float32Array, count: number): Float32Array {
    const { steps, batch, features } = this.#spec;
    this.#padded ??= new Float32Array(steps * batch * features);
    for (let t = 0; t < steps; t++) {
      const from = t * batch * features;
      this.#padded.set(x.subarray(from, from + count * features), from);
      for (let b = count; b < batch; b++) this.#padded.copyWithin(from + b * features, from, from + features);
    }
    return this.#padded;
  }

  state(): TrainerState {
    const copy = (name: string): Float32Array => this.#now[name]?.data.slice() ?? new Float32Array(0);
    return {
      step: this.#step,
      parameters: copy('parameters'),
      first: copy('first'),
      second: copy('second'),
      average: copy('average'),
    };
  }

  restore(state: TrainerState): void {
    for (const name of ['parameters', 'first', 'second', 'average'] as const) {
      const size = this.#now[name]?.data.length ?? 0;
      if (state[name].length !== size)
        throw new BookcastError(
          'bad-input',
          `the state has ${state[name].length} numbers in "${name}" and this training ${size}: it is of another net, optimiser or average; go on with the configuration that it was made with, or begin anew`,
          { vector: name, found: state[name].length, expected: size },
        );
    }
    if (!Number.isInteger(state.step) || state.step < 0)
      throw new BookcastError('bad-input', `the state is of step ${state.step}, which is no whole number from 0 on`);
    for (const name of this.#names) this.#now[name].data.set(state[name as keyof Omit<TrainerState, 'step'>]);
    this.#step = state.step;
  }

  weights(): Float32Array {
    return (this.#now.average ?? this.#now.parameters).data.slice();
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

function newVectors(session: Session, names: readonly string[], size: number): Vectors {
  return Object.fromEntries(
    names.map((name) => {
      const data = new Float32Array(size);
      return [name, { data, tensor: session.tensor(data, [size]) }];
    }),
  );
}
