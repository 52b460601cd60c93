import { INSTRUMENTS, RATE, runIngestSoak } from '../../bench/venues/ingest-run.ts';
import type { Soak } from './soak.ts';

const SECONDS = 600;

/** The load of the benchmark `ingest`, for long. */
export const ingestSoak: Soak = {
  about: `${INSTRUMENTS} instruments of Binance at ${RATE.toLocaleString('en-US')} events a second for ten minutes, ccxt beside (--seconds)`,
  run: ({ seconds }, progress) => runIngestSoak({ seconds: seconds ?? SECONDS, progress }),
};
