import { describe, expect, it } from 'vitest';
import type { ForecastMessage, InstrumentStatus, Score, ScoresMessage } from '../../src/api/contract.ts';
import {
  clockText,
  durationText,
  EARLY_N,
  epochSeconds,
  leanText,
  midText,
  numberText,
  percentText,
  sentence,
  signedText,
  stepDigits,
  stepsText,
  targetText,
  verdictOf,
} from '../../web/src/format.ts';
import { binOf, leanBins } from '../../web/src/histogram.ts';
import { History } from '../../web/src/history.ts';
import {
  type Action,
  bestBaseline,
  continues,
  decisionsOf,
  gainOf,
  initialState,
  isFinished,
  leanOf,
  MAX_GAINS,
  MAX_PULSE,
  quietMs,
  reduce,
  type State,
  servedModel,
  syncOf,
  venueTime,
} from '../../web/src/state.ts';
import { Store } from '../../web/src/store.ts';
import { book, forecast, health, instrument, score, scores, target } from './messages.ts';

const CLASSES = ['down', 'flat', 'up'];

const message = (value: Extract<Action, { type: 'message' }>['message'], nowMs = 0): Action => ({
  type: 'message',
  message: value,
  nowMs,
});

const reached = (...actions: Action[]): State => actions.reduce(reduce, initialState(0));

const hello = (change: Partial<InstrumentStatus> = {}): Action =>
  message({ type: 'hello', version: '0.0.1', instrument: instrument(change) });

