import type {
  BookMessage,
  EndMessage,
  Explanation,
  ForecastMessage,
  HealthMessage,
  InstrumentStatus,
  MonitorReport,
  Score,
  ScoresMessage,
  StreamMessage,
  SyncState,
} from '../../src/api/contract.ts';

/** The client's own states, and the page's before there is a client: reading its configuration, or failing to. */
export type ConnectionStatus = 'loading' | 'failed' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface Connection {
  readonly status: ConnectionStatus;
  /** What went wrong, in words; null while nothing did. */
  readonly reason: string | null;
  /** Tries since the last good connection; 0 while it is good. */
  readonly attempt: number;
}

/** One point of the running gain: log-loss of the best no-skill baseline minus that of the served model, in nats. */
export interface GainPoint {
  readonly n: number;
  readonly gain: number;
}

/** All that the page shows apart from the histories under the charts. Never mutated: each action makes a new one. */
export interface State {
  readonly connection: Connection;
  readonly version: string | null;
  readonly instrument: InstrumentStatus | null;
  readonly book: BookMessage | null;
  readonly forecast: ForecastMessage | null;
  readonly scores: ScoresMessage | null;
  readonly end: EndMessage | null;
  /** Asked for about every second, not streamed: as old as that. */
  readonly monitor: MonitorReport | null;
  readonly explanation: Explanation | null;
  /** Of a live feed; null for all others. Newer than what `instrument` says. */
  readonly health: HealthMessage | null;
  /** Messages a second of the live feed, as its last reports gave them, oldest first. */
  readonly pulse: readonly number[];
  readonly gains: readonly GainPoint[];
  /** Forecasts a second, measured here over the last whole second or more; null until measured. */
  readonly perSecond: number | null;
  readonly rate: { readonly sinceMs: number; readonly count: number };
  /** When the last message of the stream came and what time it is now, by the page's own clock. */
  readonly lastMessageMs: number | null;
  readonly nowMs: number;
}

/** What the API answers when asked how things stand: for a page that joins, or joins again, between two messages. */
export interface Present {
  readonly forecast: ForecastMessage | null;
  readonly book: BookMessage | null;
  readonly scores: ScoresMessage | null;
}

export type Action =
  | { type: 'connection'; status: ConnectionStatus; attempt: number; reason: string | null; nowMs: number }
  | { type: 'message'; message: StreamMessage; nowMs: number }
  | { type: 'present'; present: Present; nowMs: number }
  | { type: 'instrument'; instrument: InstrumentStatus; nowMs: number }
  | { type: 'insight'; monitor: MonitorReport | null; explanation: Explanation | null; nowMs: number }
  | { type: 'tick'; nowMs: number };

/** The running gain keeps at most this many points; when full, every second one is dropped. */
export const MAX_GAINS = 400;

/** Reports of the feed that the page keeps: about a minute of them. */
export const MAX_PULSE = 60;

export function initialState(nowMs: number): State {
  return {
    connection: { status: 'loading', reason: null, attempt: 0 },
    version: null,
    instrument: null,
    book: null,
    forecast: null,
    scores: null,
    end: null,
    monitor: null,
    explanation: null,
    health: null,
    pulse: [],
    gains: [],
    perSecond: null,
    rate: { sinceMs: nowMs, count: 0 },
    lastMessageMs: null,
    nowMs,
  };
}

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'connection':
      return { ...state, nowMs: action.nowMs, connection: nextConnection(state.connection, action) };
    case 'message':
      return withMessage({ ...state, nowMs: action.nowMs, lastMessageMs: action.nowMs }, action.message);
    case 'present':
      return withPresent({ ...state, nowMs: action.nowMs }, action.present);
    case 'instrument':
      if (state.instrument?.key !== action.instrument.key) return state;
      return { ...state, instrument: action.instrument };
    case 'insight':
      return withInsight(state, action.monitor, action.explanation);
    case 'tick':
      return withRate({ ...state, nowMs: action.nowMs }, 0);
  }
}

/** While a new attempt runs, the reason of the last failure stays to be read. */
function nextConnection(last: Connection, next: Connection): Connection {
  const { status, attempt, reason } = next;
  if (status === 'open') return { status, reason: null, attempt: 0 };
  return { status, attempt, reason: reason ?? last.reason };
}

function withMessage(state: State, message: StreamMessage): State {
  switch (message.type) {
    case 'hello':
      return withHello(state, message.version, message.instrument);
    case 'book':
      return { ...state, book: message };
    case 'forecast':
      return withRate({ ...state, forecast: message }, 1);
    case 'scores':
      return { ...state, scores: message, gains: withGain(state.gains, gainOf(message.scores, servedModel(state))) };
    case 'health':
      return withHealth(state, message);
    case 'end':
      return { ...state, end: message };
  }
}

/** A feed that falls silent sends no book: its report is then the only news of the book's state. */
function withHealth(state: State, health: HealthMessage): State {
  const { state: sync, faults, feed } = health;
  return {
    ...state,
    health,
    pulse: [...state.pulse, feed.messagesPerSecond].slice(-MAX_PULSE),
    book: state.book === null ? null : { ...state.book, state: sync },
    instrument: state.instrument === null ? null : { ...state.instrument, state: sync, faults, feed },
  };
}

/** What could not be had this time stays as it was; an answer of another instrument is too late. */
function withInsight(state: State, monitor: MonitorReport | null, explanation: Explanation | null): State {
  const key = state.instrument?.key;
  return {
    ...state,
    monitor: monitor?.instrument === key ? monitor : state.monitor,
    explanation: explanation?.instrument === key ? explanation : state.explanation,
  };
}

