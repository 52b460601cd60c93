import uPlot from 'uplot';
import { numberText, signedText, stepDigits } from './format.ts';

/** What both charts show: columns of equal length, oldest first, and how much of the past to draw. */
export interface View {
  spanSeconds: number;
  tickSize: string;
  seconds: number[];
  bid: (number | null)[];
  ask: (number | null)[];
  mid: (number | null)[];
  lean: (number | null)[];
}

export interface Palette {
  text: string;
  grid: string;
  panel: string;
  line: string;
  up: string;
  down: string;
  upSoft: string;
  downSoft: string;
  band: string;
  hatch: string;
  font: string;
}

const AXIS_WIDTH = 74;
const TAG_HEIGHT = 18;
const MIN_SPAN_SECONDS = 5;
const SYNC_KEY = 'bookcast';

/** The page's colours as CSS has them now; a canvas cannot follow CSS variables by itself. */
export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read('--dim'),
    grid: read('--grid'),
    panel: read('--panel'),
    line: read('--line'),
    up: read('--bid'),
    down: read('--ask'),
    upSoft: read('--bid-soft'),
    downSoft: read('--ask-soft'),
    band: read('--band'),
    hatch: read('--hatch'),
    font: `11px ${style.fontFamily}`,
  };
}

/** Mid as a line within the band of bid and ask. */
export function priceChart(host: HTMLElement, view: View, palette: Palette, onCursor: () => void): uPlot {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const edge = { stroke: 'transparent', width: 0, points: { show: false }, ...(stepped && { paths: stepped }) };
  const options = baseOptions(host);
  options.axes = [
    blankTimeAxis(palette),
    valueAxis(
      palette,
      () => view.mid.at(-1),
      (value) => value.toFixed(stepDigits(view.tickSize)),
    ),
  ];
  options.scales = { x: timeScale(view), y: { range: (_, low, high) => padded(low, high, Number(view.tickSize)) } };
  options.series = [{}, edge, edge, { ...edge, stroke: palette.line, width: 1.5 }];
  options.bands = [{ series: [2, 1], fill: palette.band }];
  options.hooks = {
    drawClear: [(u) => hatchAbsent(u, view.seconds, view.mid, palette)],
    draw: [(u) => tagLast(u, view.mid, palette.line, palette, (v) => numberText(v, stepDigits(view.tickSize) + 1))],
    setCursor: [onCursor],
  };
  return new uPlot(options, priceData(view), host);
}

/** p(up) − p(down), filled from zero, on the same time axis. */
export function leanChart(host: HTMLElement, view: View, palette: Palette): uPlot {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const options = baseOptions(host);
  options.axes = [
    timeAxis(palette),
    valueAxis(
      palette,
      () => view.lean.at(-1),
      (value) => signedText(value, 1),
    ),
  ];
  options.scales = { x: timeScale(view), y: { range: (_, low, high) => symmetric(low, high) } };
  options.series = [
    {},
    {
      stroke: (u) => split(u, palette.up, palette.down),
      fill: (u) => split(u, palette.upSoft, palette.downSoft),
      fillTo: 0,
      width: 1.25,
      points: { show: false },
      ...(stepped && { paths: stepped }),
    },
  ];
  options.hooks = {
    drawClear: [(u) => hatchAbsent(u, view.seconds, view.lean, palette)],
    draw: [(u) => tagLast(u, view.lean, leanColour(view, palette), palette, (v) => signedText(v, 2))],
  };
  return new uPlot(options, leanData(view), host);
}

export function priceData(view: View): uPlot.AlignedData {
  return [view.seconds, view.bid, view.ask, view.mid];
}

export function leanData(view: View): uPlot.AlignedData {
  return [view.seconds, view.lean];
}

function baseOptions(host: HTMLElement): uPlot.Options {
  return {
    width: Math.max(1, host.clientWidth),
    height: Math.max(1, host.clientHeight),
    padding: [8, 0, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: SYNC_KEY } },
    series: [],
  };
}

function timeScale(view: View): uPlot.Scale {
  return {
    time: true,
    range: (_, low, high) => {
      if (low === null || high === null) return [0, view.spanSeconds];
      return [high - Math.max(MIN_SPAN_SECONDS, Math.min(view.spanSeconds, high - low)), high];
    },
  };
}