describe('the state of the page', () => {
  it('starts with nothing known', () => {
    const state = initialState(5);
    expect(decisionsOf(state)).toBe(0);
    expect([servedModel(state), venueTime(state), quietMs(state)]).toEqual([null, null, null]);
    expect(isFinished(state)).toBe(false);
  });

  it('keeps the last message of each kind and never changes a state in place', () => {
    const first = Object.freeze(reached(hello()));
    const second = reduce(first, message(forecast(4)));
    const third = reduce(Object.freeze(second), message(book()));
    expect(first.forecast).toBeNull();
    expect(third.forecast?.index).toBe(4);
    expect(third.book?.mid).toBe(100.005);
  });

  it("takes the book's state from whoever told it last: a feed that falls silent sends no book", () => {
    expect(syncOf(initialState(0))).toBeNull();
    expect(syncOf(reached(hello({ state: 'buffering' })))).toBe('buffering');
    const shown = reached(hello({ state: 'buffering' }), message(book()));
    expect(syncOf(shown)).toBe('synced');
    const faults = { gaps: 1, crossed: 0, stale: 0, unparsable: 0 };
    const report = health({ state: 'gapped', faults }, { ageMs: 9000 });
    const lost = reduce(Object.freeze(shown), message(report));
    expect([syncOf(lost), lost.instrument?.faults, lost.instrument?.feed]).toEqual(['gapped', faults, report.feed]);
    expect(lost.health).toEqual(report);
    expect(syncOf(reduce(lost, message(book())))).toBe('synced');
    expect(syncOf(reached(message(report)))).toBeNull();
  });

  it('keeps the rate of the last minute of reports', () => {
    let state = reached(hello());
    for (let i = 0; i <= MAX_PULSE; i++) state = reduce(state, message(health({}, { messagesPerSecond: i })));
    expect([state.pulse.length, state.pulse[0], state.pulse.at(-1)]).toEqual([MAX_PULSE, 1, MAX_PULSE]);
    expect(reduce(state, hello({ key: 'sim:OTHER' })).pulse).toEqual([]);
  });

  it('counts forecasts as decisions, but an abstention carries the number of the next one', () => {
    expect(decisionsOf(reached(hello(), message(forecast(41))))).toBe(42);
    const abstained: Partial<ForecastMessage> = { status: 'abstained', probabilities: null, reason: 'gapped' };
    expect(decisionsOf(reached(hello(), message(forecast(41, abstained))))).toBe(41);
    expect(decisionsOf(reached(hello({ decisions: 100 }), message(forecast(41))))).toBe(100);
  });

  it('names the served model from the forecast, else from the status', () => {
    expect(servedModel(reached(hello()))).toBe('bayes-softmax');
    expect(servedModel(reached(hello(), message(forecast(0, { model: 'other' }))))).toBe('other');
  });

  it('keeps what it shows when the same run says hello again, and starts afresh for another', () => {
    const state = reached(hello(), message(forecast(10)), message(book()));
    expect(reduce(state, hello({ decisions: 15 })).forecast?.index).toBe(10);
    expect(reduce(state, hello({ decisions: 3 })).forecast).toBeNull();
    expect(reduce(state, hello({ key: 'sim:OTHER', decisions: 99 })).book).toBeNull();
    expect(continues(initialState(0), instrument())).toBe(false);
  });

  it('knows the end from the message, and from the status of a stream joined after it', () => {
    const end = { type: 'end' as const, instrument: 'sim:TEST', decisions: 7, hash: { rows: 'a', forecasts: 'b' } };
    const ended = reached(hello(), message(end));
    expect(isFinished(ended)).toBe(true);
    expect(decisionsOf(ended)).toBe(7);
    expect(isFinished(reached(hello({ finished: true })))).toBe(true);
    expect(reduce(ended, hello({ finished: true, decisions: 7 })).end).toEqual(end);
    expect(reduce(ended, hello({ finished: false, decisions: 8 })).end).toBeNull();
  });

  it('takes a status only of its own instrument', () => {
    const state = reached(hello());
    const status = (key: string): Action => ({
      type: 'instrument',
      instrument: instrument({ key, messages: 9 }),
      nowMs: 0,
    });
    expect(reduce(state, status('sim:TEST')).instrument?.messages).toBe(9);
    expect(reduce(state, status('sim:OTHER'))).toBe(state);
  });

  it('fills in how things stand, but never over something newer', () => {
    const late = '2026-11-22T09:30:09.000000000Z';
    const present = { forecast: forecast(3), book: book(), scores: scores([]) };
    const joined = reached(hello(), { type: 'present', present, nowMs: 0 });
    expect([joined.forecast?.index, joined.book?.mid, joined.scores?.scores]).toEqual([3, 100.005, []]);
    const busy = reached(hello(), message(forecast(8, { time: late })), { type: 'present', present, nowMs: 0 });
    expect(busy.forecast?.index).toBe(8);
    const nothing = { forecast: null, book: null, scores: null };
    expect(reduce(busy, { type: 'present', present: nothing, nowMs: 0 }).forecast?.index).toBe(8);
  });

  it('keeps the reason of a lost connection until the next good one', () => {
    const connection = (status: State['connection']['status'], attempt: number, reason: string | null): Action => ({
      type: 'connection',
      status,
      attempt,
      reason,
      nowMs: 0,
    });
    const lost = reached(connection('waiting', 1, 'gone'), connection('connecting', 2, null));
    expect(lost.connection).toEqual({ status: 'connecting', attempt: 2, reason: 'gone' });
    expect(reduce(lost, connection('open', 0, null)).connection).toEqual({ status: 'open', attempt: 0, reason: null });
  });

  it('measures forecasts a second over whole seconds', () => {
    let state = reached(hello());
    for (let i = 0; i < 30; i++) state = reduce(state, message(forecast(i), i * 100));
    expect(state.perSecond).toBeCloseTo(10, 0);
    state = reduce(state, { type: 'tick', nowMs: 60_000 });
    expect(state.perSecond).toBeLessThan(1);
  });

  it('says for how long the stream has been silent, but not once it has ended', () => {
    const state = reached(message({ type: 'hello', version: '1', instrument: instrument() }, 1000));
    expect(quietMs(reduce(state, { type: 'tick', nowMs: 8000 }))).toBe(7000);
    expect(quietMs({ ...state, instrument: instrument({ finished: true }) })).toBeNull();
  });

  it('knows the venue time of the latest message, whichever it was', () => {
    const late = '2026-11-22T09:30:09.000000000Z';
    expect(venueTime(reached(hello(), message(forecast(1)), message(book({ time: late }))))).toBe(late);
    expect(venueTime(reached(hello(), message(forecast(1, { time: late })), message(book())))).toBe(late);
  });
});

describe('the running gain', () => {
  const pair = (n: number, served: number | null, rival: number | null): Score[] => [
    score('bayes-softmax', false, n, served),
    score('majority', true, n, 0.9),
    score('transition', true, n, rival),
  ];

  it('is against the best baseline, and signed', () => {
    expect(bestBaseline(pair(10, 0.5, 0.7))?.model).toBe('transition');
    expect(gainOf(pair(10, 0.5, 0.7), 'bayes-softmax')?.gain).toBeCloseTo(0.2);
    expect(gainOf(pair(10, 1, 0.7), 'bayes-softmax')?.gain).toBeCloseTo(-0.3);
    expect(bestBaseline(pair(10, 0.5, null))?.model).toBe('majority');
  });

  it('is absent while anything of it is', () => {
    expect(gainOf(pair(0, null, 0.7), 'bayes-softmax')).toBeNull();
    expect(gainOf(pair(9, 0.5, 0.7), 'unheard-of')).toBeNull();
    expect(gainOf([score('bayes-softmax', false, 9, 0.5)], 'bayes-softmax')).toBeNull();
  });

  it('is kept as a bounded curve from the first score to the last, one point an n', () => {
    let state = reached(hello());
    for (let n = 1; n <= 5 * MAX_GAINS; n++) {
      const said: ScoresMessage = scores(pair(n, 0.5, 0.7));
      state = reduce(reduce(state, message(said)), message(said));
      expect(state.gains.length).toBeLessThanOrEqual(MAX_GAINS);
    }
    expect(state.gains[0].n).toBe(1);
    expect(state.gains.at(-1)?.n).toBe(5 * MAX_GAINS);
    const order = state.gains.map((point) => point.n);
    expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
    expect(reduce(state, message(scores(pair(3, 0.5, 0.7)))).gains).toHaveLength(1);
  });
});

