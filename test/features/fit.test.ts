import { describe, expect, it } from 'vitest';
import { parseFit, sealFit } from '../../src/features/fit.ts';

const FIT = sealFit({
  instrument: 'test:TEST',
  depth: 2,
  messages: 1000,
  until: '2012-06-21T13:30:00.000000001Z',
  microprice: { fair: Array.from({ length: 45 }, (_, i) => i / 10) },
  components: { weights: [0.75, 0.25], explained: 0.9 },
  hawkes: { baseRate: 0.5, self: 2, cross: 1, decay: 10, logLikelihood: -1, poissonLogLikelihood: -2 },
});

const plain = (): Record<string, unknown> => JSON.parse(JSON.stringify(FIT));

describe('a fit’s file', () => {
  it('gives the fit that was written', () => {
    expect(parseFit(plain(), 'FIT.json')).toEqual(FIT);
    expect(Object.isFrozen(parseFit(plain(), 'FIT.json').microprice.fair)).toBe(true);
  });

  it('has a hash of its contents, whatever the order of its keys', () => {
    expect(FIT.hash).toMatch(/^[0-9a-f]{16}$/);
    const reversed = Object.fromEntries(Object.entries(plain()).reverse());
    expect(parseFit(reversed, 'FIT.json').hash).toBe(FIT.hash);
  });

  it('is refused where it was edited', () => {
    const edited = { ...plain(), components: { weights: [0.7, 0.3], explained: 0.9 } };
    expect(() => parseFit(edited, 'FIT.json')).toThrow(
      /^FIT\.json: its hash is ".*" and its contents give ".*": it was/,
    );
    expect(() => parseFit({ ...plain(), until: '2012-06-21T13:30:00Z' }, 'FIT.json')).toThrow('edited');
    expect(() => parseFit({ ...plain(), hash: '0' }, 'FIT.json')).toThrow('edited');
  });

  it.each([
    [[], 'a fit is an object, not []'],
    ['text', 'a fit is an object, not "text"'],
    [{ ...plain(), format: 'bookcast-model' }, 'this is no fit: format is "bookcast-model"'],
    [{ ...plain(), version: 2 }, 'of version 2, and 1 is known here'],
    [{ ...plain(), note: 1 }, '"note" is no field of a fit'],
    [{ ...plain(), instrument: 'GOOG' }, '"instrument" is venue:NAME, not "GOOG"'],
    [{ ...plain(), depth: 0 }, '"depth" is a whole number of levels, not 0'],
    [{ ...plain(), depth: 3 }, '"components.weights" is 3 numbers'],
    [{ ...plain(), messages: -1 }, '"messages" is a whole number, not -1'],
    [{ ...plain(), until: 'yesterday' }, '"until" is a time such as'],
    [{ ...plain(), microprice: null }, '"microprice" is an object, not null'],
    [{ ...plain(), microprice: { fair: [1] } }, '"microprice.fair" is 45 numbers, not [1]'],
    [{ ...plain(), microprice: { fair: Array(45).fill('1') } }, '"microprice.fair" is 45 numbers'],
    [{ ...plain(), components: { weights: [1, 0], explained: 2 } }, '"components.explained" is a part of 1, not 2'],
    [{ ...plain(), components: { ...FIT.components, extra: 1 } }, '"components.extra" is no field'],
    [{ ...plain(), hawkes: { ...FIT.hawkes, self: -1 } }, '"hawkes.self" is a rate per second'],
    [{ ...plain(), hawkes: { ...FIT.hawkes, decay: 0 } }, '"hawkes.decay" is above 0'],
    [{ ...plain(), hawkes: { ...FIT.hawkes, logLikelihood: null } }, '"hawkes.logLikelihood" is a number, not null'],
    [{ ...plain(), hash: undefined }, '"hash" is text, not absent'],
  ])('is refused with the field named: %#', (data, message) => {
    expect(() => parseFit(data, 'FIT.json')).toThrow(message);
    expect(() => parseFit(data, 'FIT.json')).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});
