import { assert, BookcastError } from '../core/index.ts';
import { type Instrument, instrumentKey } from '../market/index.ts';
import { CATALOGUE } from './catalogue.ts';
import type { FeatureFit } from './fit.ts';
import { nearest } from './nearest.ts';
import type { Need, SignalDefinition } from './signal.ts';

const LEVELS = 10;

/** Levels that signals read: ten, or as many as the venue reports. */
export function bookDepth(instrument: Instrument): number {
  return Math.min(LEVELS, instrument.depthLimit ?? LEVELS);
}

/** The served models' signals, in the order of their columns. Few, fast, and each with a reason in the literature. */
const CORE_NAMES = [
  'ofi',
  'ofi_mean',
  'imbalance',
  'spread',
  'weighted_mid',
  'depth_mid',
  'microprice',
  'trade_flow',
  'trade_count_imbalance',
  'return',
  'volatility',
  'event_rate',
  'trade_rate',
  'mid_age',
];

export const CORE_SET: readonly SignalDefinition[] = Object.freeze(
  CORE_NAMES.map((name) => {
    const signal = CATALOGUE.find((candidate) => candidate.name === name);
    assert(signal !== undefined, `the core set's ${name} is in the catalogue`);
    return signal;
  }),
);

/** What there is to compute signals of. */
export interface Offer {
  readonly instrument: Instrument;
  readonly fit?: FeatureFit;
  readonly peer?: Instrument;
}

export interface Selection {
  readonly signals: readonly SignalDefinition[];
  /** Signals of a set that the offer has no data for. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The signals of `text`: sets (`core`, `full`) and names of signals, in order, separated by commas. A set leaves out what the
 * offer has no data for and says so; a signal asked for by name is an error then. Throws `bad-argument`, naming the nearest
 * where a name is unknown.
 */
export function selectSignals(text: string, offer: Offer): Selection {
  const signals = new Set<SignalDefinition>();
  const leftOut: { name: string; reason: string }[] = [];
  const words = text.split(',').map((word) => word.trim());
  for (const word of words) {
    const set = word === 'core' ? CORE_SET : word === 'full' ? CATALOGUE : null;
    for (const signal of set ?? [findSignal(word)]) {
      const reason = missing(signal, offer);
      if (reason === null) signals.add(signal);
      else if (set !== null) leftOut.push({ name: signal.name, reason });
      else throw new BookcastError('bad-argument', `the signal ${signal.name} ${reason}`, { signal: signal.name });
    }
  }
  if (signals.size === 0) throw new BookcastError('bad-argument', `"${text}" selects no signal`);
  return { signals: [...signals], leftOut };
}

/** The signal of that name, or the one that has a column of that name; throws `bad-argument` with the nearest names. */
export function findSignal(name: string): SignalDefinition {
  const found =
    CATALOGUE.find((signal) => signal.name === name) ??
    CATALOGUE.find((signal) => signal.columns(LEVELS).some((column) => column.name === name));
  if (found !== undefined) return found;
  const known = [
    'core',
    'full',
    ...CATALOGUE.flatMap(({ name, columns }) => [name, ...columns(LEVELS).map((c) => c.name)]),
  ];
  throw new BookcastError(
    'bad-argument',
    `there is no signal or set "${name}"; did you mean ${nearest(name, known).join(' or ')}? "bookcast features --list" has them all`,
  );
}

const LACKS: Readonly<Record<Need, (offer: Offer) => string | null>> = {
  orders: ({ instrument }) =>
    instrument.byOrder === true
      ? null
      : `needs every order by name (L3), and ${instrumentKey(instrument)} is a stream of levels (L2)`,
  fit: ({ instrument, fit }) => {
    if (fit === undefined)
      return 'needs a fit: make one with "bookcast fit TAPE… --out FIT.json" and give --fit FIT.json';
    const depth = bookDepth(instrument);
    return fit.depth === depth ? null : `needs a fit for ${depth} levels, and this one is for ${fit.depth}`;
  },
  peer: ({ peer }) => (peer === undefined ? 'needs a second instrument: give its recording with --peer' : null),
};

function missing(signal: SignalDefinition, offer: Offer): string | null {
  const reasons = signal.needs.map((need) => LACKS[need](offer)).filter((reason) => reason !== null);
  return reasons.length === 0 ? null : reasons.join('; ');
}
