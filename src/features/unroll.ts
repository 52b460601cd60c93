import type { Signal } from './signal.ts';

/**
 * Calls in one piece of code. The engine inlines only so much into one function: with a hundred calls in it, most would
 * remain calls, and cost as much again as what they do.
 */
const PIECE = 5;

/**
 * One function that calls a method of every target in turn, every call at a place of its own. A loop over many classes has one
 * place for all of them, and the engine then looks each method up anew: measured for 60 classes 25 ns a call, against 0.4–2 ns
 * here, where each call is compiled for its one class. Nothing but names of ours and indices is written into the code.
 */
export function unroll<F extends (...args: never[]) => void>(
  targets: readonly object[],
  method: string,
  parameters: string,
): F {
  return inPieces(targets, parameters, (i) => `t${i}.${method}(${parameters});`);
}

/**
 * As `unroll`, of `write`, each signal at its own place of a row that is written again and again: one whose `source` has not
 * changed since is left as it stands there.
 */
export function unrollWrites<F extends (...args: never[]) => void>(
  signals: readonly Signal[],
  offsets: readonly number[],
): F {
  return inPieces(signals, 'view, row', (i) => {
    const write = `t${i}.write(view, row, ${offsets[i]});`;
    if (signals[i].source === undefined) return write;
    return `if (t${i}.source.version !== v${i}) { v${i} = t${i}.source.version; ${write} }`;
  });
}

/** A function of the parameters that runs a statement for every target `t0`, `t1` …, each with a variable `v0`, `v1` … to keep. */
function inPieces<F>(targets: readonly object[], parameters: string, statement: (i: number) => string): F {
  const pieces: string[] = [];
  for (let from = 0; from < targets.length; from += PIECE) {
    const at = Array.from({ length: Math.min(PIECE, targets.length - from) }, (_, k) => from + k);
    const kept = at.map((i) => `const t${i} = targets[${i}]; let v${i} = -1;`);
    pieces.push(`(() => {\n${kept.join('\n')}\nreturn (${parameters}) => {\n${at.map(statement).join('\n')}\n};\n})()`);
  }
  const names = pieces.map((_, k) => `piece${k}`);
  const calls = names.map((name) => `${name}(${parameters});`);
  const body = `'use strict';\nconst [${names}] = [${pieces.join(',\n')}];\nreturn (${parameters}) => {\n${calls.join('\n')}\n};`;
  return new Function('targets', body)(targets) as F;
}
