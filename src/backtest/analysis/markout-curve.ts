import { Side } from '../../market/index.ts';
import { type BacktestRun, type FillRecord, MARKOUT_NS } from '../run.ts';

/** The mean of something over fills, with a standard error that allows for fills near in time to share their luck. */
export interface BlockMean {
  readonly mean: number;
  /** `NaN` with fewer than two blocks. */
  readonly standardError: number;
}

/** How the mid stood to the fills' prices a while after them. Above 0: in favour. */
export interface MarkoutPoint {
  /** After the fill; 0 is the mid just before it. */
  readonly afterNs: number;
  readonly bps: BlockMean;
  readonly ticks: BlockMean;
  /** Fills whose mid then is known. */
  readonly fills: number;
  /** Blocks of time with such fills. */
  readonly blocks: number;
  readonly blockNs: number;
}

export interface MarkoutCurve {
  readonly all: readonly MarkoutPoint[];
  readonly maker: readonly MarkoutPoint[];
  readonly taker: readonly MarkoutPoint[];
}

/** Blocks are at least this long, and five times as long as what they measure. */
const LEAST_BLOCK_NS = 60e9;

/**
 * Mean signed markout a fill, `s (mid after t − price)`, at 0 and each of `MARKOUT_NS`: of all fills, and of makers' and takers' alone. Fees are not in it. Each fill
 * counts once, however large. Standard errors are of blocks of time (fills of one block may depend on each other in any way).
 */
export function markoutCurve(run: BacktestRun): MarkoutCurve {
  const points = (fills: readonly FillRecord[]): MarkoutPoint[] => [
    pointOf(fills, 0, (fill) => fill.midTicks),
    ...MARKOUT_NS.map((afterNs, i) => pointOf(fills, afterNs, (fill) => fill.laterMidTicks[i])),
  ];
  return {
    all: points(run.fills),
    maker: points(run.fills.filter(({ maker }) => maker)),
    taker: points(run.fills.filter(({ maker }) => !maker)),
  };
}

function pointOf(fills: readonly FillRecord[], afterNs: number, midOf: (fill: FillRecord) => number): MarkoutPoint {
  const blockNs = Math.max(LEAST_BLOCK_NS, 5 * afterNs);
  const known = fills.filter((fill) => !Number.isNaN(midOf(fill)));
  const ticks = known.map((fill) => (midOf(fill) - fill.priceTicks) * (fill.side === Side.BID ? 1 : -1));
  const bps = ticks.map((move, i) => (1e4 * move) / known[i].priceTicks);
  const blocks = known.map(({ exchangeNs }) => Math.floor(exchangeNs / blockNs));
  return {
    afterNs,
    bps: blockMean(bps, blocks),
    ticks: blockMean(ticks, blocks),
    fills: known.length,
    blocks: new Set(blocks).size,
    blockNs,
  };
}

/**
 * Mean of `values`, of which those with the same number in `blocks` belong together. The error is that of clustered data, with the correction for few blocks:
 * `√(B / (B − 1) Σ_b (Σ_i∈b (x_i − mean))²) / n` (Liang and Zeger 1986).
 */
export function blockMean(values: readonly number[], blocks: readonly number[]): BlockMean {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const sums = new Map<number, number>();
  values.forEach((value, i) => {
    sums.set(blocks[i], (sums.get(blocks[i]) ?? 0) + value - mean);
  });
  const count = sums.size;
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  const standardError = count < 2 ? Number.NaN : Math.sqrt((count / (count - 1)) * squares) / n;
  return { mean, standardError };
}
