import { describe, expect, it, vi } from 'vitest';
import { BookcastError } from '../../../src/core/index.ts';
// Reached by a bundle in service only where a package is missing, which cannot be had in this process.
import { AbsentMember } from '../../../src/forecast/bundle/absent-member.ts';
import { createCombiner, createOnline, LateMember, LEARNERS } from '../../../src/forecast/index.ts';
import { emptyDecision, parseTarget, type ServedModel } from '../../../src/models/index.ts';
import { schemaOf } from '../../models/support.ts';

const target = parseTarget('events:10');
const columns = Array.from({ length: 4 }, (_, i) => ({ name: `x${i}`, family: i < 2 ? 'a' : 'b' }));
const schema = { ...schemaOf(4), columns } as unknown as Parameters<typeof createOnline>[2];

describe('createOnline', () => {
  it('makes every learner by its name, all of them savable, forecasting before they know anything', () => {
    const models = createOnline(LEARNERS, target, schema);
    expect(models.map(({ name }) => name)).toEqual(['imbalance', 'bayes', 'bayes-slow', 'bayes-regime', 'bayes-dma']);
    const decision = emptyDecision(new Float64Array(4).fill(1));
    const out = new Float64Array(3);
    for (const [i, model] of models.entries()) {
      model.predict(decision, out);
      expect(out[0] + out[1] + out[2]).toBeCloseTo(1, 9);
      createOnline([LEARNERS[i]], target, schema)[0].restore?.(model.save?.() as Uint8Array);
    }
  });
});

describe('createCombiner', () => {
  it.each([
    { kind: 'exponential-weights', rate: 0.1 },
    { kind: 'fixed-share', rate: null, share: 0.01 },
    { kind: 'boa' },
    { kind: 'squint' },
    { kind: 'uniform' },
  ] as const)('makes $kind, with a weight a member and one for the equal pool', (settings) => {
    const combiner = createCombiner(settings, { members: 2, classes: 3 });
    expect([...combiner.weights].reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
    expect(combiner.weights).toHaveLength(3);
  });
});

describe('a member that is not there', () => {
  const why = new BookcastError('missing-package', 'onnxruntime-node is not installed');

  it('says why for ever where it cannot run', () => {
    const member = new AbsentMember('net', 'h', why);
    expect([member.name, member.schemaHash, member.baseline, member.why]).toEqual(['net', 'h', false, why.message]);
    expect(() => member.predict()).toThrow(why);
    expect(member.update()).toBeUndefined();
  });

  it('says why it could not be loaded, sleeps on, and can be closed', async () => {
    const told: string[] = [];
    for (const error of [why, new Error('out of memory')]) {
      const member = new LateMember('net', 'h', Promise.reject(error), (text) => told.push(text));
      expect(member.version).toBe('loading');
      await member.settled();
      const decision = emptyDecision(new Float64Array(4));
      expect(() => member.predict(decision, new Float64Array(3))).toThrow(error.message);
      member.update();
      member.reset();
      expect(member.learntAt('a:B', 1, 2)).toBe(false);
      expect(member.slot).toBeNull();
      // A later version that can be loaded takes the empty place.
      const close = vi.fn(async () => {});
      const next = { name: 'net', version: 'abc', schemaHash: 'h', close };
      expect(member.swap(next as unknown as ServedModel)).toBeNull();
      expect([member.version, member.slot?.swaps]).toEqual(['abc', 0]);
      await member.close();
      expect(close).toHaveBeenCalledOnce();
    }
    expect(told).toEqual([why.message, 'Error: out of memory']);
  });
});
