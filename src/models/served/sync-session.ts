import { Worker } from 'node:worker_threads';
import { BookcastError, type ErrorCode } from '../../core/index.ts';
import {
  Command,
  Head,
  numbersIn,
  type Opened,
  type SessionSpec,
  type SharedViews,
  sharedMemory,
  viewsOf,
  waitWhile,
} from './session-wire.ts';

/** No run of one window takes so long: the other thread is stuck, or dead. */
const PATIENCE_MS = 30_000;

/**
 * A session of ONNX Runtime that answers at once. The runtime's public interface is asynchronous, and the way from book to forecast is
 * not: so a thread of its own owns the session, and the caller waits for it on shared memory. Nothing is allocated in a run, and no event
 * of the caller's is handled meanwhile.
 */
export class SyncSession {
  /** Where it runs: `cpu`, `cuda` or `webgpu`. */
  readonly device: string;
  /** What the device `auto` would have liked better, and why it is not here; null where nothing is missed. */
  readonly missed: string | null;
  readonly #views: SharedViews;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #spin: boolean;
  readonly #patienceMs: number;
  #closed = false;

  private constructor(
    worker: Worker,
    ended: Promise<void>,
    views: SharedViews,
    { device, missed }: Extract<Opened, { type: 'open' }>,
    { spin, patienceMs }: { readonly spin: boolean; readonly patienceMs: number },
  ) {
    this.#spin = spin;
    this.#patienceMs = patienceMs;
    this.missed = missed;
    this.#worker = worker;
    this.#ended = ended;
    this.#views = views;
    this.device = device;
  }

  /** Throws `missing-package` where ONNX Runtime is not here, and what opening the session throws. */
  static async open(spec: Omit<SessionSpec, 'memory'>, patienceMs = PATIENCE_MS): Promise<SyncSession> {
    const sizes = [numbersIn(spec.input), numbersIn(spec.output)] as const;
    const memory = sharedMemory(...sizes);
    // Node runs the sources as they are; a published package has only what `tsc` emitted.
    const file = import.meta.url.endsWith('.ts') ? './session-worker.ts' : './session-worker.js';
    const workerData: SessionSpec = { ...spec, memory };
    const worker = new Worker(new URL(file, import.meta.url), { workerData });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const opened = await new Promise<Opened>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (opened.type === 'error') {
      await ended;
      throw opened.code === null
        ? new Error(opened.message)
        : new BookcastError(opened.code as ErrorCode, opened.message);
    }
    // A process that has nothing else to do may end.
    worker.unref();
    const waiting = { spin: spec.options.spin === true, patienceMs };
    return new SyncSession(worker, ended, viewsOf(memory, ...sizes), opened, waiting);
  }

  /** The window to run on, to be written by the caller, row after row. */
  get input(): Float32Array {
    return this.#views.input;
  }

  /** Of the last run. */
  get output(): Float32Array {
    return this.#views.output;
  }

  /**
   * Runs on `input`; `anew`: with all states 0. Throws what the runtime throws, and `not-ready` where the answer to this run, or to an earlier one
   * that was given up, does not come in time.
   */
  run(anew: boolean): void {
    if (this.#closed) throw new Error('assertion failed: a session that was closed runs no more');
    const { head } = this.#views;
    // What an earlier run is still to leave there would be taken for the answer to this one.
    if (Atomics.load(head, Head.ANSWERED) !== head[Head.ASKED]) {
      throw new BookcastError('not-ready', "the model's thread is busy with an earlier row, which took too long");
    }
    this.#ask(anew ? Command.RUN_ANEW : Command.RUN);
    if (!waitWhile(head, Head.ANSWERED, (head[Head.ASKED] - 1) | 0, this.#spin, this.#patienceMs)) {
      throw new BookcastError('not-ready', `the model's thread has not answered for ${this.#patienceMs / 1000} s`);
    }
    if (head[Head.FAILED] > 0) throw new BookcastError('bad-input', this.#message());
  }

  /** Lets go of the session and ends its thread. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#worker.ref();
      this.#ask(Command.CLOSE);
    }
    await this.#ended;
  }

  #ask(command: number): void {
    const { head } = this.#views;
    head[Head.COMMAND] = command;
    // Wraps round together with the answer's.
    Atomics.add(head, Head.ASKED, 1);
    Atomics.notify(head, Head.ASKED);
  }

  #message(): string {
    const { head, message } = this.#views;
    return new TextDecoder().decode(message.slice(0, head[Head.FAILED]));
  }
}
