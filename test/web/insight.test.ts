import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/api/contract.ts';
import { type Action, initialState, reduce, type State, strongestPushes } from '../../web/src/state.ts';
import { instrument } from './messages.ts';

const CLASSES = ['down', 'flat', 'up'];

const hello = (change = {}): Action => ({
  type: 'message',
  message: { type: 'hello', version: '0.0.1', instrument: instrument(change) },
  nowMs: 0,
});

const reached = (...actions: Action[]): State => actions.reduce(reduce, initialState(0));

describe('what is behind a forecast', () => {
  const explanation = (change: Partial<Explanation> = {}): Explanation => {
    const signal = (name: string, values: number[]) => ({ name, family: 'queue', values });
    const signals = [signal('weak', [0, 0, 0.1]), signal('none', [0.2, 0, 0.2]), signal('strong', [0.3, 0, -0.4])];
    const member = { model: 'bayes', weight: 1, method: 'posterior' as const, baseline: [], value: [], families: [] };
    return {
      instrument: 'sim:TEST',
      index: 7,
      time: null,
      classes: CLASSES,
      unit: 'nats',
      members: [{ ...member, signals }],
      ...change,
    };
  };

  it('ranks signals by what they add to up against down, and leaves out what adds nothing', () => {
    const found = strongestPushes(explanation(), 5)!;
    expect([found.model, found.index]).toEqual(['bayes', 7]);
    expect(found.pushes.map(({ name, nats }) => [name, Number(nats.toFixed(9))])).toEqual([
      ['strong', -0.7],
      ['weak', 0.1],
    ]);
    expect(strongestPushes(explanation(), 1)!.pushes).toHaveLength(1);
    for (const nothing of [null, explanation({ members: [] }), explanation({ classes: ['a', 'b', 'c'] })])
      expect(strongestPushes(nothing, 5)).toBe(null);
  });

  it('keeps the last answer where one fails, takes none of another instrument, and forgets with a new one', () => {
    const took = (answer: Explanation | null): Action => ({
      type: 'insight',
      monitor: null,
      explanation: answer,
      nowMs: 1,
    });
    const first = explanation();
    const kept = reached(hello(), took(first), took(null), took(explanation({ instrument: 'sim:OTHER', index: 8 })));
    expect(kept.explanation).toBe(first);
    expect(reduce(kept, hello({ key: 'sim:OTHER' })).explanation).toBe(null);
  });
});
