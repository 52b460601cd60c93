import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { assert, BookcastError } from '../../src/core/index.ts';
import { ENTRY_NS, FEED_NS, type PairEnd, type PairTape, RESPONSE_NS } from './resting-pair.ts';

const SCRIPT = join(import.meta.dirname, 'hft_rival.py');
const VENV = resolve(import.meta.dirname, '../../.venv-backtest/bin/python');
/** What `elapse` returns at the end of the data. */
const END_OF_DATA = 1;

/** Which of its two books it keeps: an array over a range of prices, its fastest, or a hash map. */
export type HftDepth = 'roivector' | 'hashmap';

interface Answer {
  readonly ns: number;
  readonly code: number;
  readonly touch: readonly number[];
  readonly fills: number;
  /** Of our two orders, those that rest at the end. */
  readonly resting: number;
}

/** A Python with hftbacktest: BOOKCAST_HFTBACKTEST, or the repository's .venv-backtest (scripts/python-env.sh backtest); null where neither has it. */
export function findHft(): string | null {
  for (const python of [process.env.BOOKCAST_HFTBACKTEST, VENV]) {
    if (python === undefined || !existsSync(python)) continue;
    if (spawnSync(python, ['-c', 'import hftbacktest'], { timeout: 120_000 }).status === 0) return python;
  }
  return null;
}

/** A process with hftbacktest, which plays one tape at a time when it is told to. */
export class HftRival {
  /** `hftbacktest@2.4.4`. */
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bookcast-hft-'));

  private constructor(name: string, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.#child = child;
    this.#lines = lines;
  }

  /** Null where no Python here has it. */
  static async start(): Promise<HftRival | null> {
    const python = findHft();
    if (python === null) return null;
    const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const { hftbacktest } = JSON.parse((await lines.next()).value ?? '{}');
    return new HftRival(`hftbacktest@${hftbacktest}`, child, lines);
  }

  /** Hands it the tape; its run is compiled and played once before any is timed. */
  async load(tape: PairTape, depth: HftDepth): Promise<void> {
    const path = join(this.#folder, 'events.bin');
    writeFileSync(path, tape.hft.bytes);
    const { lowTicks, highTicks, bidTicks, askTicks } = tape;
    const latencies = { feedNs: FEED_NS, entryNs: ENTRY_NS, responseNs: RESPONSE_NS };
    const prices = { lowTicks, highTicks, bidTicks, askTicks };
    const restNs = tape.spanNs + 2 * (FEED_NS + ENTRY_NS + RESPONSE_NS);
    const byOrder = tape.by === 'orders';
    const { rows } = await this.#ask({ do: 'load', path, depth, byOrder, restNs, ...latencies, ...prices });
    assert(rows === tape.hft.rows, `${this.name} read all ${tape.hft.rows} rows, not ${rows}`);
  }

  /** Plays it once. */
  async play(tape: PairTape): Promise<PairEnd> {
    const { ns, code, touch, fills, resting } = (await this.#ask({ do: 'run' })) as Answer;
    assert(code === END_OF_DATA, `${this.name} came to the end of ${tape.name}: its code is ${code}`);
    assert(resting === 2, `both orders rest at ${this.name} to the end of ${tape.name}, not ${resting}`);
    return { ns, events: tape.events, touch, fills };
  }

  stop(): void {
    this.#child.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each command has an answer of its own, which its caller names
  async #ask(command: object): Promise<any> {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new BookcastError('bad-input', `${this.name} ended: see its message above`);
    return JSON.parse(value);
  }
}
