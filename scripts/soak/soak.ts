/** Null where the caller gave none: each soak has its own long form. */
export interface SoakOptions {
  readonly seconds: number | null;
  readonly seeds: number | null;
  readonly firstSeed: number | null;
  readonly inputs: number | null;
  /** One venue, or one decoder. */
  readonly only: string | null;
}

export interface SoakResult {
  /** What must not be, each with the command that repeats it. Empty where all is well. */
  readonly problems: readonly string[];
  /** What was measured: plain values, or tables of them. */
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface Soak {
  readonly about: string;
  run(options: SoakOptions, progress: (line: string) => void): Promise<SoakResult>;
}

/** What `--only` names among `names`, or all. Throws on an unknown one, naming all. */
export function chosen<T extends string>(only: string | null, names: readonly T[]): readonly T[] {
  if (only === null) return names;
  const found = names.filter((name) => name === only);
  if (found.length === 0) throw new Error(`--only "${only}" is none of ${names.join(', ')}`);
  return found;
}
