const MINUS = '−';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const ABSENT = '–';
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/**
 * A number as a person reads it, with about so many significant digits: `−0.0312`, `1,240`, `3.1×10⁻⁷`; `–` for `NaN`. With
 * `zeros` those at the end stay, as a column of numbers wants them.
 */
export function numberText(value: number, digits = 3, zeros = false): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? ABSENT : value > 0 ? '∞' : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e7 || size < 1e-4) return powerText(value, digits);
  const exponent = Math.floor(Math.log10(Number(size.toPrecision(digits))));
  const decimals = Math.max(0, digits - 1 - exponent);
  if (decimals === 0) return minus(grouped.format(value));
  const text = value.toFixed(decimals);
  return minus(zeros ? text : trimmed(text));
}

function powerText(value: number, digits: number): string {
  const [mantissa, power] = value.toExponential(digits - 1).split('e');
  const raised = [...String(Math.abs(Number(power)))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
  return `${minus(trimmed(mantissa))}×10${Number(power) < 0 ? '⁻' : ''}${raised}`;
}

/** With so many decimals, all shown, so that columns of them align. */
export function fixedText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return ABSENT;
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : minus(text);
}

/** As `fixedText`, its sign always shown, but for what rounds to zero. */
export function signedText(value: number, decimals: number): string {
  const text = fixedText(value, decimals);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

export function countText(value: number): string {
  return Number.isFinite(value) ? minus(grouped.format(value)) : ABSENT;
}

/** A part of one as per cent; what is there at all never shows as nothing, and what is not all never as all. */
export function percentText(part: number, decimals = 0): string {
  if (!Number.isFinite(part)) return ABSENT;
  const least = 10 ** -decimals / 2;
  const percent = 100 * part;
  if (percent > 0 && percent < least) return `<${(2 * least).toFixed(decimals)} %`;
  if (percent < 100 && percent > 100 - least) return `>${(100 - 2 * least).toFixed(decimals)} %`;
  return `${fixedText(percent, decimals)} %`;
}

/** Texts of an axis: all with as many decimals as the step between them needs. */
export function tickTexts(ticks: readonly number[]): string[] {
  if (ticks.length < 2) return ticks.map((tick) => numberText(tick));
  const step = Math.abs(ticks[1] - ticks[0]);
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest >= 1e7 || step < 1e-5) return ticks.map((tick) => numberText(tick));
  let decimals = 0;
  while (
    decimals < 6 &&
    Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * 10 ** decimals * step
  )
    decimals++;
  return ticks.map((tick) => (decimals === 0 ? countText(tick) : fixedText(tick, decimals)));
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function minus(text: string): string {
  return text.replace('-', MINUS);
}
