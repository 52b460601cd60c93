import { describe, expect, it } from 'vitest';
import { BurstClock, FeatureEngine } from '../../src/features/index.ts';
import { BookSync, EventKind, type EventSource, LadderBook, messageEnd, SyncState } from '../../src/market/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { openLobster } from '../../src/venues/lobster/index.ts';
import { dataPath, needs } from '../support/data.ts';

interface Decisions {
  names: readonly string[];
  rows: Float64Array[];
  mids: number[];
}

/** Rows at the first burst ends of a recording. */
async function decisionsOf(source: EventSource, most: number): Promise<Decisions> {
  const { instrument } = source;
  const engine = new FeatureEngine(instrument);
  const book = new LadderBook();
  const sync = new BookSync(instrument, book);
  const clock = new BurstClock(instrument.burstQuietNs);
  const rows: Float64Array[] = [];
  const mids: number[] = [];
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      if (batch.kind[from] !== EventKind.BBO) {
        const ts = instrument.burstQuietNs === 0 ? batch.tsEventNs[from] : batch.tsRecvNs[from];
        if (clock.endsBefore(ts) && sync.state === SyncState.SYNCED && !Number.isNaN(book.mid)) {
          const row = new Float64Array(engine.schema.names.length);
          row.set(engine.row());
          rows.push(row);
          mids.push(book.mid);
        }
        engine.onMessage(batch, from, to, book, sync.applyMessage(batch, from, to));
      }
      from = to;
    }
    if (rows.length >= most) break;
  }
  return { names: engine.schema.names, rows, mids };
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  const mx = mean(x);
  const my = mean(y);
  const cov = x.reduce((sum, a, i) => sum + (a - mx) * (y[i] - my), 0);
  const vx = x.reduce((sum, a) => sum + (a - mx) ** 2, 0);
  const vy = y.reduce((sum, b) => sum + (b - my) ** 2, 0);
  return cov / Math.sqrt(vx * vy);
}

/** After the first third (a quiet market takes long to warm up): every column is a number at nearly every decision, varies, and the directional ones point ahead. */
function expectSane({ names, rows, mids }: Decisions, predictive: readonly string[]): void {
  const from = Math.ceil(rows.length / 3);
  const ahead = 10;
  const span = rows.length - ahead;
  names.forEach((name, c) => {
    const known = rows.slice(from).filter((row) => Number.isFinite(row[c]));
    expect(known.length / (rows.length - from), name).toBeGreaterThan(0.99);
    expect(new Set(known.map((row) => row[c])).size, name).toBeGreaterThan(1);
    if (!predictive.includes(name)) return;
    const usable = Array.from({ length: span - from }, (_, k) => from + k).filter((i) => Number.isFinite(rows[i][c]));
    const moves = usable.map((i) => Math.sign(mids[i + ahead] - mids[i]));
    expect(
      correlation(
        usable.map((i) => rows[i][c]),
        moves,
      ),
      `${name} against the sign of the move over ${ahead} decisions`,
    ).toBeGreaterThan(0.02);
  });
}

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
const USDM = ['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz'];

describe('recordings', () => {
  it.skipIf(dataPath(GOOG) === null)(`GOOG: rows are whole and point ahead${needs(GOOG)}`, async () => {
    const decisions = await decisionsOf(await openLobster({ paths: [dataPath(GOOG)!] }), 30_000);
    expect(decisions.rows.length).toBeGreaterThan(29_000);
    expectSane(decisions, ['imbalance_1', 'microprice', 'depth_mid_5', 'trade_count_imbalance_100ms', 'ofi_1']);
  });

  const usdm = USDM.map(dataPath).filter((path) => path !== null);
  it.skipIf(usdm.length < 2)(`BTCUSDT perpetual: rows are whole and point ahead${needs(USDM[1])}`, async () => {
    const decisions = await decisionsOf(await openBinance({ paths: usdm }), 12_000);
    expect(decisions.rows.length).toBeGreaterThan(11_000);
    expectSane(decisions, ['imbalance_1', 'microprice', 'trade_count_imbalance_100ms']);
  });
});
