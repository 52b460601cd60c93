import { BookcastError, NS_PER_SECOND, Random } from '../../core/index.ts';
import { FeatureEngine } from '../../features/index.ts';
import { BookSync, Effect, type EventBatch, type Instrument, LadderBook, messageEnd } from '../../market/index.ts';
import type { Interval } from '../paired-losses.ts';
import { BlockDraws } from './information.ts';
import { type LinearFit, leastSquares, mean, outOfSampleR2 } from './least-squares.ts';
import type { CentredRanks } from './ranks.ts';

/** Windows of equal length: what the mid did in each, and the order flow of the same time. */
export interface FlowWindows {
  readonly seconds: number;
  /** Mid at the end less mid at the start, in ticks, by window. */
  readonly moveTicks: Float64Array;
  /** Σ of the messages' order flow in lots, by level, then by window. */
  readonly flowLots: readonly Float64Array[];
  /** Which stretch of `periodSeconds` since the first window each window is in. */
  readonly period: Int32Array;
}

/** The half hours over which Cont, Kukanov and Stoikov (2014) average. */
const PERIOD_SECONDS = 1800;
/** A period with fewer windows has no regression of its own. */
const LEAST_WINDOWS = 30;

/** How much of a move the order flow *of the same time* explains. No forecast: both are known only when the window is over. */
export interface OfiImpact {
  readonly seconds: number;
  readonly windows: number;
  /** Move of the mid on the order flow at the touch; the slope is in ticks a lot. */
  readonly touch: LinearFit;
  /** 95 % block-bootstrap interval of the touch's R²; null where there are too few windows. */
  readonly interval: Interval | null;
  /** The same regression in each half hour (as published): mean R², and how many there were; null without any. */
  readonly byPeriod: { readonly r2: number; readonly periods: number } | null;
  /** On the order flow of every level at once (Xu, Gould and Howison 2018), without a penalty; null for too few windows. */
  readonly levels: LinearFit | null;
  /** R² on the last third of the windows of fits made on the first two thirds; `NaN` for too few windows. */
  readonly outOfSample: { readonly touch: number; readonly levels: number };
  /** Flow at the touch and move, by window: for a figure. */
  readonly points: { readonly flowLots: readonly number[]; readonly moveTicks: readonly number[] };
}

/** The mean R² that Cont, Kukanov and Stoikov (2014) report for 50 US stocks: 10 s windows within half hours. */
export const PUBLISHED_OFI_R2 = 0.65;

/** Gathers windows while a recording plays. Windows in which the book was lost, or a side was empty at an end, are left out. */
export class FlowRecorder {
  readonly #windowNs: number;
  readonly #moves: number[] = [];
  readonly #flows: number[][];
  readonly #periods: number[] = [];
  readonly #sums: Float64Array;
  readonly #seconds: number;
  #originNs = Number.NaN;
  #index = -1;
  #startMid = Number.NaN;
  #broken = true;

  constructor(seconds: number, depth: number) {
    this.#seconds = seconds;
    this.#windowNs = seconds * NS_PER_SECOND;
    this.#sums = new Float64Array(depth);
    this.#flows = Array.from({ length: depth }, () => []);
  }

