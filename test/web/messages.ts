import type {
  BookMessage,
  ForecastMessage,
  HealthMessage,
  InstrumentStatus,
  Score,
  ScoresMessage,
  TargetInfo,
} from '../../src/api/contract.ts';

export const target: TargetInfo = {
  kind: 'events',
  horizon: 10,
  classes: ['down', 'flat', 'up'],
  text: 'events:10',
  anchor: 'the mid',
  threshold: 'any move',
  latency: 'none',
  undecided: { waiting: 10, lost: 0 },
};

export function instrument(change: Partial<InstrumentStatus> = {}): InstrumentStatus {
  return {
    key: 'sim:TEST',
    venue: 'sim',
    name: 'TEST',
    tickSize: '0.01',
    lotSize: '1',
    origin: 'simulated',
    state: 'synced',
    finished: false,
    messages: 0,
    events: 0,
    decisions: 0,
    faults: { gaps: 0, crossed: 0, stale: 0, unparsable: 0 },
    feed: null,
    target,
    models: ['bayes-softmax', 'transition'],
    bundle: null,
    trained: [],
    features: { names: [], hash: '' },
    ...change,
  };
}

export function forecast(index: number, change: Partial<ForecastMessage> = {}): ForecastMessage {
  return {
    type: 'forecast',
    instrument: 'sim:TEST',
    origin: 'simulated',
    index,
    time: '2026-11-22T09:30:00.017459617Z',
    sequence: index,
    status: 'ready',
    reason: null,
    bid: '100.00',
    ask: '100.01',
    mid: 100.005,
    model: 'bayes-softmax',
    version: null,
    bundle: null,
    schema: '0123456789abcdef',
    probabilities: [0.2, 0.3, 0.5],
    models: { 'bayes-softmax': [0.2, 0.3, 0.5] },
    calibrated: false,
    weights: null,
    set: null,
    asleep: {},
    ...change,
  };
}

export function health(change: Partial<HealthMessage> = {}, feed: Partial<HealthMessage['feed']> = {}): HealthMessage {
  return {
    type: 'health',
    instrument: 'sim:TEST',
    state: 'synced',
    faults: { gaps: 0, crossed: 0, stale: 0, unparsable: 0 },
    feed: {
      proof: 'sequence',
      lastSequence: 7,
      ageMs: 40,
      checksums: 0,
      overflow: 0,
      disconnects: 0,
      resyncs: 0,
      missingTrades: 0,
      skewMs: 12,
      messagesPerSecond: 10,
      eventsPerSecond: 300,
      bytesPerSecond: 8000,
      ...feed,
    },
    ...change,
  };
}

export function book(change: Partial<BookMessage> = {}): BookMessage {
  return {
    type: 'book',
    instrument: 'sim:TEST',
    time: '2026-11-22T09:30:00.017459617Z',
    sequence: 7,
    state: 'synced',
    mid: 100.005,
    bids: [{ price: '100.00', size: '5', ticks: 10_000, lots: 5 }],
    asks: [{ price: '100.01', size: '3', ticks: 10_001, lots: 3 }],
    ...change,
  };
}

export function score(model: string, baseline: boolean, n: number, logLoss: number | null): Score {
  return { model, baseline, n, seen: 0, logLoss, brier: 0.5, accuracy: 0.5, macroF1: 0.4, mcc: 0.1 };
}

export function scores(rows: Score[]): ScoresMessage {
  return { type: 'scores', instrument: 'sim:TEST', time: '2026-11-22T09:30:00.017459617Z', target, scores: rows };
}
