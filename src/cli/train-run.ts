import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BookcastError } from '../core/index.ts';
import { type DatasetScores, type Figure, Scoreboard, scoreDataset } from '../evaluate/index.ts';
import { EXPLAINS, formatTarget, marketColumnsOf, parseTarget } from '../models/index.ts';
import {
  CheckpointFile,
  createDataset,
  describeDataset,
  type FitEvent,
  type FittedModel,
  holdsFi2010,
  openFi2010,
  type PreparedDataset,
  parseShares,
  type RowMatrix,
} from '../models/training.ts';
import { type Figures, NewFile, RunWriter } from '../store/index.ts';
import type { Context } from './options.ts';
import { openRowMatrix } from './row-matrix-source.ts';
import { modelMetadata, type RowFacts, rowFacts, runStart } from './train-facts.ts';
import { TrainProgress } from './train-progress.ts';
import { type TrainFlags, type TrainSettings, trainSettings } from './train-settings.ts';

export interface Trained {
  readonly run: string;
  readonly folder: string;
  /** Files of the model: the one of whole windows first. */
  readonly files: readonly string[];
  readonly model: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly validationLogLoss: number;
  /** On the test part; null of a trial, which has no business there. */
  readonly scores: DatasetScores | null;
  readonly seconds: Readonly<Record<string, number>>;
}

const CHECKPOINT = 'checkpoint.bin';
/** Loss in steps goes to the registry about so often. */
const BLOCK_NS = 1e9;

/** `bookcast train` from its flags to the end: reads the data, fits, scores on the test part (a trial of a study on the validation part alone), keeps all of it in the registry. */
export async function train(context: Context, flags: TrainFlags): Promise<Trained> {
  const { io } = context;
  const settings = trainSettings(flags);
  // Refuses a file that is there before an hour's work, not behind it.
  const out = flags.out === undefined ? null : NewFile.create(flags.out);
  try {
    const watch = new Stopwatch(context);
    const { dataset, rows } = await openData(context, settings, flags);
    watch.lap('data');
    const writer = openRun(context, settings, dataset, flags);
    if (!flags.quiet) io.err(`run ${writer.id} in ${writer.folder}\n`);
    try {
      const trained = await fitAndScore(context, { settings, dataset, rows, flags, writer, watch });
      if (out !== null) {
        writeFileSync(out.aside('model.onnx'), readFileSync(trained.files[0]));
        out.publish('model.onnx');
      }
      return trained;
    } catch (error) {
      throw ended(context, error, writer, flags);
    }
  } finally {
    out?.discard();
  }
}

/** Rows, labels and parts, with what a user should know of them. */
async function openData(
  context: Context,
  settings: TrainSettings,
  flags: TrainFlags,
): Promise<{ dataset: PreparedDataset; rows: RowFacts }> {
  if (settings.data.some(holdsFi2010)) return openPublished(context, settings, flags);
  const { io } = context;
  const { kind, config, data } = settings.file;
  const { signals, clock, fit, tick, lot, symbol } = data;
  const target = parseTarget(data.target);
  const { matrix, notes, instruments } = await openRowMatrix(context, settings.data, {
    set: signals,
    market: marketColumnsOf(target),
    clock,
    tick,
    lot,
    symbol,
    ...(fit === undefined ? {} : { fit }),
    cache: join(dirname(flags.runs), 'rows'),
  });
  refuseOtherData(settings, matrix);
  const dataset = createDataset({
    matrix,
    target,
    length: kind.length(config),
    reach: data.reach,
    shares: parseShares(data.split),
    embargo: data.embargo,
    clip: data.clip,
  });
  if (!flags.quiet) {
    for (const note of notes) io.err(`note: ${note}\n`);
    io.err(describeDataset(dataset));
  }
  // Of a fit that a signal used the schema's hash knows more; here it is only named.
  const hash = fit === undefined ? null : (JSON.parse(readFileSync(fit, 'utf8')) as { hash: string }).hash;
  return { dataset, rows: await rowFacts(settings, hash, instruments) };
}

