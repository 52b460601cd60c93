import type { Signal } from './signal.ts';

/**
 * Calls in one piece of code. The engine inlines only so much into one function: with a hundred calls in it, most would
 * remain calls, and cost as much again as what they do.
 */
const PIECE = 5;

/**
 * One function that calls a method of every target in turn, every call at a place of its own. A loop over many classes has one
 * place for all of them, and the engine then looks each method up anew: measured for 60 classes 25 ns a call, against 0.4–2 ns
 * here, where each call is compiled for its one class. Nothing but indices is written into the code that is made.
 */
export function unroll<F extends (...args: never[]) => void>(
  targets: readonly object[],
  method: string,
  parameters: string,
): F {
  return inPieces(
    targets,
    targets.map((_, i) => `t[${i}]`),
    parameters,
    (i) => `t${i}.${method}(${parameters});`,
  );
}

/**
 * As `unroll`, of `write`, each signal at its own place of a row that is written again and again: one whose `source` has not
 * changed since is left as it stands there.
 */
export function unrollWrites<F extends (...args: never[]) => void>(
  signals: readonly Signal[],
  offsets: readonly number[],
): F {
  return inPieces(signals, signals.map((_, i) => `t[${i}]`), 'view, row', (i) => {
    const write = `t${i}.write(view, row, ${offsets[i]});`;
    if (signals[i].source === undefined) return write;
    return `if (t${i}.source.version !== v${i}) { v${i} = t${i}.source.version; ${write} }`;
  });
}

function inPieces<F>(
  targets: readonly object[],
  _names: readonly string[],
  parameters: string,
  statement: (i: number) => string,
): F {
  const pieces: string[] = [];
  for (let from = 0; from < targets.length; from += PIECE) {
    const to = Math.min(from + PIECE, targets.length);
    const at = Array.from({ length: to - from }, (_, k) => from + k);
    const bind = at.map((i) => `const t${i} = t[${i}]; let v${i} = -1;`).join(' ');
    pieces.push(`((t) => { ${bind} return (${parameters}) => { ${at.map(statement).join(' ')} }; })(t)`);
  }
  const names = pieces.map((_, k) => `p${k}`);
  const body = `'use strict';
const [${names}] = [${pieces.join(',\n')}];
return (${parameters}) => { ${names.map((name) => `${name}(${parameters});`).join(' ')} };`;
  return new Function('t', body)(targets) as F;
}
