import { createHash } from 'node:crypto';
import { BookcastError, shown } from '../core/index.ts';
import { MICROPRICE_STATES } from './signals/fair-value/microprice-states.ts';

/**
 * Parameters of signals that are estimated on training data, saved beside the models that use them. Plain data; made by
 * `fitting.ts`, which serving never sees.
 */
export interface FeatureFit {
  readonly format: 'bookcast-fit';
  readonly version: 1;
  /** `venue:NAME` of the training data. */
  readonly instrument: string;
  /** Levels a side. */
  readonly depth: number;
  /** Messages of the training data. */
  readonly messages: number;
  /** Where the training data ends: venue time, ISO 8601. Rows up to here are no test of a model. */
  readonly until: string;
  readonly microprice: MicropriceFit;
  readonly components: ComponentsFit;
  readonly hawkes: HawkesFit;
  /** First 16 hex digits of the SHA-256 of everything else in here, as canonical JSON. */
  readonly hash: string;
}

export interface MicropriceFit {
  /** Microprice less mid in ticks, by state (|imbalance| bucket within spread bucket); odd in imbalance. */
  readonly fair: readonly number[];
}

export interface ComponentsFit {
  /** First principal component of the levels' order flows, by level, divided by the sum of its absolute values; sum above 0. */
  readonly weights: readonly number[];
  /** Its part of the variance. */
  readonly explained: number;
}

/**
 * Buys and sells excite themselves and each other, alike on both sides:
 * λ_buy(t) = μ + Σ_buys α_self e^(−β(t − tᵢ)) + Σ_sells α_cross e^(−β(t − tᵢ)), rates per second.
 */
export interface HawkesFit {
  readonly baseRate: number;
  readonly self: number;
  readonly cross: number;
  /** β, 1/s. */
  readonly decay: number;
  /**
   * Log-likelihood per event, trades of one sign in quick succession merged into one, and that of a Poisson process with the
   * same mean rate: the no-skill baseline.
   */
  readonly logLikelihood: number;
  readonly poissonLogLikelihood: number;
}

const FORMAT = 'bookcast-fit';
const VERSION = 1;
const KEYS = [
  'format',
  'version',
  'instrument',
  'depth',
  'messages',
  'until',
  'microprice',
  'components',
  'hawkes',
  'hash',
];
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** A fit of these parameters, with its hash, frozen. */
export function sealFit(parts: Omit<FeatureFit, 'format' | 'version' | 'hash'>): FeatureFit {
  const body = { format: FORMAT, version: VERSION, ...parts } as const;
  return deepFreeze({ ...body, hash: hashOf(body) });
}

/**
 * The fit that a file holds. Throws `bad-input` naming the field where something is not as `FeatureFit` has it, and where the
 * contents do not give the hash: parameters edited by hand belong to no training data.
 */
export function parseFit(data: unknown, where: string): FeatureFit {
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${where}: ${what}; make a fit with "bookcast fit"`, { where });
  };
  const fit = new Fields(data, '', fail);
  if (fit.raw.format !== FORMAT) fail(`this is no fit: format is ${shown(fit.raw.format)}, expected "${FORMAT}"`);
  if (fit.raw.version !== VERSION)
    fail(`the fit is of version ${shown(fit.raw.version)}, and ${VERSION} is known here`);
  fit.only(KEYS);
  const depth = fit.number('depth', (x) => Number.isInteger(x) && x > 0, 'a whole number of levels');
  const microprice = fit.object('microprice', ['fair']);
  const components = fit.object('components', ['weights', 'explained']);
  const hawkes = fit.object('hawkes', ['baseRate', 'self', 'cross', 'decay', 'logLikelihood', 'poissonLogLikelihood']);
  const rate = (key: string): number => hawkes.number(key, (x) => x >= 0, 'a rate per second, not negative');
  const sealed = sealFit({
    instrument: fit.text('instrument', (text) => text.includes(':'), 'venue:NAME'),
    depth,
    messages: fit.number('messages', (x) => Number.isInteger(x) && x >= 0, 'a whole number'),
    until: fit.text('until', (text) => TIME.test(text), 'a time such as 2012-06-21T13:30:00Z'),
    microprice: { fair: microprice.numbers('fair', MICROPRICE_STATES) },
    components: {
      weights: components.numbers('weights', depth),
      explained: components.number('explained', (x) => x > 0 && x <= 1, 'a part of 1'),
    },
    hawkes: {
      baseRate: rate('baseRate'),
      self: rate('self'),
      cross: rate('cross'),
      decay: hawkes.number('decay', (x) => x > 0, 'above 0'),
      logLikelihood: hawkes.number('logLikelihood'),
      poissonLogLikelihood: hawkes.number('poissonLogLikelihood'),
    },
  });
  const hash = fit.text('hash', () => true, 'text');
  if (hash !== sealed.hash) {
    fail(`its hash is ${shown(hash)} and its contents give "${sealed.hash}": it was edited or damaged`);
  }
  return sealed;
}

/** Reads the fields of one object from outside; `fail` throws. */
class Fields {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #fail: (what: string) => never;

  constructor(data: unknown, path: string, fail: (what: string) => never) {
    this.#path = path;
    this.#fail = fail;
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      fail(`${path === '' ? 'a fit' : `"${path.slice(0, -1)}"`} is an object, not ${shown(data)}`);
    }
    this.raw = data as Record<string, unknown>;
  }

  /** Refuses what would not be covered by the hash. */
  only(keys: readonly string[]): this {
    const key = Object.keys(this.raw).find((candidate) => !keys.includes(candidate));
    if (key !== undefined) this.#fail(`${shown(this.#path + key)} is no field of a fit`);
    return this;
  }

  object(key: string, keys: readonly string[]): Fields {
    return new Fields(this.raw[key], `${this.#path}${key}.`, this.#fail).only(keys);
  }

  text(key: string, is: (text: string) => boolean, expected: string): string {
    const value = this.raw[key];
    return typeof value === 'string' && is(value) ? value : this.#wrong(key, expected);
  }

  number(key: string, is: (x: number) => boolean = () => true, expected = 'a number'): number {
    const value = this.raw[key];
    return typeof value === 'number' && Number.isFinite(value) && is(value) ? value : this.#wrong(key, expected);
  }

  numbers(key: string, length: number): readonly number[] {
    const value = this.raw[key];
    if (!Array.isArray(value) || value.length !== length || !value.every(Number.isFinite)) {
      return this.#wrong(key, `${length} numbers`);
    }
    return [...value];
  }

  #wrong(key: string, expected: string): never {
    return this.#fail(`"${this.#path}${key}" is ${expected}, not ${shown(this.raw[key])}`);
  }
}

function hashOf(body: object): string {
  return createHash('sha256').update(canonical(body)).digest('hex').slice(0, 16);
}

/** JSON without blanks and with keys in order, so that equal data give equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const field of Object.values(value)) if (typeof field === 'object' && field !== null) deepFreeze(field);
  return Object.freeze(value);
}
