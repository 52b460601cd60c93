/** Null where the caller gave none: each soak has its own long form. */
export interface SoakOptions {
  readonly seconds: number | null;
  readonly seeds: number | null;
  readonly firstSeed: number | null;
  readonly inputs: number | null;
  /** Venues, or decoders, with commas. */
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

/** What `--only` names among `names`, one or several with commas, or all. Throws on an unknown one, naming all. */
export function chosen<T extends string>(only: string | null, names: readonly T[]): readonly T[] {
  if (only === null) return names;
  const asked = only.split(',');
  const unknown = asked.find((name) => !names.includes(name as T));
  if (unknown !== undefined) throw new Error(`--only "${unknown}" is none of ${names.join(', ')}`);
  return names.filter((name) => asked.includes(name));
}
