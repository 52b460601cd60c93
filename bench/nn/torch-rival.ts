import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { assert, BookcastError } from '../../src/core/index.ts';
import type { ParameterSpec } from '../../src/nn/net.ts';

const SCRIPT = join(import.meta.dirname, 'torch_rival.py');
/** The newest wheel of PyPI (scripts/python-env.sh rival), and Debian's package. */
const PYTHONS = [
  { python: resolve(import.meta.dirname, '../../.venv-rivals/bin/python'), from: 'PyPI' },
  { python: '/usr/bin/python3', from: 'Debian' },
];

/** A net as both sides build it: the same weights, the same batch. */
export interface NetCase {
  readonly net: string;
  readonly config: object;
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly specs: readonly ParameterSpec[];
  readonly weights: Float32Array;
  /** (T, B, F) and (B). */
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/** A process with PyTorch, which does one thing at a time when it is told to. */
export class TorchRival {
  /** `torch@2.15.0 (PyPI, mkl)`. */
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bookcast-torch-'));

  private constructor(name: string, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.#child = child;
    this.#lines = lines;
  }

  /** Those that this machine has, each with so many threads. */
  static async start(threads: number): Promise<TorchRival[]> {
    const rivals: TorchRival[] = [];
    for (const { python, from } of PYTHONS) {
      if (!existsSync(python)) continue;
      if (spawnSync(python, ['-c', 'import torch'], { timeout: 120_000 }).status !== 0) continue;
      const child = spawn(python, [SCRIPT, `${threads}`], { stdio: ['pipe', 'pipe', 'inherit'] });
      const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
      const { torch, blas } = JSON.parse((await lines.next()).value ?? '{}');
      rivals.push(new TorchRival(`torch@${torch} (${from}, ${blas})`, child, lines));
    }
    return rivals;
  }

  /** Builds the net and returns the loss on the batch, before a step. */
  async build({ specs, weights, x, y, ...sizes }: NetCase): Promise<number> {
    const put = (name: string, xs: Float32Array | Int32Array): string => {
      const path = join(this.#folder, name);
      writeFileSync(path, new Uint8Array(xs.buffer, xs.byteOffset, xs.byteLength));
      return path;
    };
    const parameters = specs.map(({ name, shape, offset }) => ({ name, shape, offset }));
    const files = { weights: put('weights', weights), x: put('x', x), y: put('y', y) };
    const answer = await this.#ask({ do: 'build', ...sizes, parameters, ...files });
    assert(answer.parameters === weights.length, `${this.name} has as many parameters: ${answer.parameters}`);
    return answer.loss;
  }

  /** Milliseconds of each step, and the loss before it. */
  async train(steps: number): Promise<{ ms: number[]; losses: number[] }> {
    return this.#ask({ do: 'train', steps });
  }

  /** Milliseconds of each forward pass, and the probabilities of the first window. */
  async infer(runs: number): Promise<{ ms: number[]; first: number[] }> {
    return this.#ask({ do: 'infer', runs });
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
