import { describe, expect, it } from 'vitest';
import { CATALOGUE, parseClock, RowSampler } from '../../src/features/index.ts';
import { mergeByArrival } from '../../src/market/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { dataPath, needs } from '../support/data.ts';

const USDM = 'binance/usdm_btcusdt_20240808.gz';
const SPOT = 'binance/spot_btcusdt_20240808.gz';
const COINM = 'binance/cm_btcusd_perp_20240808.gz';
const signals = CATALOGUE.filter(({ family }) => family === 'cross');

/** Rows every 100 ms of one recording beside another that was made at the same time. */
async function rowsOf(name: string, peerName: string): Promise<{ names: readonly string[]; rows: Float64Array[] }> {
  const [source, peer] = [
    await openBinance({ paths: [dataPath(name)!] }),
    await openBinance({ paths: [dataPath(peerName)!] }),
  ];
  const rows: Float64Array[] = [];
  const options = { clock: parseClock('time:100', source.instrument), signals, peer: peer.instrument };
  const sampler = new RowSampler(source.instrument, options, ({ row, trusted }) => {
    if (trusted) rows.push(row.slice());
  });
  for await (const run of mergeByArrival(source, peer)) {
    if (run.source === 0) sampler.apply(run.batch, run.from, run.to);
    else sampler.applyPeer(run.batch, run.from, run.to);
    if (rows.length > 1200) break;
  }
  return { names: sampler.engine.schema.names, rows };
}

describe.each([
  [USDM, SPOT],
  [SPOT, USDM],
  [SPOT, COINM],
])('%s beside %s', (name, peerName) => {
  const lacking = [name, peerName].find((one) => dataPath(one) === null);
  const reason = lacking === undefined ? '' : needs(lacking);

  it.skipIf(lacking !== undefined)(`every column is finite, and varies${reason}`, async () => {
    const { names, rows } = await rowsOf(name, peerName);
    expect(rows.length).toBeGreaterThan(1000);
    const of = (column: string): number[] => rows.slice(300).map((row) => row[names.indexOf(column)]);
    for (const column of names) {
      const values = of(column);
      expect(values.filter(Number.isFinite).length / values.length, column).toBeGreaterThan(0.99);
      expect(new Set(values).size, column).toBeGreaterThan(50);
    }
    // One asset at two places: the prices are within a percent, the moves go together, and spot follows the futures.
    const mean = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0) / xs.length;
    expect(Math.max(...of('basis_bps').map(Math.abs))).toBeLessThan(100);
    expect(mean(of('peer_correlation'))).toBeGreaterThan(0.2);
    expect(mean(of('lead_lag')) > 0).toBe(name === SPOT);
  });
});
