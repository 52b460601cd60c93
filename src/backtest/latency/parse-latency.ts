import { BookcastError, NS_PER_MS } from '../../core/index.ts';
import type { LatencyModel } from '../latency.ts';
import { SettingsReader } from '../settings-reader.ts';
import { ConstantFeed, type FeedDelay, RecordedFeed } from './feed-delay.ts';
import { ConstantOrders, DrawnOrders, InterpolatedOrders, type OrderDelay, parsePlacements } from './order-delay.ts';
import { SplitLatency } from './split-latency.ts';

export interface LatencyContext {
  /** The run's first day since 1970-01-01. */
  readonly startDay: number;
  /** Of the draws. */
  readonly seed: number;
  /** Reads a file of the user's, named by `placements`. */
  readonly read?: (path: string) => string;
}

const KEYS = ['feedMs', 'feed', 'floorMs', 'entryMs', 'responseMs', 'placements', 'draw'];

/**
 * Latency from settings. The feed: `feedMs`, or `feed: recorded` with `floorMs`. Orders: `entryMs` and `responseMs`, or `placements`, a CSV file of one's own, with
 * `draw: random | in-time`. All of it has to be said: a backtest without delays is one of a market that waits. Throws `bad-argument` for what is missing, unknown or does not
 * fit, and `bad-input` for the file, with line and column.
 */
export function parseLatency(data: unknown, where: string, context: LatencyContext): LatencyModel {
  if (data === undefined || data === null) {
    throw new BookcastError(
      'bad-argument',
      `${where}: there is no latency. Give feedMs, entryMs and responseMs (0 where it is to be 0), or feed: recorded with floorMs, or placements with a file`,
      { where },
    );
  }
  const reader = new SettingsReader(data, where, KEYS);
  return new SplitLatency(readFeed(reader), readOrders(reader, context));
}

function readFeed(reader: SettingsReader): FeedDelay {
  if (reader.has('feed')) {
    if (reader.text('feed') !== 'recorded') throw reader.mismatch('feed', '"recorded"; a constant one is feedMs');
    if (reader.has('feedMs'))
      throw reader.mismatch('feedMs', 'absent beside feed: recorded; floorMs is the least delay');
    return new RecordedFeed(reader.number('floorMs', { min: 0, max: 1e6 }) * NS_PER_MS);
  }
  if (reader.has('floorMs')) throw reader.mismatch('floorMs', 'absent without feed: recorded');
  return new ConstantFeed(reader.number('feedMs', { min: 0, max: 1e6 }) * NS_PER_MS);
}

function readOrders(reader: SettingsReader, { startDay, seed, read }: LatencyContext): OrderDelay {
  if (!reader.has('placements')) {
    if (reader.has('draw')) throw reader.mismatch('draw', 'absent without placements');
    const [entryMs, responseMs] = ['entryMs', 'responseMs'].map((key) => reader.number(key, { min: 0, max: 1e6 }));
    return new ConstantOrders(entryMs * NS_PER_MS, responseMs * NS_PER_MS);
  }
  for (const key of ['entryMs', 'responseMs']) {
    if (reader.has(key)) throw reader.mismatch(key, 'absent beside placements');
  }
  if (read === undefined)
    throw reader.mismatch('placements', 'absent where no file can be read: give entryMs and responseMs');
  const path = reader.text('placements');
  const placements = parsePlacements(read(path), path);
  return reader.oneOf('draw', ['random', 'in-time'], 'random') === 'random'
    ? new DrawnOrders(placements, seed)
    : new InterpolatedOrders(placements, startDay);
}
