import { BookcastError, decodeState, encodeState } from '../../core/index.ts';

/** A learner, or a part of one, that can be saved in mid-stream and goes on bit for bit. */
export interface Stateful {
  /** What it was made with. A state is put back only where these are the same, to the bit: another learner would go on otherwise. */
  readonly settings: readonly number[];
  /** All that changes as it learns; the very arrays that it works on. */
  readonly state: readonly Float64Array[];
}

/** The state of all `parts` together, in their order; `extra` goes behind (arrays that the learner reads back itself). */
export function saveParts(
  kind: string,
  version: number,
  parts: readonly Stateful[],
  extra: readonly Float64Array[] = [],
): Uint8Array {
  const settings = Float64Array.from(parts.flatMap((part) => part.settings));
  return encodeState(kind, version, [settings, ...parts.flatMap((part) => part.state), ...extra]);
}

/**
 * Reads what `saveParts` saved: `commit` puts it back into the parts, and the arrays behind (`extra` has their lengths) come as they are. Throws
 * `bad-input` for bytes of another kind, version, size or settings; nothing has changed until `commit`.
 */
export function restoreParts(
  bytes: Uint8Array,
  kind: string,
  version: number,
  parts: readonly Stateful[],
  extra: readonly number[] = [],
): { readonly extra: readonly Float64Array[]; readonly commit: () => void } {
  const settings = parts.flatMap((part) => part.settings);
  const states = parts.flatMap((part) => part.state);
  const lengths = [settings.length, ...states.map((array) => array.length), ...extra];
  const arrays = decodeState(bytes, kind, version, lengths);
  const wrong = settings.findIndex((value, i) => !Object.is(value, arrays[0][i]));
  if (wrong >= 0)
    throw new BookcastError(
      'bad-input',
      `the saved state of ${kind} was made with other settings: number ${wrong} of ${settings.length} was ${arrays[0][wrong]}, and is ${settings[wrong]} here; ` +
        'make the learner as the saved one was made, or begin anew',
      { kind, setting: wrong, found: arrays[0][wrong], expected: settings[wrong] },
    );
  return {
    extra: arrays.slice(1 + states.length),
    commit: () => {
      for (let i = 0; i < states.length; i++) states[i].set(arrays[1 + i]);
    },
  };
}