  /** The mid as it stands before whatever happens at `ns`: closes the windows that have ended by then. */
  moveTo(ns: number, midTicks: number): void {
    if (Number.isNaN(this.#originNs)) {
      this.#originNs = ns;
      this.#open(0, midTicks);
      return;
    }
    const index = Math.floor((ns - this.#originNs) / this.#windowNs);
    if (index <= this.#index) return;
    this.#close(midTicks);
    // Nothing happened in the windows between: the mid stood still, and so did the flow.
    for (let quiet = this.#index + 1; quiet < index; quiet++) {
      this.#open(quiet, midTicks);
      this.#close(midTicks);
    }
    this.#open(index, midTicks);
  }

  add(flowLots: Float64Array): void {
    for (let m = 0; m < flowLots.length; m++) this.#sums[m] += flowLots[m];
  }

  /** The book was lost: nothing is known of this window, and of none until `moveTo` finds a mid again. */
  lose(): void {
    this.#broken = true;
  }

  windows(): FlowWindows {
    return {
      seconds: this.#seconds,
      moveTicks: Float64Array.from(this.#moves),
      flowLots: this.#flows.map((flow) => Float64Array.from(flow)),
      period: Int32Array.from(this.#periods),
    };
  }

  #open(index: number, midTicks: number): void {
    this.#index = index;
    this.#startMid = midTicks;
    this.#broken = Number.isNaN(midTicks);
    this.#sums.fill(0);
  }

  #close(midTicks: number): void {
    if (this.#broken || Number.isNaN(midTicks)) return;
    this.#moves.push(midTicks - this.#startMid);
    this.#sums.forEach((sum, m) => void this.#flows[m].push(sum));
    this.#periods.push(Math.floor((this.#index * this.#seconds) / PERIOD_SECONDS));
  }
}

/** Plays a recording once and gathers windows of each length. The last window, cut off by the end, is left out. */
export async function flowWindows(
  instrument: Instrument,
  batches: AsyncIterable<EventBatch>,
  seconds: readonly number[],
  onProgress: (events: number) => void = () => {},
): Promise<FlowWindows[]> {
  const sync = new BookSync(instrument, new LadderBook({ windowTicks: 1 << 16 }));
  const engine = new FeatureEngine(instrument, { signals: [] });
  const { view } = engine;
  const recorders = seconds.map((length) => new FlowRecorder(length, view.depth));
  const venueTime = instrument.burstQuietNs === 0;
  let baseDay = Number.NaN;
  let now = 0;
  let events = 0;
  for await (const batch of batches) {
    if (Number.isNaN(baseDay)) baseDay = batch.day;
    const times = venueTime ? batch.tsEventNs : batch.tsRecvNs;
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const before = view.bookMessages;
      // Time that goes back counts as standing still, as in the rows.
      now = Math.max(now, times[from] + (batch.day - baseDay) * 86_400 * NS_PER_SECOND);
      const mid = view.midTicks;
      const effect = sync.applyMessage(batch, from, to);
      engine.onMessage(batch, from, to, sync.book, effect);
      for (const recorder of recorders) {
        recorder.moveTo(now, mid);
        if (effect === Effect.LOST || effect === Effect.RESYNCED) recorder.lose();
        else if (view.bookMessages > before) recorder.add(view.flowLots);
      }
      from = to;
    }
    events += batch.length;
    onProgress(events);
  }
  return recorders.map((recorder) => recorder.windows());
}

/** Fewer windows say nothing of a line. */
const LEAST_TOUCH = 20;
/** A regression on all levels has this many windows a level, or it fits noise. */
const WINDOWS_A_LEVEL = 5;
const RESAMPLES = 1000;
const SEED = 20120621;

/** Throws `bad-input` where there are too few windows for a line. */
export function ofiImpact(windows: FlowWindows): OfiImpact {
  const { seconds, moveTicks, flowLots, period } = windows;
  const n = moveTicks.length;
  if (n < LEAST_TOUCH) {
    throw new BookcastError(
      'bad-input',
      `${n} whole windows of ${seconds} s are too few to compare order flow and moves; give a recording with ${LEAST_TOUCH} at least`,
    );
  }
  const cut = Math.floor((2 * n) / 3);
  const enough = cut >= WINDOWS_A_LEVEL * flowLots.length;
  const touch = flowLots.slice(0, 1);
  const meanY = mean(moveTicks.subarray(0, cut));
  const testOn = (regressors: readonly Float64Array[]): number => {
    const fit = leastSquares(
      regressors.map((x) => x.subarray(0, cut)),
      moveTicks.subarray(0, cut),
    );
    const rest = regressors.map((x) => x.subarray(cut));
    return outOfSampleR2(fit, rest, moveTicks.subarray(cut), meanY);
  };
  return {
    seconds,
    windows: n,
    touch: leastSquares(touch, moveTicks),
    interval: r2Interval(touch[0], moveTicks),
    byPeriod: byPeriod(touch[0], moveTicks, period),
    levels: enough ? leastSquares(flowLots, moveTicks) : null,
    outOfSample: { touch: testOn(touch), levels: enough ? testOn(flowLots) : Number.NaN },
    points: { flowLots: [...touch[0]], moveTicks: [...moveTicks] },
  };
}

/** Of the correlation, by blocks of windows, and squared: from 0 where its sign is not sure. */
function r2Interval(x: Float64Array, y: Float64Array): Interval | null {
  const column = (values: Float64Array): CentredRanks => ({
    ranks: values,
    present: new Uint8Array(values.length).fill(1),
    count: values.length,
    squares: 0,
  });
  // Windows do not overlap: a block of one will do.
  const draws = new BlockDraws(x.length, 0.5, RESAMPLES, new Random(SEED));
  const { interval } = draws.correlation(column(x), column(y));
  if (interval === null) return null;
  const [a, b] = [interval.low ** 2, interval.high ** 2];
  return { low: interval.low * interval.high < 0 ? 0 : Math.min(a, b), high: Math.max(a, b) };
}

function byPeriod(x: Float64Array, y: Float64Array, period: Int32Array): OfiImpact['byPeriod'] {
  const found: number[] = [];
  for (let from = 0; from < period.length; ) {
    let to = from;
    while (to < period.length && period[to] === period[from]) to++;
    if (to - from >= LEAST_WINDOWS) {
      const { r2 } = leastSquares([x.subarray(from, to)], y.subarray(from, to));
      if (!Number.isNaN(r2)) found.push(r2);
    }
    from = to;
  }
  if (found.length === 0) return null;
  return { r2: mean(Float64Array.from(found)), periods: found.length };
}
