const NUMBER = /^(\d{1,18})(?:\.(\d{1,30}))?(?:e([+-]\d{1,3}))?$/i;
/** A lot of every recording that went through floats: 10^-8. */
const DECIMALS = 8;
/** What a float or two may be off by, in units of its last place; 1.7 at most on the recorded hour. */
const MAX_ULPS = 4;

/**
 * The size that a recorder read into a `Float64`, added to or took from, and wrote down again: `0.11244000000000001` was
 * `0.11244000`. Restored to the nearest lot where it lies within float error of that lot; null where it does not, or the
 * text is no size. `changed`: the text was no whole number of lots.
 */
export function restoreSize(text: string): { text: string; changed: boolean } | null {
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const fraction = match[2] ?? '';
  const exponent = Number(match[3] ?? 0) - fraction.length + DECIMALS;
  const digits = BigInt(match[1] + fraction);
  if (exponent > 20 || exponent < -60) return null;
  // The size is digits × 10^exponent lots.
  if (exponent >= 0) return { text: lotsText(digits * 10n ** BigInt(exponent)), changed: false };
  const unit = 10n ** BigInt(-exponent);
  const lots = (digits + unit / 2n) / unit;
  const off = digits - lots * unit;
  if (off === 0n) return { text: lotsText(lots), changed: false };
  const value = Number(text);
  const ulp = 2 ** (Math.floor(Math.log2(value)) - 52);
  const offLots = Math.abs(Number(off)) / Number(unit);
  // A thousandth of a lot leaves no doubt which lot is meant.
  if (offLots > 1e-3 || offLots > MAX_ULPS * ulp * 10 ** DECIMALS) return null;
  return { text: lotsText(lots), changed: true };
}

function lotsText(lots: bigint): string {
  const digits = lots.toString().padStart(DECIMALS + 1, '0');
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}
