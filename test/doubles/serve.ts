import { parseArgs } from 'node:util';
import { parseFaults } from './faults.ts';
import { DOUBLE_VENUES, type DoubleVenue } from './products.ts';
import { recordedMarkets } from './recorded.ts';
import { startDouble } from './server.ts';

/**
 * A venue on this machine, for a look at the live page without one:
 * `node test/doubles/serve.ts --venue binance --port 9900 --seed 1 --faults drop=0.01,halfOpen`.
 */
const { values } = parseArgs({
  options: {
    venue: { type: 'string', default: 'binance' },
    port: { type: 'string', default: '9900' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '' },
    'mean-ms': { type: 'string', default: '60' },
    recording: { type: 'boolean', default: false },
  },
});
const venue = (values.venue === 'binance' ? 'binance-spot' : values.venue) as DoubleVenue;
if (!DOUBLE_VENUES.includes(venue)) {
  console.error(`no double is called "${values.venue}"; there are ${DOUBLE_VENUES.join(', ')}`);
  process.exit(2);
}
const markets = values.recording ? await recordedMarkets(venue, Date.now()) : null;
if (values.recording && markets === null) {
  console.error(`there is no recording of ${venue} on this machine (BOOKCAST_DATA names the folder)`);
  process.exit(2);
}
const running = await startDouble({
  venue,
  seed: Number(values.seed),
  port: Number(values.port),
  faults: parseFaults(values.faults),
  meanMs: Number(values['mean-ms']),
  ...(markets === null ? {} : { markets }),
});
const names = [...running.double.markets.values()].map((market) => market.product.name).join(', ');
console.log(`${venue} at ${running.url}: ${names}`);
console.log(
  `endpoints: ${Object.entries(running.endpoints)
    .map(([part, url]) => `${part}=${url}`)
    .join(' ')}`,
);
console.log('A stand-in with made-up or recorded orders: nothing here is a market. Ctrl+C ends it.');
process.once('SIGINT', () => void running.close().then(() => process.exit(0)));
