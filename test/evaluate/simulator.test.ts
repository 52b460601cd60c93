import { describe, expect, it } from 'vitest';
import { type NamedGain, Prequential } from '../../src/evaluate/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { openSim, type SimMode } from '../../src/venues/sim/index.ts';

/** The whole online path over a simulated market. */
async function run(mode: SimMode, seed: number, messages: number, target: string): Promise<Prequential> {
  const source = openSim({ mode, seed, messages });
  const session = new Prequential(source.instrument, parseTarget(target));
  for await (const batch of source.batches()) session.apply(batch);
  return session;
}

function over(gains: NamedGain[], name: string): NamedGain {
  return gains.find((gain) => gain.over === name)!;
}

describe.each([
  ['realistic', 'events:10', 40_000],
  // The mid changes every few seconds, and as long do labels overlap: an interval wants more of them.
  ['realistic', 'next-change', 150_000],
  ['oracle', 'events:10', 40_000],
  ['oracle', 'next-change', 40_000],
] as const)('on mode %s, target %s', (mode, target, messages) => {
  it('beats every no-skill baseline, with an interval above zero', async () => {
    const session = await run(mode, 7, messages, target);
    for (const { over: name, baseline, gain, interval } of session.gains()) {
      if (!baseline) continue;
      expect(gain, `${mode} ${target}: gain over ${name}`).toBeGreaterThan(0);
      expect(interval?.low, `${mode} ${target}: low end over ${name}`).toBeGreaterThan(0);
    }
  });
});

describe.each(['events:10', 'next-change'])('on mode null, target %s', (target) => {
  // Every learner of the live stack runs: minutes, where the machine has other work.
  it('does not beat the martingale beyond chance, over many seeds', { timeout: 400_000 }, async () => {
    const seeds = 60;
    const gains: number[] = [];
    let significant = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const gain = over((await run('null', seed, 3000, target)).gains(), 'martingale');
      gains.push(gain.gain!);
      if (gain.interval !== null && gain.interval.low > 0) significant++;
    }
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / seeds;
    const sd = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (seeds - 1));
    // One-sided 2.5 % a seed: 1.5 of 60 are expected by chance, and 7 or more happen once in 2,000.
    expect(significant, `${significant} of ${seeds} seeds "significant"`).toBeLessThan(7);
    expect(mean / (sd / Math.sqrt(seeds)), `mean gain ${mean}`).toBeLessThan(3);
  });
});

describe('on mode oracle-nonlinear', () => {
  it('has nothing to learn for a linear softmax, though the next move is known to the simulator', async () => {
    const messages = 30_000;
    const session = await run('oracle-nonlinear', 5, messages, 'next-change');
    const martingale = over(session.gains(), 'martingale');
    expect(martingale.gain!).toBeLessThan(0.005);
    let entropy = 0;
    let n = 0;
    for (const { pUp } of openSim({ mode: 'oracle-nonlinear', seed: 5, messages }).truth()) {
      entropy -= pUp * Math.log(pUp) + (1 - pUp) * Math.log(1 - pUp);
      n++;
    }
    expect(Math.LN2 - entropy / n).toBeGreaterThan(0.02);
  });
});

describe('on mode oracle', () => {
  it('comes near the loss of whoever knows the true probability', async () => {
    const messages = 60_000;
    const source = openSim({ mode: 'oracle', seed: 2, messages });
    const truth = [...source.truth()];
    let known = 0;
    let served = 0;
    let n = 0;
    const session = new Prequential(source.instrument, parseTarget('next-change'), {
      onOutcome: (decision, label, probabilities) => {
        // One message is one decision point here, and the first decisions abstain: count from the end of the warm-up.
        pending.push([decision.index, label, probabilities.at(-1)![1]]);
      },
    });
    const pending: [number, number, number][] = [];
    for await (const batch of source.batches()) session.apply(batch);
    const warmup = truth.length - 1 - session.forecaster.decisions;
    for (const [index, label, p] of pending) {
      if (index < 5000) continue;
      const { pUp } = truth[index + warmup];
      known -= Math.log(label === 1 ? pUp : 1 - pUp);
      served -= Math.log(label === 1 ? p : 1 - p);
      n++;
    }
    const noSkill = Math.LN2;
    const share = (noSkill - served / n) / (noSkill - known / n);
    expect(share, `share of the attainable gain, ${n} decisions`).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(1.02);
  });
});
