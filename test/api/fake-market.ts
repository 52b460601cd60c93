import type {
  BookMessage,
  Explanation,
  ForecastMessage,
  HealthMessage,
  InstrumentStatus,
  MarketPort,
  MonitorReport,
  ScoresMessage,
  StreamMessage,
} from '../../src/api/contract.ts';
import type { Clock } from '../../src/core/index.ts';

export const KEY = 'sim:DEMO';
export const SLASH_KEY = 'crypto:BTC/USDT';

const target = {
  kind: 'events' as const,
  horizon: 10,
  classes: ['down', 'flat', 'up'],
  text: 'events:10',
  anchor: 'the mid',
  threshold: 'any move',
  latency: 'none',
  undecided: { waiting: 10, lost: 0 },
};

export const status = (key: string, change: Partial<InstrumentStatus> = {}): InstrumentStatus => ({
  key,
  venue: key.split(':')[0],
  name: key.split(':')[1],
  tickSize: '0.01',
  lotSize: '1',
  origin: 'simulated',
  state: 'synced',
  finished: false,
  messages: 12,
  events: 345,
  decisions: 6,
  faults: { gaps: 0, crossed: 0, stale: 0, unparsable: 0 },
  feed: null,
  target,
  models: ['bayes-softmax', 'martingale'],
  bundle: null,
  trained: [],
  features: { names: ['spread'], hash: 'abc' },
  ...change,
});

export const forecast = (index: number, change: Partial<ForecastMessage> = {}): ForecastMessage => ({
  type: 'forecast',
  instrument: KEY,
  origin: 'simulated',
  index,
  time: '2026-11-22T09:30:00.017459617Z',
  sequence: 1000 + index,
  status: 'ready',
  reason: null,
  bid: '100.00',
  ask: '100.01',
  mid: 100.005,
  model: 'bayes-softmax',
  version: null,
  bundle: null,
  schema: '0123456789abcdef',
  probabilities: [0.1 + 0.2, 1 / 3, Number.MIN_VALUE],
  models: { 'bayes-softmax': [0.1 + 0.2, 1 / 3, Number.MIN_VALUE], martingale: [0, 1, 0] },
  calibrated: true,
  weights: { 'bayes-softmax': 0.75, 'equal pool': 0.25 },
  set: { classes: ['flat', 'up'], coverage: 0.9 },
  asleep: { lstm: 'it failed to forecast: it broke' },
  ...change,
});

export const book = (depth: number): BookMessage => {
  const level = (ticks: number, lots: number) => ({
    price: (ticks / 100).toFixed(2),
    size: String(lots),
    ticks,
    lots,
  });
  return {
    type: 'book',
    instrument: KEY,
    time: '2026-11-22T09:30:00.017459617Z',
    sequence: 7,
    state: 'synced',
    mid: 100.005,
    bids: Array.from({ length: depth }, (_, i) => level(10_000 - i, 5 + i)),
    asks: Array.from({ length: depth }, (_, i) => level(10_001 + i, 3 + i)),
  };
};

export const health = (change: Partial<HealthMessage> = {}): HealthMessage => ({
  type: 'health',
  instrument: KEY,
  state: 'synced',
  faults: { gaps: 1, crossed: 0, stale: 2, unparsable: 0 },
  feed: {
    proof: 'sequence',
    lastSequence: 9_007_199_254_740_991,
    ageMs: 12.5,
    checksums: 0,
    overflow: 0,
    disconnects: 1,
    resyncs: 1,
    missingTrades: 0,
    skewMs: -1268.25,
    messagesPerSecond: 10,
    eventsPerSecond: 420.5,
    bytesPerSecond: 9100,
  },
  ...change,
});

export const scores = (): ScoresMessage => ({
  type: 'scores',
  instrument: KEY,
  time: '2026-11-22T09:30:00.017459617Z',
  target,
  scores: [
    {
      model: 'bayes-softmax',
      baseline: false,
      n: 5,
      seen: 0,
      logLoss: 0.9,
      brier: 0.4,
      accuracy: 0.6,
      macroF1: null,
      mcc: null,
    },
  ],
});

