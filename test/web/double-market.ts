import type {
  BookMessage,
  Explanation,
  FeedHealth,
  ForecastMessage,
  HealthMessage,
  InstrumentStatus,
  Level,
  MarketPort,
  MonitorReport,
  Origin,
  Score,
  ScoresMessage,
  StreamMessage,
} from '../../src/api/contract.ts';
import { isoTime, NS_PER_MS, Random } from '../../src/core/index.ts';

export const DOUBLE_KEY = 'double:PAGE';
const DAY = 20_000;
const CLASSES = ['down', 'flat', 'up'];
const HORIZON = 10;
const TARGET = {
  kind: 'events' as const,
  horizon: HORIZON,
  classes: CLASSES,
  text: 'events:10',
  anchor: 'the mid',
  threshold: 'any move',
  latency: 'none',
  undecided: { waiting: 10, lost: 0 },
};
const MODELS = ['bayes-softmax', 'imbalance-logistic', 'majority', 'martingale', 'persistence', 'transition'];
const BASELINES = new Set(['majority', 'martingale', 'persistence', 'transition']);
/** How much of the true tilt each model sees. */
const SIGHT: Record<string, number> = { 'bayes-softmax': 0.9, 'imbalance-logistic': 0.5 };

/** A feed on which nothing is wrong. */
const CALM: FeedHealth = {
  proof: 'sequence',
  lastSequence: 52_381_904_117,
  ageMs: 84,
  checksums: 0,
  overflow: 0,
  disconnects: 0,
  resyncs: 0,
  missingTrades: 0,
  skewMs: 41.6,
  messagesPerSecond: 9.8,
  eventsPerSecond: 412,
  bytesPerSecond: 9_460,
};

interface Tally {
  n: number;
  logLoss: number;
  brier: number;
  hits: number;
}

/**
 * A market for looking at the page in states that a real run shows rarely: it walks at random with a tilt that the
 * models see in part, and loses messages, recovers and ends when told to. It is behind the real API in the tests.
 */
export class DoubleMarket implements MarketPort {
  /** Numbers of models that are scored worse than chance, to see how the page says so. */
  readonly inverted: boolean;
  /** Of a live market; a test changes it at will. */
  feed: FeedHealth;
  readonly #random: Random;
  readonly #origin: Origin;
  /** The bundle that is said to serve; null for none. */
  bundle: ForecastMessage['bundle'] = null;
  /** A member that does not forecast, and why; null while all do. */
  asleep: [name: string, reason: string] | null = null;
  readonly #listeners = new Set<(message: StreamMessage) => void>();
  readonly #tallies = new Map<string, Tally>(MODELS.map((name) => [name, { n: 0, logLoss: 0, brier: 0, hits: 0 }]));
  #pending: { midTicks: number; models: Record<string, number[]> }[] = [];
  #index = 0;
  #steps = 0;
  #ns = 34_200e9;
  #bidTicks = 585_120;
  #tilt = 0;
  #gaps = 0;
  #trusted = true;
  #finished = false;
  #last: ForecastMessage | null = null;

  constructor(options: { seed: number; origin?: Origin; inverted?: boolean; feed?: Partial<FeedHealth> }) {
    this.#random = new Random(options.seed);
    this.#origin = options.origin ?? 'simulated';
    this.inverted = options.inverted ?? false;
    this.feed = { ...CALM, ...options.feed };
  }

  instruments(): InstrumentStatus[] {
    return [
      {
        key: DOUBLE_KEY,
        venue: 'double',
        name: 'PAGE',
        tickSize: '0.01',
        lotSize: '0.001',
        origin: this.#origin,
        state: this.#state,
        finished: this.#finished,
        messages: this.#index * 7,
        events: this.#index * 19,
        decisions: this.#index,
        faults: this.#faults,
        feed: this.#origin === 'live' ? this.feed : null,
        target: TARGET,
        models: MODELS,
        bundle: this.bundle,
        trained: [],
        features: { names: ['imbalance'], hash: '0' },
      },
    ];
  }

  forecast(): ForecastMessage {
    return this.#last ?? this.#abstention('nothing has been received yet');
  }

