import { systemClock } from '../../src/core/index.ts';
import { parseClock, RowSampler, type SignalDefinition } from '../../src/features/index.ts';
import { type BenchResult, hashNumbers, quantile } from '../harness.ts';
import type { Market, RawBytes } from './markets.ts';

/** From the file on disk to rows: unpacked, decoded, applied to the book, every signal, a row at each instant of the clock. */
async function toRows(raw: RawBytes, clock: Way['clock'], signals: readonly SignalDefinition[]): Promise<Float64Array> {
  const source = await raw.open();
  const last = new Float64Array(512);
  const options = { clock: parseClock(clock, source.instrument), signals };
  const sampler = new RowSampler(source.instrument, options, ({ row }) => last.set(row));
  for await (const batch of source.batches({ lend: true })) sampler.apply(batch);
  sampler.finish();
  return last;
}

interface Way {
  readonly set: string;
  readonly signals: readonly SignalDefinition[];
  /** Of the rows. */
  readonly clock: 'event' | 'burst';
}

/** Events a second of the whole way, beside only taking the file apart with what the runtime has built in. */
export async function rawCases(market: Market, ways: readonly Way[], rounds: number): Promise<BenchResult[]> {
  const { raw } = market;
  const results: BenchResult[] = [];
  if (raw === null) return results;
  for (const way of ways) results.push(await rawCase(market, raw, way, rounds));
  return results;
}

async function rawCase(market: Market, raw: RawBytes, way: Way, rounds: number): Promise<BenchResult> {
  const { events, name } = market;
  const { set, signals, clock } = way;
  const rates: [number[], number[]] = [[], []];
  let hash = '';
  await toRows(raw, clock, signals);
  for (let i = 0; i < rounds; i++) {
    const begun = systemClock.monotonicNs();
    hash = hashNumbers(await toRows(raw, clock, signals));
    rates[0].push(events / ((systemClock.monotonicNs() - begun) / 1e9));
    const taken = systemClock.monotonicNs();
    await raw.takeApart();
    rates[1].push(events / ((systemClock.monotonicNs() - taken) / 1e9));
  }
  const [value, rivalValue] = rates.map((rate) => quantile(rate, 0.5));
  const when = clock === 'event' ? 'message' : 'burst';
  return {
    case: `${name}: raw bytes to the ${set} set, ${signals.length} signals, a row at every ${when}; the rival only takes the bytes apart`,
    value,
    unit: 'events/s',
    rival: raw.by,
    rivalValue,
    ratio: value / rivalValue,
    hash,
    p99: quantile(rates[0], 0.01),
    rivalP99: quantile(rates[1], 0.01),
  };
}
