import { assert, BookcastError, type DecimalStep, decimalStep } from '../core/index.ts';

/**
 * How a stream's book messages chain, so that a lost one is noticed:
 * - `consecutive`: each message carries the number after the last one's (simulator, LOBSTER rows, most L3 feeds);
 * - `spanning`: a message covers ids `previous + 1 … sequence`, and may overlap what is known (Binance spot);
 * - `linked`: a message names its predecessor's last id; ids between may be missing (Binance futures).
 */
export type Sequencing = 'consecutive' | 'spanning' | 'linked';

/** What trades: the venue, our name for it, and the exact steps of its prices and sizes. Plain data, frozen. */
export interface Instrument {
  readonly venue: string;
  /** Our name, upper case: the venue's symbol, with the market after a slash where one venue has several (`BTCUSDT/USDM`). */
  readonly name: string;
  /** One tick as decimal text, such as `0.10`, in units of the quote currency. */
  readonly tickSize: string;
  /** One lot as decimal text, such as `0.001`, in units of the base currency, shares or contracts. */
  readonly lotSize: string;
  readonly sequencing: Sequencing;
  /** A burst ends once nothing arrived for this long and time has moved on, in nanoseconds; 0: with the timestamp. */
  readonly burstQuietNs: number;
  /** Levels a side that the venue reports; null where it reports all. Levels deeper than this are unknown, not empty. */
  readonly depthLimit: number | null;
  /** The stream names every order (L3): ADD, CANCEL, DELETE and EXECUTE rows, with ids. Absent where it tells levels only. */
  readonly byOrder?: true;
  /** How the venue's checksums of its book are made (`book-checksum.ts`); absent where it sends none. */
  readonly checksum?: BookChecksum;
}

/** Kraken: CRC32 of the ten best levels a side, written with so many decimals as the wire has. */
export interface BookChecksum {
  readonly rule: 'kraken';
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
}

/** `venue:NAME`, the key by which everything else refers to an instrument. */
export function instrumentKey(instrument: Instrument): string {
  return `${instrument.venue}:${instrument.name}`;
}

export function priceStep(instrument: Instrument): DecimalStep {
  return decimalStep(instrument.tickSize);
}

export function sizeStep(instrument: Instrument): DecimalStep {
  return decimalStep(instrument.lotSize);
}

const KEYS = ['venue', 'name', 'tickSize', 'lotSize', 'sequencing', 'burstQuietNs', 'depthLimit'] as const;
/** More decimals than any venue writes. */
const MAX_DECIMALS = 16;
const STEP = /^\d+(\.\d+)?$/;

/** Checks data from outside (a tape's header, a command line); throws `bad-input` naming the field. */
export function parseInstrument(data: unknown, where: string): Instrument {
  const fail = (what: string): never => {
    throw new BookcastError('bad-input', `${where}: ${what}`, { where });
  };
  if (typeof data !== 'object' || data === null) return fail('an instrument is an object');
  const raw = data as Record<string, unknown>;
  for (const key of KEYS) if (!(key in raw)) fail(`the instrument lacks "${key}"`);
  const isStep = (value: unknown): boolean => typeof value === 'string' && STEP.test(value) && Number(value) > 0;
  if (!isStep(raw.tickSize) || !isStep(raw.lotSize)) fail('tickSize and lotSize are positive decimals in quotes');
  if (!['consecutive', 'spanning', 'linked'].includes(raw.sequencing as string)) {
    fail(`sequencing is consecutive, spanning or linked, not ${JSON.stringify(raw.sequencing)}`);
  }
  assert(KEYS.length === 7, 'every field is copied below');
  const parsed: Instrument = {
    venue: String(raw.venue),
    name: String(raw.name),
    tickSize: raw.tickSize as string,
    lotSize: raw.lotSize as string,
    sequencing: raw.sequencing as Sequencing,
    burstQuietNs: Number(raw.burstQuietNs),
    depthLimit: raw.depthLimit === null ? null : Number(raw.depthLimit),
    ...(raw.byOrder === true ? { byOrder: true } : {}),
  };
  if (raw.checksum === undefined) return Object.freeze(parsed);
  const checksum = parseChecksum(raw.checksum);
  if (checksum === null || !canWrite(checksum, parsed)) {
    const found = JSON.stringify(raw.checksum);
    fail(`checksum is {"rule": "kraken"} with decimals that tickSize and lotSize fit in, up to 16, not ${found}`);
  }
  return Object.freeze({ ...parsed, checksum: Object.freeze(checksum as BookChecksum) });
}

function parseChecksum(data: unknown): BookChecksum | null {
  if (typeof data !== 'object' || data === null) return null;
  const { rule, priceDecimals, sizeDecimals } = data as Record<string, unknown>;
  const areDecimals = (value: unknown): boolean => Number.isInteger(value) && (value as number) <= MAX_DECIMALS;
  if (rule !== 'kraken' || !areDecimals(priceDecimals) || !areDecimals(sizeDecimals)) return null;
  return { rule, priceDecimals: priceDecimals as number, sizeDecimals: sizeDecimals as number };
}

/** A price and a size of one step can be written with the checksum's decimals. */
function canWrite(checksum: BookChecksum, instrument: Instrument): boolean {
  return checksum.priceDecimals >= priceStep(instrument).scale && checksum.sizeDecimals >= sizeStep(instrument).scale;
}