/** The published matrices of FI-2010, with their own split, labels and scaling. */
async function openPublished(
  { io }: Context,
  settings: TrainSettings,
  flags: TrainFlags,
): Promise<{ dataset: PreparedDataset; rows: RowFacts }> {
  const { kind, config, data } = settings.file;
  const [folder, ...more] = settings.data;
  const target = parseTarget(data.target);
  if (more.length > 0) throw new BookcastError('bad-argument', 'FI-2010 is one folder, and stands alone after --data');
  if (formatTarget(target) !== `events:${target.horizon}`) {
    throw new BookcastError(
      'bad-argument',
      `FI-2010 has labels of events, such as events:10, and not of ${data.target}`,
    );
  }
  const dataset = await openFi2010({
    ...data.fi2010,
    folder,
    horizon: target.horizon,
    length: kind.length(config),
    reach: data.reach,
    embargo: data.embargo,
  });
  refuseOtherData(settings, dataset.matrix);
  if (!flags.quiet) io.err(describeDataset(dataset));
  return { dataset, rows: { clock: 'events:10', fit: null, instruments: [] } };
}

function refuseOtherData({ resume }: TrainSettings, { hash }: RowMatrix): void {
  if (resume === null || resume.record.data.hash === hash) return;
  const before = resume.record.data.hash;
  throw new BookcastError(
    'bad-input',
    `the data of run ${resume.id} had the hash ${before.slice(0, 16)}, and these have ${hash.slice(0, 16)}: give the same files, or start a new run`,
    { expected: before, found: hash },
  );
}

function openRun(context: Context, settings: TrainSettings, dataset: PreparedDataset, flags: TrainFlags): RunWriter {
  const { clock } = context.io;
  if (settings.resume !== null) return RunWriter.resume(flags.runs, settings.resume.id, clock);
  return RunWriter.start(flags.runs, runStart(settings, dataset, context.version), clock);
}

interface Job {
  readonly settings: TrainSettings;
  readonly dataset: PreparedDataset;
  readonly rows: RowFacts;
  readonly flags: TrainFlags;
  readonly writer: RunWriter;
  readonly watch: Stopwatch;
}

async function fitAndScore(context: Context, job: Job): Promise<Trained> {
  const { io } = context;
  const { settings, dataset, flags, writer, watch } = job;
  const { kind, config } = settings.file;
  const checkpoint = join(writer.folder, CHECKPOINT);
  const progress = flags.quiet ? null : new TrainProgress(io, kind.name);
  const metrics = new LiveMetrics(context, writer);
  let model: FittedModel;
  try {
    model = await kind.fit(dataset, config, {
      seed: settings.seed,
      device: settings.device,
      threads: settings.threads,
      signal: io.stop,
      checkpoints: new CheckpointFile(checkpoint),
      onEvent: (event) => {
        metrics.update(event);
        progress?.update(event);
      },
    });
  } finally {
    progress?.stop();
  }
  watch.lap('fit');
  try {
    const validationLogLoss = await logLossOn(model, dataset.validation, dataset);
    // What is chosen among many may not have seen the test part.
    const scores =
      settings.trialOf === null
        ? scoreDataset(dataset, [{ model: kind.name, probabilities: await model.predict(dataset.test) }])
        : null;
    watch.lap('score');
    const figures = scores === null ? {} : figuresOf(scores, 0);
    const own: Figures = { 'validation-log-loss': plain(validationLogLoss), ...figures };
    const files = writeModel(context, job, model, own);
    // What is finished cannot be resumed, and the checkpoint may be larger than the model.
    rmSync(checkpoint, { force: true });
    const baselines =
      scores?.scores.flatMap(({ model: name, baseline }, i) =>
        baseline ? [[name, figuresOf(scores, i)] as const] : [],
      ) ?? [];
    const { parameters, multiplyAdds } = model;
    const seconds = watch.seconds();
    writer.finish({
      status: 'finished',
      message: null,
      metrics: own,
      baselines: Object.fromEntries(baselines),
      seconds,
      parameters,
      multiplyAdds,
    });
    const { id: run, folder } = writer;
    return { run, folder, files, model: kind.name, parameters, multiplyAdds, validationLogLoss, scores, seconds };
  } finally {
    await model.close();
  }
}