describe('the verdict', () => {
  const verdict = (n: number, served: number, rival: number) =>
    verdictOf([score('bayes-softmax', false, n, served), score('transition', true, n, rival)], 'bayes-softmax');

  it('says better, worse and equal with the size of the difference', () => {
    expect(verdict(5000, 0.6, 0.631)).toEqual({
      kind: 'better',
      text: 'bayes-softmax is better than the best no-skill baseline (transition) by 0.031 nats a decision, over 5,000 decisions.',
    });
    expect(verdict(5000, 0.7, 0.6)).toMatchObject({ kind: 'worse', text: expect.stringContaining('worse than') });
    expect(verdict(5000, 0.6, 0.6003)).toMatchObject({
      kind: 'equal',
      text: expect.stringContaining('no better than'),
    });
  });

  it('does not praise a model on what it was trained on', () => {
    const scores = [{ ...score('lstm', false, 5000, 0.1), seen: 3000 }, score('transition', true, 5000, 0.9)];
    expect(verdictOf(scores, 'lstm')).toEqual({
      kind: 'seen',
      text: 'lstm was trained on 60.0% of the 5,000 decisions scored here: its score is no evidence of skill.',
    });
  });

  it('does not judge early, nor without scores', () => {
    expect(verdict(EARLY_N - 1, 0.1, 0.9)).toMatchObject({ kind: 'early', text: expect.stringContaining('Too early') });
    expect(verdict(EARLY_N, 0.1, 0.9).kind).toBe('better');
    expect(verdictOf([], 'bayes-softmax').kind).toBe('none');
    expect(verdictOf([score('a', false, 999, 0.1)], 'a').kind).toBe('early');
  });
});

describe('the lean', () => {
  it('is p(up) − p(down), for two classes too, and absent for an abstention', () => {
    expect(leanOf(forecast(0), CLASSES)).toBeCloseTo(0.3);
    expect(leanOf(forecast(0, { probabilities: [0.4, 0.6] }), ['down', 'up'])).toBeCloseTo(0.2);
    expect(leanOf(forecast(0, { status: 'abstained', probabilities: null }), CLASSES)).toBeNull();
    expect(leanOf(forecast(0), ['calm', 'wild', 'odd'])).toBeNull();
  });

  it('falls into bins from −1 to 1 with zero in the middle one', () => {
    expect([-1, 0, 1, 3].map((value) => binOf(value, 41))).toEqual([0, 20, 40, 40]);
    expect(leanBins([1, null, -1, 0, 1], 4, 3)).toEqual([1, 1, 1]);
  });
});

describe('the history', () => {
  const at = (seconds: number) =>
    `2026-11-22T09:${String(30 + Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}.000000000Z`;

  it('keeps columns of one length, in order of time, and a gap for an abstention', () => {
    const history = new History();
    history.pushForecast(forecast(0, { time: at(1) }), CLASSES);
    history.pushForecast(forecast(1, { time: at(2), status: 'abstained', probabilities: null, mid: null }), CLASSES);
    history.pushForecast(forecast(2, { time: at(0) }), CLASSES);
    history.pushForecast(forecast(3, { time: null }), CLASSES);
    expect(history.length).toBe(3);
    expect(history.seconds[2]).toBe(history.seconds[1]);
    expect(history.mid).toEqual([100.005, null, 100.005]);
    expect(history.bid).toEqual([100, null, 100]);
    expect(history.lean[1]).toBeNull();
    history.clear();
    expect(history.length).toBe(0);
  });

  it('takes prices from the book only while there is no forecast', () => {
    const history = new History();
    history.pushBook(book());
    expect(history.length).toBe(0);
    history.pushForecast(forecast(0, { time: at(1) }), CLASSES);
    history.pushBook(book({ time: at(2) }));
    expect(history.length).toBe(1);
    history.pushForecast(forecast(1, { time: at(2), status: 'abstained', probabilities: null, mid: null }), CLASSES);
    history.pushBook(book({ time: at(3) }));
    history.pushBook(book({ time: at(4), state: 'gapped' }));
    history.pushBook(book({ time: null }));
    expect(history.mid).toEqual([100.005, null, 100.005, null]);
    expect(history.ask).toEqual([100.01, null, 100.01, null]);
    expect(history.lean).toEqual([expect.closeTo(0.3), null, null, null]);
  });

  it('is bounded and forgets the oldest first', () => {
    const history = new History(10);
    for (let i = 0; i < 95; i++) history.pushForecast(forecast(i, { time: at(i), mid: i }), CLASSES);
    expect(history.length).toBeLessThanOrEqual(20);
    expect(history.mid.at(-1)).toBe(94);
    expect(history.mid[0]).toBe(95 - history.length);
  });

  it('finds where the last seconds begin, one entry early', () => {
    const history = new History();
    expect(history.firstWithin(10)).toBe(0);
    for (let i = 0; i < 60; i++) history.pushForecast(forecast(i, { time: at(i) }), CLASSES);
    expect(history.firstWithin(10)).toBe(48);
    expect(history.firstWithin(1000)).toBe(0);
  });
});

