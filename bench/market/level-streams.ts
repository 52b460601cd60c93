import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { decimalStep, parseDecimal, Random } from '../../src/core/index.ts';
import { Side } from '../../src/market/index.ts';

/** Absolute levels in columns: what both sides of a benchmark apply. Rows from `timedFrom` on are timed. */
export interface LevelStream {
  readonly side: Uint8Array;
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
  /** 1 on the last row of a message. */
  readonly ends: Uint8Array;
  readonly timedFrom: number;
}

class Collector {
  readonly #side: number[] = [];
  readonly #ticks: number[] = [];
  readonly #lots: number[] = [];
  readonly #ends: number[] = [];
  timedFrom = 0;

  get length(): number {
    return this.#side.length;
  }

  push(side: Side, ticks: number, lots: number): void {
    this.#side.push(side);
    this.#ticks.push(ticks);
    this.#lots.push(lots);
    this.#ends.push(0);
  }

  endMessage(): void {
    if (this.length > 0) this.#ends[this.length - 1] = 1;
  }

  finish(): LevelStream {
    return {
      side: Uint8Array.from(this.#side),
      ticks: Int32Array.from(this.#ticks),
      lots: Float64Array.from(this.#lots),
      ends: Uint8Array.from(this.#ends),
      timedFrom: this.timedFrom,
    };
  }
}

/**
 * A book of `levels` a side around a mid that walks by single ticks, with changes concentrated near the touch
 * (geometric, mean 10 ticks away), three in ten of them removals. Messages of 50 levels, as the recorded ones
 * have on average.
 */
export function syntheticLevels(seed: number, levels: number, count: number): LevelStream {
  const random = new Random(seed);
  const rows = new Collector();
  let bid = 100_000;
  for (let i = 0; i < levels; i++) {
    rows.push(Side.BID, bid - i, 1 + random.below(1000));
    rows.push(Side.ASK, bid + 1 + i, 1 + random.below(1000));
  }
  rows.endMessage();
  rows.timedFrom = rows.length;
  let messageEnds = rows.length + 50;
  while (rows.length < rows.timedFrom + count) {
    if (random.bernoulli(0.05)) {
      // The touch moves a tick: one side's best goes, the other gains a level there.
      const up = random.bernoulli(0.5);
      const ticks = up ? bid + 1 : bid;
      rows.push(up ? Side.ASK : Side.BID, ticks, 0);
      rows.push(up ? Side.BID : Side.ASK, ticks, 1 + random.below(1000));
      bid += up ? 1 : -1;
    } else {
      const away = Math.min(random.geometric(1 / 11), levels - 1);
      const lots = away > 0 && random.bernoulli(0.3) ? 0 : 1 + random.below(1000);
      if (random.bernoulli(0.5)) rows.push(Side.BID, bid - away, lots);
      else rows.push(Side.ASK, bid + 1 + away, lots);
    }
    if (rows.length >= messageEnds) {
      rows.endMessage();
      messageEnds = rows.length + 50;
    }
  }
  rows.endMessage();
  return rows.finish();
}

interface DepthData {
  e?: string;
  b?: [string, string][];
  a?: [string, string][];
  lastUpdateId?: number;
  bids?: [string, string][];
  asks?: [string, string][];
}

/** The level changes of recorded Binance lines, in order; a REST snapshot among them counts as levels. */
export function recordedLevels(files: readonly string[], tick: string, lot: string, maxTimed: number): LevelStream {
  const rows = new Collector();
  const price = decimalStep(tick);
  const size = decimalStep(lot);
  const push = (side: Side, levels: readonly [string, string][] = []): void => {
    for (const [p, q] of levels) rows.push(side, parseDecimal(p, price), parseDecimal(q, size));
  };
  files.forEach((file, index) => {
    if (index === files.length - 1) rows.timedFrom = rows.length;
    for (const line of gunzipSync(readFileSync(file)).toString('latin1').split('\n')) {
      // Skip trades and quotes without parsing them.
      if (line === '' || line.includes('@bookTicker') || line.includes('@trade')) continue;
      if (rows.length - rows.timedFrom >= maxTimed && index === files.length - 1) break;
      const json = JSON.parse(line.slice(line.indexOf('{'))) as DepthData & { data?: DepthData };
      const data = json.data ?? json;
      push(Side.BID, data.b ?? data.bids);
      push(Side.ASK, data.a ?? data.asks);
      rows.endMessage();
    }
  });
  return rows.finish();
}