/** Takes what is newer than the stream has brought meanwhile. ISO times of one form sort as text. */
function withPresent(state: State, present: Present): State {
  const newer = <T extends { time: string | null }>(now: T | null, then: T | null): T | null =>
    now !== null && (then === null || (now.time ?? '') > (then.time ?? '')) ? now : then;
  return {
    ...state,
    forecast: newer(present.forecast, state.forecast),
    book: newer(present.book, state.book),
    scores: newer(present.scores, state.scores),
  };
}

/** A reconnection to the same run keeps what is on the page; another instrument, or a restarted one, starts afresh. */
function withHello(state: State, version: string, instrument: InstrumentStatus): State {
  const same = continues(state, instrument);
  const base = same
    ? state
    : { ...initialState(state.nowMs), connection: state.connection, lastMessageMs: state.nowMs };
  return { ...base, version, instrument, end: instrument.finished ? base.end : null };
}

/** True where the stream that says hello is the one already on the page: same instrument, not behind what we have seen. */
export function continues(state: State, instrument: InstrumentStatus): boolean {
  if (state.instrument === null) return false;
  return state.instrument.key === instrument.key && instrument.decisions >= decisionsOf(state);
}

function withRate(state: State, arrived: number): State {
  const count = state.rate.count + arrived;
  const elapsedMs = state.nowMs - state.rate.sinceMs;
  if (elapsedMs < 1000) return { ...state, rate: { sinceMs: state.rate.sinceMs, count } };
  return { ...state, perSecond: (count * 1000) / elapsedMs, rate: { sinceMs: state.nowMs, count: 0 } };
}

function withGain(gains: readonly GainPoint[], point: GainPoint | null): readonly GainPoint[] {
  if (point === null) return gains;
  const last = gains.at(-1);
  if (last !== undefined && point.n <= last.n) return point.n < last.n ? [point] : gains;
  const kept = gains.length < MAX_GAINS ? gains : gains.filter((_, i) => i % 2 === 0);
  return [...kept, point];
}

/**
 * Decisions of this stream so far: what the last forecast implies, or what the status says where that is more. An
 * abstention is not a decision: it carries the number of the next one.
 */
export function decisionsOf(state: State): number {
  const { forecast } = state;
  const seen = forecast === null ? 0 : forecast.index + (forecast.status === 'ready' ? 1 : 0);
  return Math.max(seen, state.end?.decisions ?? 0, state.instrument?.decisions ?? 0);
}

/** State of the book as the last message that told it had it; null before the first. */
export function syncOf(state: State): SyncState | null {
  return state.book?.state ?? state.instrument?.state ?? null;
}

/** Venue time of the last event that the page knows of. ISO times of one form sort as text. */
export function venueTime(state: State): string | null {
  const times = [state.forecast?.time ?? null, state.book?.time ?? null].filter((time) => time !== null);
  return times.sort().at(-1) ?? null;
}

export function servedModel(state: State): string | null {
  return state.forecast?.model ?? state.instrument?.models[0] ?? null;
}

/** The no-skill baseline with the lowest log-loss; null while none is scored. */
export function bestBaseline(scores: readonly Score[]): Score | null {
  let best: Score | null = null;
  for (const score of scores) {
    if (!score.baseline || score.logLoss === null) continue;
    if (best === null || score.logLoss < (best.logLoss as number)) best = score;
  }
  return best;
}

/** Positive where the served model is better. Null while either log-loss is absent. */
export function gainOf(scores: readonly Score[], model: string | null): GainPoint | null {
  const served = scores.find((score) => score.model === model);
  const baseline = bestBaseline(scores);
  if (served === undefined || served.logLoss === null || baseline === null) return null;
  return { n: served.n, gain: (baseline.logLoss as number) - served.logLoss };
}

/** p(up) − p(down), in [−1, 1]; null for an abstention, or where the target has no such classes. */
export function leanOf(forecast: ForecastMessage, classes: readonly string[]): number | null {
  const up = classes.indexOf('up');
  const down = classes.indexOf('down');
  if (forecast.status !== 'ready' || forecast.probabilities === null || up < 0 || down < 0) return null;
  return forecast.probabilities[up] - forecast.probabilities[down];
}

/** Milliseconds since the stream last said anything, where it should: null before the first message and after the end. */
export function quietMs(state: State): number | null {
  if (state.lastMessageMs === null || isFinished(state)) return null;
  return Math.max(0, state.nowMs - state.lastMessageMs);
}

export function isFinished(state: State): boolean {
  return state.end !== null || state.instrument?.finished === true;
}

/** A signal and what it adds to the log-odds of up against down, in nats. */
export interface Push {
  readonly name: string;
  readonly nats: number;
}

/** The signals that pushed the weightiest model that can tell the most, the strongest first. */
export function strongestPushes(
  explanation: Explanation | null,
  count: number,
): { model: string; index: number; pushes: Push[] } | null {
  const member = explanation?.members[0];
  if (explanation === null || member === undefined) return null;
  const up = explanation.classes.indexOf('up');
  const down = explanation.classes.indexOf('down');
  if (up < 0 || down < 0) return null;
  const pushes = member.signals.map(({ name, values }) => ({ name, nats: values[up] - values[down] }));
  pushes.sort((a, b) => Math.abs(b.nats) - Math.abs(a.nats));
  return {
    model: member.model,
    index: explanation.index,
    pushes: pushes.slice(0, count).filter(({ nats }) => nats !== 0),
  };
}
