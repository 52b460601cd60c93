import type { MessagePort } from 'node:worker_threads';
import { BookcastError } from '../../core/index.ts';
import { openSession, type Session } from '../../nn/index.ts';
import {
  Command,
  Head,
  numbersIn,
  type Opened,
  type SessionSpec,
  type SharedViews,
  viewsOf,
  waitWhile,
} from './session-wire.ts';

/**
 * The other side of `SyncSession`: opens the session, says so, and then sleeps until it is asked. Between requests it handles no events,
 * so a request costs no turn of an event loop; it ends when it is told to.
 */
export async function serveSession(port: Pick<MessagePort, 'postMessage' | 'close'>, spec: SessionSpec): Promise<void> {
  const say = (opened: Opened): void => port.postMessage(opened);
  let session: Session;
  try {
    session = await openSession(spec.model, spec.options);
  } catch (error) {
    const code = error instanceof BookcastError ? error.code : null;
    say({ type: 'error', code, message: code === null ? String((error as Error).stack) : (error as Error).message });
    port.close();
    return;
  }
  const views = viewsOf(spec.memory, numbersIn(spec.input), numbersIn(spec.output));
  const runner = new Runner(session, spec, views);
  const { head } = views;
  let answered = 0;
  say({ type: 'open', device: session.device, missed: session.missed });
  for (;;) {
    // This side never spins: with several models their threads would take each other's cores.
    waitWhile(head, Head.ASKED, answered, false);
    const command = head[Head.COMMAND];
    if (command === Command.CLOSE) break;
    head[Head.FAILED] = 0;
    try {
      await runner.run(command === Command.RUN_ANEW);
    } catch (error) {
      const { written } = new TextEncoder().encodeInto(String((error as Error).message), text);
      views.message.set(text.subarray(0, written));
      head[Head.FAILED] = Math.max(1, written);
    }
    answered = (answered + 1) | 0;
    Atomics.store(head, Head.ANSWERED, answered);
    Atomics.notify(head, Head.ANSWERED);
  }
  await session.close();
  port.close();
}

/** `encodeInto` does not write to shared memory. */
const text = new Uint8Array(512);

/** A session with its tensors, made once. Two sets of states take turns: the runtime may not write what it reads. */
class Runner {
  readonly #session: Session;
  readonly #views: SharedViews;
  readonly #input: Float32Array;
  readonly #output: Float32Array;
  readonly #states: readonly Float32Array[];
  readonly #feeds: readonly Parameters<Session['run']>[0][];
  readonly #fetches: readonly Parameters<Session['run']>[0][];
  #turn = 0;

  constructor(session: Session, { input, output, states }: SessionSpec, views: SharedViews) {
    this.#session = session;
    this.#views = views;
    this.#input = new Float32Array(numbersIn(input));
    this.#output = new Float32Array(numbersIn(output));
    const x = session.tensor(this.#input, input.shape);
    const y = session.tensor(this.#output, output.shape);
    const sets = [0, 1].map(() => states.map((state) => new Float32Array(numbersIn(state))));
    const tensors = sets.map((set) => set.map((data, i) => session.tensor(data, states[i].shape)));
    const named = (name: 'name' | 'output', set: number) =>
      Object.fromEntries(states.map((state, i) => [state[name], tensors[set][i]]));
    this.#states = sets.flat();
    this.#feeds = [0, 1].map((set) => ({ [input.name]: x, ...named('name', set) }));
    this.#fetches = [0, 1].map((set) => ({ [output.name]: y, ...named('output', 1 - set) }));
  }

  async run(anew: boolean): Promise<void> {
    if (anew) for (const state of this.#states) state.fill(0);
    this.#input.set(this.#views.input);
    await this.#session.run(this.#feeds[this.#turn], this.#fetches[this.#turn]);
    this.#turn = 1 - this.#turn;
    this.#views.output.set(this.#output);
  }
}
