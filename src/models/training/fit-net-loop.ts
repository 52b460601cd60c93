import { assert, BookcastError } from '../../core/index.ts';
import { rateAt, type StepResult, type Trainer } from '../../nn/index.ts';
import { type Checkpoint, checkCheckpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { Dataset, FitOptions, Windows } from './contract.ts';
import { EarlyStopping } from './early-stopping.ts';
import { rowTime } from './row-matrix.ts';
import { shuffledOrder } from './shuffle.ts';
import type { TrainingConfig } from './training-config.ts';

export interface NetJob {
  readonly trainer: Trainer;
  /** Probabilities of windows with these weights, count × classes. */
  readonly predict: (weights: Float32Array, windows: Windows) => Promise<Float64Array>;
  /** With windows of the net's length. */
  readonly data: Dataset;
  readonly config: TrainingConfig;
  readonly options: FitOptions;
  /** `fitHash` of all that decides what comes out. */
  readonly fit: string;
  /** What `auto` came to. */
  readonly device: string;
}

/** As in the scores: a class held impossible costs this much and not infinity. */
const LEAST_PROBABILITY = 1e-9;
/** Windows named in the message about a loss that is not finite. */
const NAMED_WINDOWS = 4;

interface Batch {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/**
 * Trains to the last epoch, or until the validation log-loss has not fallen for `patience` epochs, and returns the weights of the best
 * one. Goes on from the checkpoint where there is one, to the very bits of a fit that was never interrupted. When the signal asks to
 * stop, keeps a checkpoint and throws `not-ready`. Throws `bad-input` for a loss that is not finite, with the place of its batch.
 */
export async function trainNet(job: NetJob): Promise<Float32Array> {
  return new NetTraining(job).run();
}

class NetTraining {
  readonly #job: NetJob;
  readonly #stopping: EarlyStopping;
  /** Training windows of an epoch, and its steps. */
  readonly #kept: number;
  readonly #steps: number;
  /** One is filled while the other is trained on. */
  readonly #batches: readonly [Batch, Batch];
  #epoch = 0;
  #stepInEpoch = 0;
  #lossSum = 0;
  /** Validation log-loss of each epoch that is done. */
  #losses: number[] = [];
  #best: Float32Array = new Float32Array(0);

  constructor(job: NetJob) {
    const { data, config } = job;
    const { batch, stride } = config;
    this.#job = job;
    this.#stopping = new EarlyStopping(config.patience, config.minDelta);
    this.#kept = Math.ceil(data.train.count / stride);
    this.#steps = Math.ceil(this.#kept / batch);
    const buffers = (): Batch => ({
      x: new Float32Array(data.train.length * batch * data.matrix.width),
      y: new Int32Array(batch),
    });
    this.#batches = [buffers(), buffers()];
  }

  async run(): Promise<Float32Array> {
    const { config } = this.#job;
    this.#restore();
    while (this.#epoch < config.epochs && !this.#stopping.stops) {
      await this.#train();
      await this.#validate();
    }
    if (this.#best.length === 0) throw noBest(config.epochs);
    return this.#best;
  }

  /** The rest of the epoch under way. */
  async #train(): Promise<void> {
    const { trainer, config, options, data } = this.#job;
    const order = this.#order();
    const first = this.#epoch * this.#steps;
    const total = this.#steps * config.epochs;
    const count = (step: number): number => Math.min(config.batch, this.#kept - step * config.batch);
    const fill = (step: number): void => {
      const { x, y } = this.#batches[step % 2];
      data.train.fill(order, step * config.batch, count(step), x, config.batch, y);
    };
    this.#stopIfAsked();
    fill(this.#stepInEpoch);
    for (let step = this.#stepInEpoch; step < this.#steps; step++) {
      const { x, y } = this.#batches[step % 2];
      const running = trainer.step(x, y, count(step), this.#rate(step));
      if (step + 1 < this.#steps) fill(step + 1);
      const result = await running;
      if (!Number.isFinite(result.loss)) throw this.#failed(result, step, order);
      this.#stepInEpoch = step + 1;
      this.#lossSum += result.loss * count(step);
      const done = first + step + 1;
      const samples = this.#epoch * this.#kept + Math.min(this.#kept, (step + 1) * config.batch);
      options.onEvent({ kind: 'step', epoch: this.#epoch, step: done, steps: total, loss: result.loss, samples });
      if (this.#stepInEpoch % config.checkpointSteps === 0 && step + 1 < this.#steps) this.#save();
      this.#stopIfAsked();
    }
  }

  /** Scores the epoch, keeps its weights where they are the best, and goes to the next. */
  async #validate(): Promise<void> {
    const { trainer, config, options, data, predict } = this.#job;
    const { validation, prior } = data;
    const weights = trainer.weights();
    const probabilities = await predict(weights, validation);
    const { logLoss, accuracy } = scoresOf(probabilities, validation.labels, prior.length);
    const epoch = this.#epoch;
    const best = this.#stopping.offer(logLoss, epoch);
    if (best) this.#best = weights.slice();
    const metrics = {
      'train-loss': this.#lossSum / this.#kept,
      'validation-log-loss': logLoss,
      'validation-gain': priorLoss(prior, validation.labels) - logLoss,
      'validation-accuracy': accuracy,
      rate: this.#rate(this.#steps - 1),
    };
    this.#losses.push(logLoss);
    this.#epoch++;
    this.#stepInEpoch = 0;
    this.#lossSum = 0;
    options.onEvent({ kind: 'epoch', epoch, epochs: config.epochs, metrics, best });
    if (this.#stopping.stops && this.#epoch < config.epochs) {
      const text = `stopped after epoch ${this.#epoch} of ${config.epochs}: the validation log-loss was lowest in epoch ${this.#stopping.state().bestEpoch + 1}`;
      options.onEvent({ kind: 'note', text });
    }
    this.#save();
  }

  /** Of a step of the epoch under way. */
  #rate(step: number): number {
    const { schedule, rate, epochs } = this.#job.config;
    const stepsAnEpoch = this.#steps;
    const at = { step: this.#epoch * stepsAnEpoch + step, stepsAnEpoch, steps: stepsAnEpoch * epochs };
    return rateAt(schedule, rate, { ...at, losses: this.#losses });
  }

  /** Numbers of the windows of this epoch in the order in which they are seen: every `stride`-th, shuffled. */
  #order(): Int32Array {
    const { config, options } = this.#job;
    const order = shuffledOrder(this.#kept, options.seed, this.#epoch);
    for (let i = 0; i < order.length; i++) order[i] *= config.stride;
    return order;
  }

  #stopIfAsked(): void {
    const { options } = this.#job;
    if (!options.signal.aborted) return;
    this.#save();
    throw new BookcastError(
      'not-ready',
      `stopped in epoch ${this.#epoch + 1}, after ${this.#stepInEpoch} of ${this.#steps} steps of it`,
      { epoch: this.#epoch, step: this.#epoch * this.#steps + this.#stepInEpoch },
    );
  }

  #save(): void {
    const { trainer, options, fit, device } = this.#job;
    if (options.checkpoints === null) return;
    const checkpoint: Checkpoint = {
      fit,
      device,
      threads: options.threads,
      epoch: this.#epoch,
      stepInEpoch: this.#stepInEpoch,
      lossSum: this.#lossSum,
      losses: this.#losses,
      stopping: this.#stopping.state(),
      trainer: trainer.state(),
      best: this.#best,
    };
    options.checkpoints.save(encodeCheckpoint(checkpoint));
  }

  #restore(): void {
    const { trainer, options, fit, device } = this.#job;
    const bytes = options.checkpoints?.load() ?? null;
    if (bytes === null) return;
    const checkpoint = decodeCheckpoint(bytes);
    checkCheckpoint(checkpoint, fit);
    trainer.restore(checkpoint.trainer);
    this.#stopping.restore(checkpoint.stopping);
    this.#epoch = checkpoint.epoch;
    this.#stepInEpoch = checkpoint.stepInEpoch;
    this.#lossSum = checkpoint.lossSum;
    this.#losses = [...checkpoint.losses];
    this.#best = checkpoint.best;
    const text = `going on in epoch ${this.#epoch + 1}, after ${this.#stepInEpoch} of ${this.#steps} steps of it`;
    options.onEvent({ kind: 'note', text });
    if (checkpoint.device === device && checkpoint.threads === options.threads) return;
    const was = `${checkpoint.device} and ${checkpoint.threads} threads`;
    const other = `begun on ${was}, going on on ${device} and ${options.threads}: the last bits may differ from those of a fit that was never interrupted`;
    options.onEvent({ kind: 'note', text: other });
  }

  #failed({ loss, gradientNorm }: StepResult, step: number, order: Int32Array): BookcastError {
    const { data, config } = this.#job;
    const { train, matrix } = data;
    const rows = Array.from(
      order.subarray(step * config.batch, (step + 1) * config.batch),
      (window) => train.rows[window],
    );
    const named = rows.slice(0, NAMED_WINDOWS).map((row) => `${row} (${rowTime(matrix, row)})`);
    const more = rows.length > NAMED_WINDOWS ? `, … (${rows.length} windows)` : '';
    return new BookcastError(
      'bad-input',
      `the loss is ${loss} in epoch ${this.#epoch + 1}, step ${step + 1} of ${this.#steps}: its batch has the windows of ${train.length} rows that end at row ${named.join(', ')}${more}; ` +
        'try a lower training.rate, a training.schedule with warmUp, or a smaller training.clipNorm',
      { epoch: this.#epoch, step, loss, gradientNorm, rows },
    );
  }
}

function noBest(epochs: number): BookcastError {
  return new BookcastError(
    'bad-input',
    `the validation log-loss was no number in any of ${epochs} epochs; try a lower training.rate`,
    { epochs },
  );
}

function scoresOf(
  probabilities: Float64Array,
  labels: Int32Array,
  classes: number,
): { logLoss: number; accuracy: number } {
  assert(probabilities.length === labels.length * classes, 'there is a probability for each class of each window');
  let sum = 0;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const at = i * classes;
    const p = probabilities[at + labels[i]];
    // NaN stays NaN.
    sum -= Math.log(p < LEAST_PROBABILITY ? LEAST_PROBABILITY : p);
    let best = 0;
    for (let k = 1; k < classes; k++) if (probabilities[at + k] > probabilities[at + best]) best = k;
    if (best === labels[i]) right++;
  }
  return { logLoss: sum / labels.length, accuracy: right / labels.length };
}

function priorLoss(prior: Float64Array, labels: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum -= Math.log(Math.max(prior[labels[i]], LEAST_PROBABILITY));
  return sum / labels.length;
}