const LATENCY = { count: 2, meanNs: 1.5, p50Ns: 1, p99Ns: 2, p999Ns: 2, maxNs: 2 };

export const monitor = (): MonitorReport => ({
  instrument: KEY,
  model: 'bayes-softmax',
  classes: target.classes,
  forecasts: 6,
  abstentions: { stale: 0, far: 1, ambiguous: 0 },
  coverage: 0.9,
  scores: [1000, null].map((window) => ({
    window,
    outcomes: 5,
    logLoss: 0.9,
    gain: 0.1,
    directionGain: 0.01,
    brier: 0.4,
    accuracy: 0.6,
    coverage: 0.8,
    setSize: 1.5,
    singletons: null,
  })),
  calibration: { window: 1000, outcomes: 5, ece: 0.02, referenceEce: null, gaps: [0.1, 0, -0.1], referenceGaps: null },
  stability: [{ name: 'spread', psi: null, missing: 0, missingInTraining: 0.1 }],
  changes: {
    alarms: 1,
    last: [{ tsNs: 5, time: '2026-11-22T09:30:00.000000005Z', probability: 0.7 }],
    probability: 0.2,
  },
  latency: { signals: LATENCY },
  weights: {
    names: ['bayes-softmax', 'equal pool'],
    indices: [0, 1],
    values: [
      [0.5, 0.75],
      [0.5, 0.25],
    ],
  },
});

export const explanation = (): Explanation => ({
  instrument: KEY,
  index: 0,
  time: '2026-11-22T09:30:00.017459617Z',
  classes: target.classes,
  unit: 'nats',
  members: [
    {
      model: 'bayes-softmax',
      weight: 0.75,
      method: 'posterior',
      baseline: [-0.1, 0.2, -0.1],
      value: [-0.2, 0.2, 0],
      families: [{ name: 'liquidity', family: 'liquidity', values: [-0.1, 0, 0.1] }],
      signals: [{ name: 'spread', family: 'liquidity', values: [-0.1, 0, 0.1] }],
    },
  ],
});

/** A market that says what it is told to. */
export class FakeMarket implements MarketPort {
  statuses: InstrumentStatus[] = [status(KEY), status(SLASH_KEY)];
  latest: ForecastMessage | null = forecast(0);
  /** Of a live feed; null for all other origins. */
  feed: HealthMessage | null = null;
  /** Thrown by the next call of `forecast`. */
  failure: Error | null = null;
  readonly #listeners = new Map<string, Set<(message: StreamMessage) => void>>();

  instruments(): InstrumentStatus[] {
    return this.statuses;
  }

  forecast(key: string): ForecastMessage | null {
    if (this.failure !== null) throw this.failure;
    return key === KEY ? this.latest : null;
  }

  book(key: string, depth: number): BookMessage | null {
    return key === KEY ? book(depth) : null;
  }

  scores(key: string): ScoresMessage | null {
    return key === KEY ? scores() : null;
  }

  monitor(key: string): MonitorReport | null {
    return key === KEY ? monitor() : null;
  }

  explanation(key: string): Explanation | null {
    return key === KEY ? explanation() : null;
  }

  health(key: string): HealthMessage | null {
    return key === KEY ? this.feed : null;
  }

  subscribe(key: string, listener: (message: StreamMessage) => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  publish(message: StreamMessage, key: string = KEY): void {
    for (const listener of this.#listeners.get(key) ?? []) listener(message);
  }

  subscriptions(key: string = KEY): number {
    return this.#listeners.get(key)?.size ?? 0;
  }
}

/** A clock that stands at one second after its making. */
export const fakeClock = (): Clock => {
  let calls = 0;
  return { nowMs: () => 0, monotonicNs: () => 1e9 * calls++ };
};