function timeAxis(palette: Palette): uPlot.Axis {
  const pad = (value: number) => String(value).padStart(2, '0');
  return {
    stroke: palette.text,
    font: palette.font,
    size: 28,
    gap: 6,
    space: 90,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
    values: (u, splits) =>
      splits.map((seconds) => {
        if (u.data[0].length === 0 || atLeftEdge(u, seconds)) return '';
        const date = new Date(Math.round(seconds * 1000));
        return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
      }),
    incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600],
  };
}

/** Half a label's width from the edge, where it would be cut. */
function atLeftEdge(u: uPlot, seconds: number): boolean {
  const { min = 0, max = 1 } = u.scales.x;
  return ((seconds - min) / (max - min)) * (u.bbox.width / uPlot.pxRatio) < 26;
}

function blankTimeAxis(palette: Palette): uPlot.Axis {
  return { ...timeAxis(palette), size: 0, gap: 0, values: (_, splits) => splits.map(() => '') };
}

/** Leaves out the labels that the tag of the last value would cover. */
function valueAxis(
  palette: Palette,
  last: () => number | null | undefined,
  text: (value: number) => string,
): uPlot.Axis {
  return {
    side: 1,
    stroke: palette.text,
    font: palette.font,
    size: AXIS_WIDTH,
    gap: 8,
    space: 34,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
    values: (u, splits) =>
      splits.map((value) => (u.data[0].length === 0 || covered(u, value, last()) ? '' : text(value))),
  };
}

function covered(u: uPlot, value: number, last: number | null | undefined): boolean {
  const { min, max } = u.scales.y;
  if (last === null || last === undefined || min === undefined || max === undefined) return false;
  const apart = (Math.abs(value - last) / (max - min)) * (u.bbox.height / uPlot.pxRatio);
  return apart < TAG_HEIGHT;
}

function padded(low: number | null, high: number | null, tick: number): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = Math.max(0.08 * (high - low), tick);
  return [low - room, high + room];
}

function symmetric(low: number | null, high: number | null): [number, number] {
  const reach = Math.max(Math.abs(low ?? 0), Math.abs(high ?? 0), 0.05);
  const bound = Math.min(1, Math.ceil(reach * 10 + 0.2) / 10);
  return [-bound, bound];
}

/** One colour above zero, another below. */
function split(u: uPlot, above: string, below: string): CanvasGradient | string {
  const { top, height } = u.bbox;
  const zero = (u.valToPos(0, 'y', true) - top) / height;
  if (!Number.isFinite(zero) || zero <= 0 || zero >= 1) return above;
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, above);
  gradient.addColorStop(zero, above);
  gradient.addColorStop(zero, below);
  gradient.addColorStop(1, below);
  return gradient;
}

function leanColour(view: View, palette: Palette): string {
  return (view.lean.at(-1) ?? 0) < 0 ? palette.down : palette.up;
}

/** Marks the time in which there was no value, so that a gap cannot be taken for a calm market. */
function hatchAbsent(u: uPlot, seconds: number[], column: (number | null)[], palette: Palette): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = palette.hatch;
  for (let i = 0; i < column.length; i++) {
    if (column[i] !== null) continue;
    const from = u.valToPos(seconds[i], 'x', true);
    while (i + 1 < column.length && column[i + 1] === null) i++;
    const to = u.valToPos(seconds[Math.min(i + 1, seconds.length - 1)], 'x', true);
    ctx.fillRect(from, bbox.top, Math.max(2, to - from), bbox.height);
  }
  ctx.restore();
}

/** The last value as a label on the axis, as trading screens have it. */
function tagLast(
  u: uPlot,
  column: (number | null)[],
  colour: string,
  palette: Palette,
  text: (value: number) => string,
): void {
  const last = column.at(-1);
  if (last === undefined || last === null) return;
  const ratio = uPlot.pxRatio;
  const { ctx, bbox } = u;
  const y = u.valToPos(last, 'y', true);
  const left = bbox.left + bbox.width;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.fillRect(left + 1, y - (TAG_HEIGHT / 2) * ratio, (AXIS_WIDTH - 4) * ratio, TAG_HEIGHT * ratio);
  ctx.fillStyle = palette.panel;
  ctx.font = palette.font.replace(/^11px/, `600 ${11 * ratio}px`);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(text(last), left + 8 * ratio, y);
  ctx.restore();
}
