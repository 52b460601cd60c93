import type { Clock } from '../core/index.ts';
import { BookcastError } from '../core/index.ts';
import type { InstrumentStatus, MarketPort } from './contract.ts';
import { DEFAULT_LIMITS, StreamHub, type StreamLimits } from './stream-hub.ts';

/** Writes one line to the server's log. */
export type Log = (line: string) => void;

/** What every mounted copy of the API shares: the market, the open streams and the version. */
export interface ApiService {
  readonly port: MarketPort;
  readonly version: string;
  readonly hub: StreamHub;
  readonly limits: StreamLimits;
  readonly allowedOrigins: readonly string[] | null;
  readonly log: Log;
  uptimeSeconds(): number;
}

export interface ServiceOptions {
  port: MarketPort;
  clock: Clock;
  /** Of the package; sent in `hello` and in the OpenAPI document. */
  version: string;
  log?: Log;
  /** The command-line flag that sets the port, named where the port is in use; `--port` where absent. */
  portFlag?: string;
  /**
   * Web origins that may read the API from another origin, such as `https://desk.example:8501`; `*` is any. Absent: the
   * machine's own pages (localhost, 127.0.0.1 and [::1], at any port). Given, it replaces that default.
   */
  allowedOrigins?: readonly string[];
  limits?: Partial<StreamLimits>;
}

export function createService(options: ServiceOptions): ApiService {
  const { port, clock, version, log = () => {} } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const startedNs = clock.monotonicNs();
  return {
    port,
    version,
    log,
    allowedOrigins: options.allowedOrigins ?? null,
    limits,
    hub: new StreamHub(port, version, limits),
    uptimeSeconds: () => (clock.monotonicNs() - startedNs) / 1e9,
  };
}

/** The status of `key`, or of the first instrument where `key` is absent. */
export function findInstrument(port: MarketPort, key?: string): InstrumentStatus {
  const all = port.instruments();
  const found = key === undefined ? all[0] : all.find((instrument) => instrument.key === key);
  if (found !== undefined) return found;
  if (all.length === 0) throw new BookcastError('not-ready', 'no instrument is loaded yet; try again shortly');
  const known = all.slice(0, 10).map((instrument) => instrument.key);
  const more = all.length > known.length ? ` and ${all.length - known.length} more, see /v1/instruments` : '';
  throw new BookcastError('not-found', `no instrument "${key}"; there is ${known.join(', ')}${more}`, { key });
}