describe('the store', () => {
  it('tells its listeners once a frame and shows the same state in between', () => {
    const frames: (() => void)[] = [];
    const store = new Store((draw) => frames.push(draw), 0);
    let told = 0;
    const stop = store.subscribe(() => told++);
    const before = store.snapshot();
    store.dispatch(hello());
    for (let i = 0; i < 100; i++) store.dispatch(message(forecast(i)));
    expect(store.snapshot()).toBe(before);
    expect(store.current().forecast?.index).toBe(99);
    expect(frames).toHaveLength(1);
    frames[0]();
    expect(told).toBe(1);
    expect(store.snapshot().forecast?.index).toBe(99);
    expect(store.history.length).toBe(100);
    stop();
    store.dispatch(hello({ key: 'sim:OTHER' }));
    frames[1]();
    expect(told).toBe(1);
    expect(store.history.length).toBe(0);
  });

  it('records what it is told at once, and the price during an abstention', () => {
    const store = new Store((draw) => draw(), 0);
    store.dispatch(hello());
    const abstained = forecast(0, { status: 'abstained', probabilities: null, reason: 'warming up' });
    store.dispatch({ type: 'present', present: { forecast: abstained, book: null, scores: null }, nowMs: 0 });
    store.dispatch(message(book()));
    expect(store.history.mid).toEqual([100.005, 100.005]);
    expect(store.history.lean).toEqual([null, null]);
  });
});

describe('words and numbers', () => {
  it('prints numbers with a fixed length and true signs', () => {
    expect(numberText(-1.5, 2)).toBe('−1.50');
    expect(numberText(null, 2)).toBe('–');
    expect([signedText(0.0312, 3), signedText(-0.2, 1), signedText(-0.0001, 2), signedText(null, 2)]).toEqual([
      '+0.031',
      '−0.2',
      '0.00',
      '–',
    ]);
    expect([percentText(0.4823), percentText(null)]).toEqual(['48.2%', '–']);
  });

  it('follows the steps of the instrument', () => {
    expect([stepDigits('0.10'), stepDigits('5')]).toEqual([2, 0]);
    expect(midText(100.005, '0.01')).toBe('100.005');
    expect(stepsText(27_583, '0.001')).toBe('27.583');
  });

  it('reads ISO times to the microsecond and shows them as sent', () => {
    const iso = '2026-11-22T09:30:00.017459617Z';
    expect(epochSeconds(iso)).toBeCloseTo(Date.UTC(2026, 10, 22, 9, 30) / 1000 + 0.0174596, 6);
    expect(epochSeconds('2026-11-22T09:30:00Z')).toBe(Date.UTC(2026, 10, 22, 9, 30) / 1000);
    expect([clockText(iso), clockText('2026-11-22T09:30:00Z'), clockText(null)]).toEqual([
      '09:30:00.017',
      '09:30:00',
      '–',
    ]);
  });

  it('says in words what is forecast', () => {
    expect(targetText({ ...target, kind: 'events', horizon: 10 })).toBe('mid after 10 decision points');
    expect(targetText({ ...target, kind: 'events', horizon: 1 })).toBe('mid after 1 decision point');
    expect(targetText({ ...target, kind: 'time', horizon: 500 })).toBe('mid after 500 ms');
    expect(targetText({ ...target, kind: 'next-change', horizon: 1 })).toBe('direction of the next mid change');
    expect([durationText(1500), durationText(300_000)]).toEqual(['1.5 s', '5 min']);
  });

  it('says in words where the forecast leans', () => {
    expect([leanText(0.123), leanText(-0.5), leanText(0.001), leanText(null)]).toEqual([
      'leans up by 12.3 points',
      'leans down by 50.0 points',
      'leans neither way',
      'no forecast',
    ]);
    expect([sentence('is it running?'), sentence('it is gone')]).toEqual(['is it running?', 'it is gone.']);
  });
});
