/** `T` as JSON keeps it: what may be `NaN` or infinite may be null, and typed arrays are lists. */
export type Plain<T> = T extends number
  ? number | null
  : T extends string | boolean | null | undefined
    ? T
    : T extends ArrayBufferView & { readonly length: number }
      ? readonly (number | null)[]
      : T extends readonly (infer Item)[]
        ? readonly Plain<Item>[]
        : T extends object
          ? { readonly [Key in keyof T]: Plain<T[Key]> }
          : T;

/** A deep copy that JSON keeps as it is: numbers that are none become null, and what is undefined goes. */
export function plain<T>(value: T): Plain<T> {
  return plainOf(value) as Plain<T>;
}

function plainOf(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, plainOf);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined && typeof inner !== 'function');
  return Object.fromEntries(kept.map(([key, inner]) => [key, plainOf(inner)]));
}
