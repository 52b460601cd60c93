import { type DecimalStep, decimalToSteps, MAX_EXACT, MAX_PRICE_TICKS } from '../../core/index.ts';
import { type Instrument, priceStep, sizeStep } from '../../market/index.ts';

const MINUS = 45;

/**
 * A price that is a whole number of ticks and yet more than a price column holds. Coinbase accepts asks of any price: the
 * recorded BTC-USD snapshot has five above 21,474,836.47 USD, up to 138,991,023.41.
 */
export const BEYOND = Number.POSITIVE_INFINITY;

export function beyondNote(count: number): string {
  const what = count === 1 ? '1 price lies' : `${count} prices lie`;
  return `${what} beyond ${MAX_PRICE_TICKS} ticks: left out of the book, as are all changes there`;
}

/** Decimal text → ticks and lots of one instrument, exactly. */
export class Steps {
  readonly #price: DecimalStep;
  readonly #size: DecimalStep;

  constructor(instrument: Instrument) {
    this.#price = priceStep(instrument);
    this.#size = sizeStep(instrument);
  }

  /** Ticks, at least 1; `BEYOND`; `NaN` where the text is no price of whole ticks. */
  ticks(bytes: Uint8Array, from: number, to: number): number {
    const ticks = decimalToSteps(bytes, from, to, this.#price);
    if (ticks <= MAX_PRICE_TICKS) return ticks >= 1 ? ticks : Number.NaN;
    if (ticks > MAX_PRICE_TICKS) return BEYOND;
    return isTooLarge(bytes, from, to, this.#price) ? BEYOND : Number.NaN;
  }

  /** Lots, at least 0; `NaN` where the text is no size of whole lots. */
  lots(bytes: Uint8Array, from: number, to: number): number {
    if (bytes[from] === MINUS) return Number.NaN;
    const lots = decimalToSteps(bytes, from, to, this.#size);
    return lots <= MAX_EXACT ? lots : Number.NaN;
  }

  ticksOf(text: string): number {
    const bytes = Buffer.from(text);
    return this.ticks(bytes, 0, bytes.length);
  }

  lotsOf(text: string): number {
    const bytes = Buffer.from(text);
    return this.lots(bytes, 0, bytes.length);
  }
}

/** Whole steps, but more of them than a `Float64` counts exactly. */
function isTooLarge(bytes: Uint8Array, from: number, to: number, unit: DecimalStep): boolean {
  const match = /^(\d{1,40})(?:\.(\d{1,40}))?$/.exec(Buffer.from(bytes.subarray(from, to)).toString('latin1'));
  if (match === null) return false;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > unit.scale) return false;
  const units = BigInt(match[1] + fraction.padEnd(unit.scale, '0'));
  return units % BigInt(unit.step) === 0n && units / BigInt(unit.step) > BigInt(MAX_PRICE_TICKS);
}