function writeModel({ version }: Context, job: Job, model: FittedModel, figures: Figures): string[] {
  const { settings, dataset, rows, writer } = job;
  const metrics = Object.fromEntries(
    Object.entries(figures).flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
  );
  const facts = { settings, dataset, model, rows, version, metrics };
  const files = [join(writer.folder, 'model.onnx')];
  const bytes = model.toOnnx(modelMetadata({ ...facts, streams: false }));
  writeFileSync(files[0], bytes);
  const toStream = model.toStream ?? null;
  if (toStream !== null) {
    files.push(join(writer.folder, 'model-stream.onnx'));
    writeFileSync(files[1], toStream(modelMetadata({ ...facts, streams: true })));
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const explanation = model.toExplain?.({ ...modelMetadata({ ...facts, streams: false }), [EXPLAINS]: sha256 });
  if (explanation !== undefined) writeFileSync(join(writer.folder, 'explain.onnx'), explanation);
  return files;
}

async function logLossOn(
  model: FittedModel,
  windows: PreparedDataset['validation'],
  { prior }: PreparedDataset,
): Promise<number> {
  const probabilities = await model.predict(windows);
  const board = new Scoreboard(1, prior.length);
  windows.labels.forEach((label, i) => {
    board.add(0, label, probabilities, i * prior.length);
  });
  return board.score(0).logLoss ?? Number.NaN;
}

/** Of the i-th model in the scores, as the registry names them. */
function figuresOf({ scores }: DatasetScores, i: number): Figures {
  const { logLoss, gain, directionGain, mcc, macroF1, accuracy, brier } = scores[i];
  const figure = ({ value, interval }: Figure): Figures[string] => ({
    value,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  });
  return {
    'test-log-loss': figure(logLoss),
    'test-gain': figure(gain),
    'test-direction-gain': figure(directionGain),
    'test-mcc': figure(mcc),
    'test-macro-f1': figure(macroF1),
    'test-accuracy': figure(accuracy),
    'test-brier': plain(brier),
  };
}

function plain(value: number): Figures[string] {
  return { value, low: null, high: null };
}

/** The run's last word where it did not finish, and what the user is told. */
function ended({ io }: Context, error: unknown, writer: RunWriter, flags: TrainFlags): unknown {
  const stopped = io.stop.aborted && error instanceof BookcastError && error.code === 'not-ready';
  const message = error instanceof Error ? error.message : String(error);
  const nothing = { metrics: {}, baselines: {}, seconds: {}, parameters: null, multiplyAdds: null };
  writer.finish({ status: stopped ? 'stopped' : 'failed', message, ...nothing });
  if (!stopped) return error;
  const runs = flags.runs === undefined ? '' : ` --runs ${flags.runs}`;
  return new BookcastError('not-ready', `${message}; go on with: bookcast train --resume ${writer.id}${runs}`, {
    run: writer.id,
  });
}

/** Epochs to the registry as they end, and the mean loss of steps about once a second. */
class LiveMetrics {
  readonly #clock: Context['io']['clock'];
  readonly #writer: RunWriter;
  #step = 0;
  #sum = 0;
  #n = 0;
  #lastNs: number;

  constructor({ io }: Context, writer: RunWriter) {
    this.#clock = io.clock;
    this.#writer = writer;
    this.#lastNs = io.clock.monotonicNs();
  }

  update(event: FitEvent): void {
    if (event.kind === 'step') {
      this.#step = event.step;
      this.#sum += event.loss;
      this.#n++;
      const now = this.#clock.monotonicNs();
      if (now - this.#lastNs < BLOCK_NS) return;
      this.#writer.metrics(event.epoch + 1, event.step, { loss: this.#sum / this.#n });
      this.#sum = 0;
      this.#n = 0;
      this.#lastNs = now;
    } else if (event.kind === 'epoch') {
      this.#writer.metrics(event.epoch + 1, this.#step, event.metrics);
    }
  }
}

/** Wall clock by what was done, and the cores' seconds beside it: these stay true where other work shares the machine. */
class Stopwatch {
  readonly #now: () => number;
  readonly #startNs: number;
  readonly #laps: Record<string, number> = {};
  #lastNs: number;
  #lastUsage = process.cpuUsage();

  constructor({ io }: Context) {
    this.#now = () => io.clock.monotonicNs();
    this.#startNs = this.#now();
    this.#lastNs = this.#startNs;
  }

  lap(name: string): void {
    const now = this.#now();
    const { user, system } = process.cpuUsage(this.#lastUsage);
    this.#laps[name] = (now - this.#lastNs) / 1e9;
    this.#laps[`${name}-cpu`] = (user + system) / 1e6;
    this.#lastNs = now;
    this.#lastUsage = process.cpuUsage();
  }

  seconds(): Record<string, number> {
    return { ...this.#laps, total: (this.#now() - this.#startNs) / 1e9 };
  }
}
