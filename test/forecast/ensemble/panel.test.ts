import { describe, expect, it } from 'vitest';
import { Panel } from '../../../src/forecast/ensemble/panel.ts';
import { type Decision, emptyDecision, type Model } from '../../../src/models/index.ts';
import { labelOf } from './streams.ts';

/** A model that says 0.7, unless `fault` names what it does at a decision. */
class Faulty implements Model {
  readonly name = 'faulty';
  readonly baseline = false;
  readonly schemaHash = null;
  version = 'one';
  asked: number[] = [];
  taught: number[] = [];
  resets = 0;
  fault: (index: number) => 'throws' | 'abstains' | null;
  failsToLearn = false;
  failsToReset = false;

  constructor(fault: (index: number) => 'throws' | 'abstains' | null) {
    this.fault = fault;
  }

  predict({ index }: Decision, out: Float64Array): void {
    this.asked.push(index);
    const fault = this.fault(index);
    if (fault === 'throws') throw new Error(`no weights at ${index}`);
    out.fill(fault === 'abstains' ? Number.NaN : 0.3);
    if (fault === null) out[0] = 0.7;
  }

  update({ index }: Decision): void {
    this.taught.push(index);
    if (this.failsToLearn) throw new Error('no gradient');
  }

  reset(): void {
    this.resets++;
    if (this.failsToReset) throw new Error('no memory');
  }
}

function decision(index: number): Decision {
  const made = emptyDecision(new Float64Array(1));
  made.index = index;
  return made;
}

function panelOf(faulty: Faulty) {
  const sound = new Faulty(() => null);
  const awake = new Uint8Array(2);
  const reasons: (string | null)[] = [null, null];
  const said = [new Float64Array(2), new Float64Array(2)];
  const panel = new Panel([faulty, sound], awake, reasons);
  return { panel, awake, reasons, said, sound, predict: (index: number) => panel.predict(decision(index), said) };
}

describe('Panel', () => {
  it('lets a model abstain, teaches it all the while, and hears it when it speaks', () => {
    const faulty = new Faulty((index) => (index < 5 ? 'abstains' : null));
    const { panel, awake, reasons, said, predict } = panelOf(faulty);
    for (let t = 0; t < 8; t++) {
      predict(t);
      expect([...awake]).toEqual([t < 5 ? 0 : 1, 1]);
      expect(reasons[0]).toBe(t < 5 ? 'what it wrote are no probabilities' : null);
      expect(said.map((p) => [...p])).toEqual([
        [t < 5 ? 0.5 : 0.7, t < 5 ? 0.5 : 0.3],
        [0.7, 0.3],
      ]);
      panel.update(decision(t), labelOf(0), said);
    }
    expect(faulty.taught).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(faulty.resets).toBe(0);
  });

  it.each([
    [Number.POSITIVE_INFINITY, 0],
    [1.1, -0.1],
    [0, 0],
    [0.5, Number.NaN],
  ])('takes [%f, %f] for no probabilities', (a, b) => {
    const { panel, awake } = panelOf(new Faulty(() => null));
    const wrong: Model = {
      name: 'wrong',
      baseline: false,
      schemaHash: null,
      predict: (_, out) => out.set([a, b]),
      update: () => {},
    };
    const flags = new Uint8Array(1);
    new Panel([wrong], flags, [null]).predict(decision(0), [new Float64Array(2)]);
    expect(flags[0]).toBe(0);
    panel.predict(decision(0), [new Float64Array(2), new Float64Array(2)]);
    expect([...awake]).toEqual([1, 1]);
  });

  it('asks a model that throws again after 1, 2, 4, … decisions, at most 1024, told to start over each time', () => {
    const faulty = new Faulty(() => 'throws');
    const { panel, reasons, sound, said, predict } = panelOf(faulty);
    for (let t = 0; t < 6000; t++) {
      predict(t);
      panel.update(decision(t), labelOf(0), said);
    }
    const pauses = faulty.asked.slice(1).map((index, i) => index - faulty.asked[i]);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024, 1024]);
    expect(faulty.resets).toBe(faulty.asked.length - 1);
    expect(faulty.taught).toEqual([]);
    expect(reasons).toEqual([`it failed to forecast: no weights at ${faulty.asked.at(-1)}`, null]);
    expect(sound.asked).toHaveLength(6000);
    expect(sound.taught).toHaveLength(6000);
  });

  it('asks it at once when the book starts anew, and when another version stands in its place', () => {
    const faulty = new Faulty(() => 'throws');
    const { panel, awake, predict } = panelOf(faulty);
    for (let t = 0; t < 40; t++) predict(t);
    expect(faulty.asked).toEqual([0, 1, 3, 7, 15, 31]);
    panel.reset();
    predict(40);
    expect(faulty.asked.at(-1)).toBe(40);
    faulty.version = 'two';
    faulty.fault = () => null;
    predict(41);
    expect(faulty.asked.at(-1)).toBe(41);
    expect(awake[0]).toBe(1);
  });

  it('puts one to sleep that fails to learn or to start over, and wakes it', () => {
    const faulty = new Faulty(() => null);
    const { panel, awake, reasons, said, predict } = panelOf(faulty);
    predict(0);
    faulty.failsToLearn = true;
    panel.update(decision(0), labelOf(1), said);
    expect(reasons[0]).toBe('it failed to learn: no gradient');
    predict(1);
    expect([...awake]).toEqual([0, 1]);
    faulty.failsToLearn = false;
    predict(2);
    expect([...awake]).toEqual([1, 1]);
    faulty.failsToReset = true;
    panel.reset();
    expect(reasons[0]).toBe('it failed to start over: no memory');
    predict(3);
    expect(awake[0]).toBe(0);
    // Asked at 4, it is told to start over again, which fails, and so to 6.
    predict(4);
    faulty.failsToReset = false;
    predict(5);
    expect(awake[0]).toBe(0);
    predict(6);
    expect([...awake]).toEqual([1, 1]);
    expect(reasons).toEqual([null, null]);
  });

  it('tells what was thrown where it is no error', () => {
    const odd: Model = {
      name: 'odd',
      baseline: false,
      schemaHash: null,
      predict: () => {
        throw 'a string';
      },
      update: () => {},
    };
    const reasons: (string | null)[] = [null];
    new Panel([odd], new Uint8Array(1), reasons).predict(decision(0), [new Float64Array(2)]);
    expect(reasons).toEqual(['it failed to forecast: a string']);
  });
});
