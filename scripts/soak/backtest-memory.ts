import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_CARRY } from '../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../src/backtest/impact/square-root-impact.ts';
import {
  Backtest,
  createStrategy,
  NO_FEES,
  parseLatency,
  queueModelOf,
  type Strategy,
  type StrategyConfig,
  tapeVenue,
} from '../../src/backtest/index.ts';
import { NS_PER_SECOND } from '../../src/core/index.ts';
import { BatchBuilder, Side } from '../../src/market/index.ts';
import { openTape, TapeWriter } from '../../src/tape/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { chosen, type Soak } from './soak.ts';

const TAPE_MB = 2000;
/** Rows of a batch on the tape. */
const BATCH_ROWS = 4096;
/** Looks at the memory, at equal parts of the tape. */
const LOOKS = 40;
/** What the last half of the tape may add to the resident memory, beyond what the run keeps of orders and the account. */
const FLAT_SHARE = 0.05;
/** Bytes that a run keeps of an order with its fills, and of a second with its point of equity. */
const LIMIT_PER_ORDER = 500;
const LIMIT_PER_SECOND = 200;
/** Of a shorter tape the growth is that of warming up, and nothing is judged. */
const JUDGED_MB = 500;
const SEED = 1;

const MAKER: StrategyConfig = {
  kind: 'maker',
  signal: 'none',
  skewTicks: 0,
  quotes: 'glft',
  riskAversion: 0.01,
  horizonSeconds: 10,
  quantityLots: 1,
  maxPositionLots: 5,
  toleranceTicks: 0,
  requote: 'cancel',
  start: 'wait',
  halfLifeSeconds: 60,
};

/** Who trades: two orders that rest for ever, or a market maker that moves its quotes. */
const TRADERS: Readonly<Record<string, () => Strategy>> = {
  resting: restingPair,
  maker: () => createStrategy(MAKER, SEED),
};

function restingPair(): Strategy {
  return {
    name: 'one resting order on each side, far from the market',
    onStart(broker) {
      broker.place({ side: Side.BID, type: 'limit', priceTicks: 1, quantityLots: 1 });
      broker.place({ side: Side.ASK, type: 'limit', priceTicks: 1e6, quantityLots: 1 });
    },
  };
}

interface Look {
  readonly trader: string;
  /** Of the tape, in percent. */
  readonly done: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly orders: number;
  /** Of the market, so far: each leaves a point of equity. */
  readonly seconds: number;
}

/** Writes the simulator's messages until the tape has so many bytes; returns rows. */
async function writeTape(dir: string, bytes: number, progress: (line: string) => void): Promise<number> {
  // Far more than will be taken.
  const source = openSim({ mode: 'realistic', seed: SEED, messages: 1e9 });
  const writer = TapeWriter.create(dir, source.instrument, source.origin);
  let builder: BatchBuilder | null = null;
  let [written, rows, told] = [0, 0, 0];
  for await (const batch of source.batches({ lend: true })) {
    const other = builder !== null && builder.day !== batch.day;
    if (builder !== null && (other || builder.full)) {
      const whole = builder.finish();
      if (whole !== null) {
        writer.append(whole);
        written += whole.buffer.byteLength;
        rows += whole.length;
      }
    }
    if (written >= bytes) break;
    if (builder === null || other) builder = new BatchBuilder(batch.instrument, batch.day, BATCH_ROWS);
    builder.append(batch, 0, batch.length);
    if (Math.floor((10 * written) / bytes) > told) {
      told = Math.floor((10 * written) / bytes);
      progress(`written: ${10 * told} % of ${Math.round(bytes / 1e6)} MB`);
    }
  }
  writer.close();
  return rows;
}

