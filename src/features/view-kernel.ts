import { viewModule } from './view-code.ts';
import { type Task, ViewMemory, viewPlace } from './view-memory.ts';

/** What is used of WebAssembly; absent where the engine runs without it. */
declare const WebAssembly:
  | undefined
  | {
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    };

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  step(bid: Task, ask: Task): number;
}

export interface ViewKernel {
  readonly memory: ViewMemory;
  /** `ViewMemory.step`, whoever does it. */
  readonly step: (bid: Task, ask: Task) => number;
}

/** By depth. */
const modules = new Map<number, object>();

/**
 * A view's memory with what works on it: in WebAssembly, or `plain`, in TypeScript, which gives the same bits. Plain too where there is
 * no WebAssembly, or no room for more of its memories: each reserves gigabytes of addresses, and some ten thousand fill a process.
 */
export function createViewKernel(depth: number, plain: boolean): ViewKernel {
  const exports = plain ? null : instantiate(depth);
  if (exports !== null) return { memory: new ViewMemory(exports.memory.buffer, depth), step: exports.step };
  const memory = new ViewMemory(new ArrayBuffer(viewPlace(depth).bytes), depth);
  return { memory, step: (bid, ask) => memory.step(bid, ask) };
}

function instantiate(depth: number): Exports | null {
  if (typeof WebAssembly === 'undefined') return null;
  let module = modules.get(depth);
  if (module === undefined) {
    module = new WebAssembly.Module(viewModule(depth));
    modules.set(depth, module);
  }
  try {
    return new WebAssembly.Instance(module).exports as Exports;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
