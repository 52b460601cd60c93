import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';
import { assert } from '../core/index.ts';
import type { Plot } from './frame.ts';
import { numberText, tickTexts } from './number-text.ts';
import { element, label, px, textWidth } from './svg.ts';

/** `time` is milliseconds since 1970, shown in UTC; `log` wants values above 0. */
export type AxisKind = 'linear' | 'log' | 'time';

export interface AxisOptions {
  readonly kind?: AxisKind;
  /** What the axis counts, with its unit. */
  readonly label?: string;
  /** Ends; otherwise those of the data, rounded outwards. */
  readonly domain?: readonly [number, number];
  /** Ticks of a linear axis with texts of their own, such as names of places. */
  readonly ticks?: readonly { readonly value: number; readonly text: string }[];
}

/** A scale with its ticks, ready to be drawn along either side of a plot. */
export interface Axis {
  readonly label: string | undefined;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** A place in user units; values beyond the ends stay at the end. */
  place(value: number): number;
}

/** Numbers beyond this are drawn at the edge: differences of larger ones are no numbers any more. Nor are parts of smaller ones. */
const LARGEST = 1e150;
const SMALLEST = 1e-150;

function bounded(value: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, value));
}

/** From `[low, high]` of the data to user units `[from, to]`. A range of nothing is widened, so that it can be drawn. */
export function createAxis(options: AxisOptions, low: number, high: number, from: number, to: number): Axis {
  const { kind = 'linear', domain } = options;
  let [first, last] = (domain ?? [low, high]).map(bounded);
  // Ticks between ends that are nearly one number would be that number.
  if (Math.abs(last - first) <= Math.max(SMALLEST, 1e-12 * Math.abs(first))) {
    const half = Math.abs(first) <= SMALLEST ? 1 : Math.abs(first) / 2;
    first -= kind === 'log' ? half / 2 : half;
    last += half;
  }
  const room = Math.abs(to - from);
  const axis = { label: options.label };
  if (kind === 'time') {
    const scale = scaleUtc([new Date(first), new Date(last)], [from, to]).clamp(true);
    const stepOf = (ticks: readonly Date[]): number =>
      ticks.length < 2 ? last - first : Number(ticks[1]) - Number(ticks[0]);
    const close = scale.ticks(Math.max(2, Math.floor(room / 70)));
    // Seconds take more room.
    const ticks = stepOf(close) < 60_000 ? scale.ticks(Math.max(2, Math.floor(room / 95))) : close;
    const stepMs = stepOf(ticks);
    return {
      ...axis,
      place: (value) => scale(value),
      ticks: ticks.map((tick) => ({ at: scale(tick), text: timeText(tick, stepMs, last - first) })),
    };
  }
  if (kind === 'log') {
    assert(first > 0 && last > 0, 'a logarithmic axis has values above 0');
    const scale = scaleLog([first, last], [from, to]).clamp(true);
    return { ...axis, place: (value) => scale(value), ticks: logTicks(first, last, room).map(named(scale)) };
  }
  const scale = scaleLinear([first, last], [from, to]).clamp(true);
  const count = Math.max(2, Math.floor(room / 55));
  if (domain === undefined) scale.nice(count);
  const given = options.ticks;
  if (given !== undefined) {
    const ticks = given.map(({ value, text }) => ({ at: scale(value), text }));
    return { ...axis, place: (value) => scale(value), ticks };
  }
  const ticks = scale.ticks(count);
  const texts = tickTexts(ticks);
  return {
    ...axis,
    place: (value) => scale(value),
    ticks: ticks.map((tick, i) => ({ at: scale(tick), text: texts[i] })),
  };
}

function named(scale: (value: number) => number): (tick: number) => Axis['ticks'][number] {
  return (tick) => ({ at: scale(tick), text: numberText(tick) });
}

/** 1, 2 and 5 of every power of ten, or the powers alone where there is no room for more. */
function logTicks(first: number, last: number, room: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(first)); power <= Math.log10(last); power++) {
    for (const digit of [1, 2, 5]) {
      const tick = digit * 10 ** power;
      if (tick >= first * 0.999 && tick <= last * 1.001) ticks.push(tick);
    }
  }
  const powers = ticks.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
  return room / ticks.length < 26 && powers.length > 1 ? powers : ticks;
}

function timeText(tick: Date, stepMs: number, spanMs: number): string {
  const iso = tick.toISOString();
  if (spanMs > 3 * 86_400_000) return iso.slice(5, 10);
  if (stepMs >= 60_000) return iso.slice(11, 16);
  return iso.slice(11, 19);
}

/** The left margin that the texts of a vertical axis take, its label included. */
export function leftMargin(texts: readonly string[], axisLabel: string | undefined): number {
  const widest = Math.max(0, ...texts.map((text) => textWidth(text)));
  return Math.ceil(widest + 10 + (axisLabel === undefined ? 0 : 16));
}

export function drawBottomAxis(axis: Axis, plot: Plot, grid = false): string {
  const { left, right, top, bottom } = plot;
  const lines = axis.ticks.map(({ at }) => `M${px(at)} ${px(grid ? top : bottom)}V${px(bottom + (grid ? 0 : 4))}`);
  const texts = axis.ticks.map(({ at, text }) => {
    const half = textWidth(text) / 2;
    // The last text may reach a little beyond the plot, and no further than the margin.
    const kept = Math.max(half, Math.min(at, right + 11 - half));
    return label(kept, bottom + 15, text, { anchor: 'middle', class: 'dim' });
  });
  return [
    element('path', { d: lines.join(''), class: grid ? 'grid' : 'axis' }),
    element('path', { d: `M${px(left)} ${px(bottom)}H${px(right)}`, class: 'axis' }),
    ...texts,
    axis.label === undefined
      ? ''
      : label((left + right) / 2, bottom + 31, axis.label, { anchor: 'middle', class: 'dim' }),
  ].join('');
}

/** With lines of the grid across the plot. */
export function drawLeftAxis(axis: Axis, plot: Plot): string {
  const { left, right, top, bottom } = plot;
  const lines = axis.ticks.map(({ at }) => `M${px(left)} ${px(at)}H${px(right)}`);
  return [
    element('path', { d: lines.join(''), class: 'grid' }),
    ...axis.ticks.map(({ at, text }) => label(left - 6, at + 3.5, text, { anchor: 'end', class: 'dim' })),
    axis.label === undefined
      ? ''
      : label(11, (top + bottom) / 2, axis.label, { anchor: 'middle', class: 'dim', rotate: -90 }),
  ].join('');
}

/** Least and greatest of what is a number; null where nothing is. */
export function extentOf(values: Iterable<number>): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const kept = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value));
  return low <= high ? [kept(low), kept(high)] : null;
}