/** Plays the tape and looks at the memory on the way, after a collection where the process allows one. */
async function replay(dir: string, trader: string, progress: (line: string) => void): Promise<Look[]> {
  const source = await openTape(dir);
  const { instrument, origin, counts } = source;
  const backtest = new Backtest({
    instrument,
    origin,
    strategy: TRADERS[trader](),
    venue: tapeVenue(queueModelOf('rigtorp')),
    latency: parseLatency({ feedMs: 1, entryMs: 1, responseMs: 1 }, 'the soak', { startDay: 0, seed: SEED }),
    ledger: {
      terms: { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' },
      fees: NO_FEES,
      impact: NO_IMPACT,
      carry: NO_CARRY,
    },
    risk: null,
    forecast: null,
  });
  const looks: Look[] = [];
  let [startNs, nowNs] = [Number.NaN, 0];
  const look = (done: number): void => {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    const { orders } = backtest.account;
    const seconds = Math.floor((nowNs - startNs) / NS_PER_SECOND);
    looks.push({ trader, done, rssMb: mega(rss), heapMb: mega(heapUsed), orders, seconds });
    progress(JSON.stringify(looks.at(-1)));
  };
  for await (const batch of source.batches({ lend: true })) {
    backtest.apply(batch);
    const ns = batch.tsEventNs[batch.length - 1] + batch.day * 86_400 * NS_PER_SECOND;
    if (Number.isNaN(startNs)) startNs = ns;
    nowNs = ns;
    const share = counts.bytesRead / counts.bytesTotal;
    if (share * LOOKS >= looks.length + 1) look(Math.round(100 * share));
  }
  const { events, ended } = backtest.finish();
  if (ended !== null) throw new Error(`the strategy ended: ${ended}`);
  progress(`${trader}: ${events} events`);
  return looks;
}

const mega = (bytes: number): number => Math.round(bytes / 1e4) / 100;

/** Resident memory over a long tape: flat but for what a run keeps of its own doing. */
export const backtestMemorySoak: Soak = {
  about: `memory of a backtest over a tape of ${TAPE_MB} MB (--inputs MB; --only ${Object.keys(TRADERS).join(',')})`,
  async run({ inputs, only }, progress) {
    const names = chosen(only, Object.keys(TRADERS));
    const folder = mkdtempSync(join(tmpdir(), 'bookcast-backtest-memory-'));
    try {
      const dir = join(folder, 'tape');
      const bytes = (inputs ?? TAPE_MB) * 1e6;
      const rows = await writeTape(dir, bytes, progress);
      const problems: string[] = [];
      const looks: Look[] = [];
      const traders: Record<string, unknown>[] = [];
      for (const name of names) {
        const seen = await replay(dir, name, progress);
        looks.push(...seen);
        const [half, last] = [seen[Math.floor(seen.length / 2)], seen[seen.length - 1]];
        const newOrders = last.orders - half.orders;
        const newSeconds = last.seconds - half.seconds;
        const grownMb = Math.round(100 * (last.rssMb - half.rssMb)) / 100;
        const grownHeap = 1e6 * (last.heapMb - half.heapMb);
        const heapBytesPerRecord = Math.round(grownHeap / Math.max(1, newOrders + newSeconds));
        const keptMb = (LIMIT_PER_ORDER * newOrders + LIMIT_PER_SECOND * newSeconds) / 1e6;
        const allowedMb = Math.round(100 * (FLAT_SHARE * half.rssMb + keptMb)) / 100;
        const { orders, seconds } = last;
        traders.push({ trader: name, orders, seconds, halfMb: half.rssMb, grownMb, allowedMb, heapBytesPerRecord });
        progress(JSON.stringify(traders.at(-1)));
        if (bytes >= JUDGED_MB * 1e6 && grownMb > allowedMb) {
          problems.push(
            `${name}: the last half of the tape added ${grownMb} MB to ${half.rssMb} MB, and ${allowedMb} MB are allowed; repeat: npm run soak -- backtest-memory --only ${name}`,
          );
        }
      }
      return { problems, figures: { simulated: true, rows, tapeMb: bytes / 1e6, traders, looks } };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
