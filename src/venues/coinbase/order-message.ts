import { MAX_EXACT, shown } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import { BEYOND, type Steps } from './steps.ts';

/** One message of the `full` channel, with its numbers as ticks and lots. */
export interface OrderMessage {
  /** `received`, `activate` and types yet unknown change no book: `other`. */
  readonly type: 'open' | 'match' | 'change' | 'done' | 'other';
  readonly sequence: number;
  readonly timeNs: number;
  /** Of `match`: the resting order's. */
  readonly orderId: string;
  readonly side: Side;
  /** `BEYOND` where a column cannot hold it; `NaN` where there is none, as in all that concerns a market order. */
  readonly ticks: number;
  /** Of `open`: what rests. Of `match`: what traded. Of `change`: what rests from now on. `NaN` where there is none. */
  readonly lots: number;
  /** Of `change`: what rested before; `NaN` where it is not told. */
  readonly oldLots: number;
}

type Raw = Readonly<Record<string, unknown>>;

const TYPES = ['open', 'match', 'change', 'done'];
const DECIMAL = /^\d+(?:\.\d+)?$/;

/** Whole number from 0, or `NaN`. */
export function wholeNumber(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_EXACT ? value : Number.NaN;
}

/**
 * A parsed message of the `full` channel. Throws a `RangeError` that says what is wrong where a field that matters is
 * missing, or a price or size is no whole number of steps. JSON keeps prices and sizes as text, so nothing was rounded.
 */
export function orderMessage(raw: Raw, sequence: number, steps: Steps, timeNs: number): OrderMessage {
  const type = TYPES.includes(String(raw.type)) ? (raw.type as OrderMessage['type']) : 'other';
  const nothing = { ticks: Number.NaN, lots: Number.NaN, oldLots: Number.NaN };
  if (type === 'other') return { type, sequence, timeNs, orderId: '', side: Side.NONE, ...nothing };
  const orderId = raw[type === 'match' ? 'maker_order_id' : 'order_id'];
  if (typeof orderId !== 'string' || orderId === '') throw new RangeError(`"${type}" without the order's id`);
  const side = sideOf(raw.side);
  const known = { type, sequence, timeNs, orderId, side };
  if (type === 'done') return { ...known, ...nothing };
  // A change without a price is one of a market order, which never rests; so is one of funds.
  const priceText = type === 'change' ? (raw.new_price ?? raw.price) : raw.price;
  if (type === 'change' && (typeof priceText !== 'string' || raw.new_size === undefined))
    return { ...known, ...nothing };
  if (side === Side.NONE) throw new RangeError(`the side of "${type}" is ${shown(raw.side)}, expected buy or sell`);
  const ticks = ticksOf(priceText, steps);
  const sizeText = type === 'open' ? raw.remaining_size : type === 'match' ? raw.size : raw.new_size;
  const lots = lotsOf(sizeText, steps);
  const oldLots = type === 'change' && raw.old_size !== undefined ? lotsOf(raw.old_size, steps) : Number.NaN;
  return { ...known, ticks, lots, oldLots };
}

function sideOf(value: unknown): Side {
  return value === 'buy' ? Side.BID : value === 'sell' ? Side.ASK : Side.NONE;
}

/** Ticks of price text, or `BEYOND`. Throws a `RangeError`. */
export function ticksOf(value: unknown, steps: Steps): number {
  const ticks = typeof value === 'string' && DECIMAL.test(value) ? steps.ticksOf(value) : Number.NaN;
  if (ticks === BEYOND || ticks > 0) return ticks;
  throw new RangeError(`a price of ${shown(value)}, expected text of whole ticks`);
}

/** Lots of size text. Throws a `RangeError`. */
export function lotsOf(value: unknown, steps: Steps): number {
  const lots = typeof value === 'string' && DECIMAL.test(value) ? steps.lotsOf(value) : Number.NaN;
  if (lots >= 0) return lots;
  throw new RangeError(`a size of ${shown(value)}, expected text of whole lots`);
}