  book(_key: string, depth: number): BookMessage {
    const levels = (best: number, step: number): Level[] =>
      Array.from({ length: depth }, (_, i) => this.#level(best + step * i, i));
    return {
      type: 'book',
      instrument: DOUBLE_KEY,
      time: isoTime(this.#ns, DAY),
      sequence: this.#index,
      state: this.#state,
      mid: (this.#bidTicks + 0.5) / 100,
      bids: levels(this.#bidTicks, -1),
      asks: levels(this.#bidTicks + 1, 1),
    };
  }

  scores(): ScoresMessage {
    const scores = MODELS.map((model) => this.#score(model));
    return { type: 'scores', instrument: DOUBLE_KEY, time: isoTime(this.#ns, DAY), target: TARGET, scores };
  }

  monitor(): MonitorReport {
    const indices = Array.from({ length: Math.min(this.#index, 60) }, (_, i) => Math.floor((i * this.#index) / 60));
    const trust = indices.map((index) => 0.9 - 0.5 * Math.exp(-index / 200));
    const { n, hits } = this.#tallies.get(MODELS[0]) as Tally;
    const none = { logLoss: null, gain: null, directionGain: null, brier: null, singletons: null };
    return {
      instrument: DOUBLE_KEY,
      model: MODELS[0],
      classes: CLASSES,
      forecasts: this.#index,
      abstentions: { stale: 0, far: 0, ambiguous: 0 },
      coverage: 0.9,
      scores: [
        { window: null, outcomes: n, accuracy: hits / n, coverage: n === 0 ? null : 0.904, setSize: 1.87, ...none },
      ],
      calibration: {
        window: 1000,
        outcomes: n,
        ece: 0.021,
        referenceEce: 0.019,
        gaps: [0.01, -0.03, 0.02],
        referenceGaps: [0, 0, 0],
      },
      stability: ['spread', 'ofi_1', 'imbalance'].map((name, i) => ({
        name,
        psi: [0.03, 0.61, 0.17][i],
        missing: 0,
        missingInTraining: 0,
      })),
      changes: {
        alarms: this.#gaps,
        last: this.#gaps === 0 ? [] : [{ tsNs: this.#ns, time: isoTime(this.#ns, DAY), probability: 0.81 }],
        probability: 0.04,
      },
      latency: {
        signals: { count: n, meanNs: 500, p50Ns: 410, p99Ns: 2750, p999Ns: 9000, maxNs: 9000 },
        learning: { count: n, meanNs: 21_000, p50Ns: 19_400, p99Ns: 44_000, p999Ns: 120_000, maxNs: 120_000 },
      },
      weights: {
        names: ['bayes-softmax', 'imbalance-logistic', 'equal pool'],
        indices,
        values: [trust, trust.map((weight) => 0.7 * (1 - weight)), trust.map((weight) => 0.3 * (1 - weight))],
      },
    };
  }

  /** Of `imbalance` alone, and five that say less and less. */
  explanation(): Explanation {
    const values = (size: number): number[] => [-size * Math.tanh(this.#tilt), 0, size * Math.tanh(this.#tilt)];
    const names = ['imbalance', 'ofi_near_1s', 'microprice_gap', 'trade_flow_imbalance_10s', 'return_5s', 'spread'];
    const signals = names.map((name, i) => ({ name, family: 'queue', values: values((i % 2 ? -0.4 : 0.4) / (i + 1)) }));
    const member = {
      model: MODELS[0],
      weight: 0.8,
      method: 'posterior' as const,
      baseline: [0, 0, 0],
      value: [0, 0, 0],
    };
    return {
      instrument: DOUBLE_KEY,
      index: this.#index,
      time: isoTime(this.#ns, DAY),
      classes: CLASSES,
      unit: 'nats',
      members: this.#trusted ? [{ ...member, families: [], signals }] : [],
    };
  }

  health(): HealthMessage | null {
    if (this.#origin !== 'live') return null;
    const { feed } = this;
    return { type: 'health', instrument: DOUBLE_KEY, state: this.#state, faults: this.#faults, feed };
  }

  subscribe(_key: string, listener: (message: StreamMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One decision, `ms` of venue time after the last. */
  step(ms = 100): void {
    const random = this.#random;
    this.#ns += Math.round(ms * NS_PER_MS * (0.5 + random.float()));
    this.#tilt = 0.97 * this.#tilt + 0.14 * random.normal();
    if (random.bernoulli(0.25)) this.#bidTicks += random.float() < 0.5 + 0.45 * Math.tanh(this.#tilt) ? 1 : -1;
    if (this.#trusted) {
      const models = Object.fromEntries(MODELS.map((name) => [name, this.#probabilities(name)]));
      this.#resolve(models);
      this.#say(this.#forecast(models));
      this.#index++;
    }
    this.#steps++;
    if (this.#steps % 2 === 0) this.#emit(this.book(DOUBLE_KEY, 10));
    if (this.#steps % 5 === 0) this.#emit(this.scores());
  }

  /** Many decisions at once, before anybody listens. */
  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.step();
  }

  gap(): void {
    this.#trusted = false;
    this.#gaps++;
    this.#pending = [];
    this.#say(this.#abstention('the book is gapped and waits for a snapshot'));
    this.#emit(this.book(DOUBLE_KEY, 10));
  }

  recover(): void {
    this.#trusted = true;
  }

  /** The supervisor has noticed a loss, and no market data has come since: only its reports tell. */
  fallSilent(ageMs: number): void {
    this.#trusted = false;
    this.#gaps++;
    this.feed = { ...this.feed, ageMs, messagesPerSecond: 0, eventsPerSecond: 0, bytesPerSecond: 0 };
  }

  end(): void {
    this.#finished = true;
    const hash = { rows: 'ab'.repeat(32), forecasts: '5c'.repeat(32) };
    this.#emit({ type: 'end', instrument: DOUBLE_KEY, decisions: this.#index, hash });
  }

  get #state(): 'synced' | 'gapped' {
    return this.#trusted ? 'synced' : 'gapped';
  }

  get #faults() {
    return { gaps: this.#gaps, crossed: 0, stale: 0, unparsable: 0 };
  }

  #level(ticks: number, depth: number): Level {
    const wave = Math.sin(ticks * 12.9898) * 43758.5453;
    const lots = Math.round(400 + 2600 * (wave - Math.floor(wave)) + 180 * depth + 300 * this.#random.float());
    return { price: (ticks / 100).toFixed(2), size: (lots / 1000).toFixed(3), ticks, lots };
  }

  #probabilities(name: string): number[] {
    const sight = (this.inverted ? -1 : 1) * (SIGHT[name] ?? 0);
    const lean = 1.6 * Math.tanh(sight * this.#tilt);
    const weights = [Math.exp(-lean), name === 'martingale' ? 1 : 0.65, Math.exp(lean)];
    const sum = weights[0] + weights[1] + weights[2];
    return weights.map((weight) => weight / sum);
  }

  #forecast(models: Record<string, number[]>): ForecastMessage {
    return {
      ...this.#abstention(''),
      status: 'ready',
      reason: null,
      bid: (this.#bidTicks / 100).toFixed(2),
      ask: ((this.#bidTicks + 1) / 100).toFixed(2),
      mid: (this.#bidTicks + 0.5) / 100,
      probabilities: models[MODELS[0]],
      models,
      weights: { 'bayes-softmax': 0.8, 'imbalance-logistic': 0.14, 'equal pool': 0.06 },
      set: { classes: this.#tilt > 0 ? ['flat', 'up'] : ['down', 'flat'], coverage: 0.9 },
    };
  }

  /** As the real one does, it carries the number of the next forecast. */
  #abstention(reason: string): ForecastMessage {
    return {
      type: 'forecast',
      instrument: DOUBLE_KEY,
      origin: this.#origin,
      index: this.#index,
      time: isoTime(this.#ns, DAY),
      sequence: this.#index,
      status: 'abstained',
      reason,
      bid: null,
      ask: null,
      mid: null,
      model: MODELS[0],
      version: this.bundle?.version ?? null,
      bundle: this.bundle,
      schema: '0123456789abcdef',
      probabilities: null,
      models: {},
      calibrated: true,
      weights: null,
      set: null,
      asleep: this.asleep === null ? {} : Object.fromEntries([this.asleep]),
    };
  }

  #say(forecast: ForecastMessage): void {
    this.#last = forecast;
    this.#emit(forecast);
  }

  #resolve(models: Record<string, number[]>): void {
    this.#pending.push({ midTicks: this.#bidTicks, models });
    if (this.#pending.length <= HORIZON) return;
    const past = this.#pending.shift() as { midTicks: number; models: Record<string, number[]> };
    const outcome = Math.sign(this.#bidTicks - past.midTicks) + 1;
    for (const name of MODELS) {
      const p = past.models[name];
      const tally = this.#tallies.get(name) as Tally;
      tally.n++;
      tally.logLoss -= Math.log(p[outcome]);
      tally.brier += p.reduce((sum, value, i) => sum + (value - (i === outcome ? 1 : 0)) ** 2, 0);
      tally.hits += p[outcome] === Math.max(...p) ? 1 : 0;
    }
  }

  /** macro-F1 and MCC are left out here, as the API does while a class is missing. */
  #score(model: string): Score {
    const { n, logLoss, brier, hits } = this.#tallies.get(model) as Tally;
    const mean = (sum: number) => (n === 0 ? null : sum / n);
    const baseline = BASELINES.has(model);
    return {
      model,
      baseline,
      n,
      seen: 0,
      logLoss: mean(logLoss),
      brier: mean(brier),
      accuracy: mean(hits),
      macroF1: null,
      mcc: null,
    };
  }

  #emit(message: StreamMessage): void {
    for (const listener of this.#listeners) listener(message);
  }
}
