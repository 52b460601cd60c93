import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import type { SimMode } from '../../../src/venues/sim/index.ts';
import { MatchingEngine } from '../../../src/venues/sim/matching-engine.ts';
import { RealisticFlow } from '../../../src/venues/sim/realistic-flow.ts';
import { countZ, type Observation, observe, scoreZ, stretches } from './observe.ts';

/** What a linear model might look at just before a move, and right after the last one. */
const SIGNALS: Record<string, (o: Observation, from: number, to: number) => number> = {
  imbalance: (o, from) => o.imbalance[from],
  imbalanceLate: (o, _from, to) => o.imbalance[to - 1],
  deepImbalance: (o, from) => o.deepImbalance[from],
  depth: (o, _from, to) => o.depth[to - 1],
  lastReturn: (o, from) => (from === 0 ? 0 : o.mid[from] - o.mid[from - 1]),
  pastReturn: (o, from) => o.mid[from] - o.mid[Math.max(0, from - 50)],
  volatility: (o, from) => moved(o, Math.max(1, from - 50), from),
  tradeFlow: (o, from, to) => sum(o.tradeFlow, from, to),
  tradeFlowSinceMove: (o, from, to) => sum(o.tradeFlow, from + 1, to),
  ofi: (o, from, to) => sum(o.ofi, from, to),
  ofiSinceMove: (o, from, to) => sum(o.ofi, from + 1, to),
  events: (o, from) => o.events[from],
  age: (o, from, to) => o.tsNs[to - 1] - o.tsNs[from],
  wait: (o, _from, to) => o.tsNs[to] - o.tsNs[to - 1],
};

function sum(x: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += x[i];
  return total;
}

function moved(o: Observation, from: number, to: number): number {
  let count = 0;
  for (let i = from; i <= to; i++) if (o.mid[i] !== o.mid[i - 1]) count++;
  return count;
}

async function observeSeeds(mode: SimMode, seeds: number, messages: number): Promise<Observation[]> {
  const out: Observation[] = [];
  for (let seed = 1; seed <= seeds; seed++) out.push(await observe({ mode, seed, messages }));
  return out;
}

/** Standard normal scores of every signal against the direction of the next move; one decision a move. */
function signalScores(
  runs: readonly Observation[],
  against: (o: Observation, from: number) => number,
): Record<string, number> {
  const moves = runs.flatMap((o) => stretches(o).map((stretch) => ({ o, ...stretch })));
  const hits = moves.map(({ up }) => up);
  const p = moves.map(({ o, from }) => against(o, from));
  const scores: Record<string, number> = {};
  for (const [name, signal] of Object.entries(SIGNALS)) {
    const x = moves.map(({ o, from, to }) => signal(o, from, to));
    scores[name] = scoreZ(x, hits, p);
  }
  return scores;
}

const worst = (scores: Record<string, number>): number => Math.max(...Object.values(scores).map(Math.abs));

/** Whether the stated probabilities are those of the outcomes, overall and in bins, at one decision a move. */
function expectCalibrated(runs: readonly Observation[], decisionAfter: number, bins: number): void {
  const hits: boolean[][] = Array.from({ length: bins }, () => []);
  const stated: number[][] = Array.from({ length: bins }, () => []);
  for (const o of runs) {
    for (const { from, to, up } of stretches(o)) {
      const at = from + decisionAfter;
      if (at >= to) continue;
      const bin = Math.min(bins - 1, Math.floor(o.pUp[at] * bins));
      hits[bin].push(up);
      stated[bin].push(o.pUp[at]);
    }
  }
  expect(Math.abs(countZ(hits.flat(), stated.flat()))).toBeLessThan(4);
  for (let bin = 0; bin < bins; bin++) {
    expect(Math.abs(countZ(hits[bin], stated[bin])), `bin ${bin} of ${hits[bin].length}`).toBeLessThan(4);
  }
}

const COIN_MODES = ['null', 'oracle-nonlinear', 'switching'] as const;

describe.each([...COIN_MODES, 'oracle'] as const)('mode %s', (mode) => {
  it('moves by one tick at a time with a spread of one, and only as often as it says', async () => {
    const o = await observe({ mode, seed: 9, messages: 10_000 });
    expect(o.spread.every((ticks) => ticks === 1)).toBe(true);
    const moves = stretches(o);
    for (const { from, to } of moves) expect(Math.abs(o.mid[to] - o.mid[from])).toBe(1);
    if (mode !== 'oracle') {
      const hits = Array.from({ length: o.n - 1 }, (_, i) => o.mid[i + 1] !== o.mid[i]);
      expect(
        Math.abs(
          countZ(
            hits,
            hits.map(() => 0.1),
          ),
        ),
      ).toBeLessThan(4);
    }
  });

  it('states the frequencies that come to pass, right after a move and later in its wake', async () => {
    const runs = await observeSeeds(mode, 4, 8000);
    for (const after of [0, 1, 5, 20]) expectCalibrated(runs, after, 10);
  });
});

describe('mode null', () => {
  let runs: Observation[] = [];
  beforeAll(async () => {
    runs = await observeSeeds('null', 200, 600);
  });

  it('lets no signal foretell the next move, over 200 seeds', () => {
    expect(worst(signalScores(runs, () => 0.5))).toBeLessThan(4);
    // Seed by seed the scores are standard normal: about one in twenty is significant at 5 %, not more.
    let [significant, tested] = [0, 0];
    for (const run of runs) {
      for (const score of Object.values(signalScores([run], () => 0.5))) {
        tested++;
        if (Math.abs(score) > 1.96) significant++;
      }
    }
    expect(tested).toBe(200 * Object.keys(SIGNALS).length);
    expect(significant / tested).toBeGreaterThan(0.03);
    expect(significant / tested).toBeLessThan(0.07);
  });

  it('shows no dependence of the next move on imbalance and last return together, by chi-square', () => {
    const counts = Array.from({ length: 12 }, () => [0, 0]);
    for (const o of runs) {
      for (const { from, to, up } of stretches(o).slice(1)) {
        const sixth = Math.min(5, Math.floor((o.imbalance[to - 1] + 1) * 3));
        counts[sixth * 2 + (o.mid[from] > o.mid[from - 1] ? 1 : 0)][up ? 1 : 0]++;
      }
    }
    let chi = 0;
    for (const [down, up] of counts) chi += (up - down) ** 2 / (up + down);
    // 12 degrees of freedom; 39.1 is exceeded once in ten thousand.
    expect(chi).toBeLessThan(39.1);
  });

  it('has the same hazard of a move whatever the book, the past and the hour', () => {
    const [hits, p]: [boolean[], number[]] = [[], []];
    const x: Record<string, number[]> = { imbalance: [], depth: [], flow: [], moved: [], wait: [], size: [] };
    for (const o of runs) {
      for (let i = 20; i + 1 < o.n; i++) {
        hits.push(o.mid[i + 1] !== o.mid[i]);
        p.push(0.1);
        x.imbalance.push(Math.abs(o.imbalance[i]));
        x.depth.push(o.depth[i]);
        x.flow.push(Math.abs(o.ofi[i]));
        x.moved.push(moved(o, i - 18, i));
        x.wait.push(o.tsNs[i] - o.tsNs[i - 1]);
        x.size.push(Math.abs(o.tradeFlow[i]));
      }
    }
    for (const [name, values] of Object.entries(x)) expect(Math.abs(scoreZ(values, hits, p)), name).toBeLessThan(4);
  });

  it('lets nothing foretell where the mid is ten messages on, neither direction nor whether it moved', () => {
    const x: Record<string, number[]> = { imbalance: [], last: [], ofi: [], depth: [] };
    const [rises, stays]: [boolean[], boolean[]] = [[], []];
    for (const o of runs) {
      // Every tenth message, so that the outcomes do not overlap.
      for (let i = 10; i + 10 < o.n; i += 10) {
        rises.push(o.mid[i + 10] > o.mid[i]);
        stays.push(o.mid[i + 10] === o.mid[i]);
        x.imbalance.push(o.imbalance[i]);
        x.last.push(o.mid[i] - o.mid[i - 10]);
        x.ofi.push(sum(o.ofi, i - 9, i + 1));
        x.depth.push(o.depth[i]);
      }
    }
    for (const outcome of [rises, stays]) {
      const rate = outcome.filter(Boolean).length / outcome.length;
      const p = outcome.map(() => rate);
      for (const [name, values] of Object.entries(x)) {
        expect(Math.abs(scoreZ(values, outcome, p)), name).toBeLessThan(4);
        expect(Math.abs(scoreZ(values.map(Math.abs), outcome, p)), `|${name}|`).toBeLessThan(4);
      }
    }
  });
});

describe('mode oracle', () => {
  it('leaves nothing beyond its truth to any signal, and imbalance foretells the move', async () => {
    const runs = await observeSeeds('oracle', 8, 8000);
    const {
      imbalanceLate: _late,
      ofi: _ofi,
      tradeFlow: _trades,
      ...rest
    } = signalScores(runs, (o, from) => o.pUp[from]);
    // What happens between a decision and the move belongs to its outcome: only what was seen at the decision counts.
    for (const known of ['imbalance', 'deepImbalance', 'lastReturn', 'pastReturn', 'volatility', 'events']) {
      expect(Math.abs(rest[known]), known).toBeLessThan(4);
    }
    expect(signalScores(runs, () => 0.5).imbalance).toBeGreaterThan(10);
  });
});

describe('mode oracle-nonlinear', () => {
  it('is told by the product of two imbalances and by no signal alone', async () => {
    const runs = await observeSeeds('oracle-nonlinear', 40, 2000);
    expect(worst(signalScores(runs, () => 0.5))).toBeLessThan(4);
    let [hits, n, wrong] = [0, 0, 0];
    const corners = new Set<string>();
    for (const o of runs) {
      for (let i = 0; i < o.n; i++) {
        const [s1, s2] = [Math.sign(o.imbalance[i]), Math.sign(o.deepImbalance[i])];
        if (o.pUp[i] !== 0.5 + 0.35 * s1 * s2) wrong++;
        corners.add(`${s1},${s2}`);
      }
      for (const { from, up } of stretches(o)) {
        n++;
        if (up === o.pUp[from] > 0.5) hits++;
      }
    }
    expect(wrong).toBe(0);
    expect(corners.size).toBe(4);
    expect(Math.abs(hits / n - 0.85)).toBeLessThan((4 * Math.sqrt(0.85 * 0.15)) / Math.sqrt(n));
  });

  it('has the same depth on average in the four configurations', async () => {
    const means: Record<string, { sum: number; n: number }> = {};
    for (const o of await observeSeeds('oracle-nonlinear', 10, 2000)) {
      for (const { from } of stretches(o)) {
        const key = `${Math.sign(o.imbalance[from])},${Math.sign(o.deepImbalance[from])}`;
        means[key] ??= { sum: 0, n: 0 };
        means[key].sum += o.depth[from];
        means[key].n++;
      }
    }
    // Twenty queues with noise uniform on 0 … 10 lots, of standard deviation √10 each.
    for (const { sum: total, n } of Object.values(means)) {
      expect(Math.abs(total / n - (2 * 10 * 6 + 10 * 16 + 20 * 5))).toBeLessThan((4 * Math.sqrt(200)) / Math.sqrt(n));
    }
  });
});

describe('mode switching', () => {
  it('turns its relation around after every 500 moves, as its truth says', async () => {
    const o = await observe({ mode: 'switching', seed: 3, messages: 30_000 });
    const moves = stretches(o);
    expect(moves.length).toBeGreaterThan(2500);
    expect(o.pUp).toEqual(o.imbalance.map((imbalance, i) => 0.5 + 0.35 * o.regime[i] * Math.sign(imbalance)));
    moves.forEach(({ from, to }, k) => {
      const expected = Math.floor(k / 500) % 2 === 0 ? 1 : -1;
      expect([o.regime[from], o.regime[to - 1]]).toEqual([expected, expected]);
    });
    for (let block = 0; block < 5; block++) {
      const part = moves.slice(block * 500, block * 500 + 500);
      const follows = part.filter(({ from, up }) => up === o.imbalance[from] > 0).length / 500;
      expect(Math.abs(follows - (block % 2 === 0 ? 0.85 : 0.15))).toBeLessThan(0.07);
    }
  });
});

describe('mode realistic', () => {
  it('looks like a market: spread, depth of book, pace, drift', async () => {
    for (const seed of [1, 2]) {
      const o = await observe({ mode: 'realistic', seed, messages: 25_000 });
      const seconds = (o.tsNs[o.n - 1] - o.tsNs[0]) / 1e9;
      const share = (ticks: number): number => o.spread.filter((s) => s === ticks).length / o.n;
      expect(share(1) + share(2) + share(3)).toBeGreaterThan(0.98);
      expect(share(2) + share(3)).toBeGreaterThan(0.1);
      expect(o.n / seconds).toBeGreaterThan(60);
      expect(o.n / seconds).toBeLessThan(120);
      const perSecond = stretches(o).length / seconds;
      expect(perSecond).toBeGreaterThan(1);
      expect(perSecond).toBeLessThan(4);
      expect(Math.max(...o.mid) - Math.min(...o.mid)).toBeGreaterThan(5);
      expect(Math.max(...o.mid) - Math.min(...o.mid)).toBeLessThan(500);
    }
  });

  it('lets queue imbalance foretell the next change of the mid, more surely the stronger it is', async () => {
    const up = [0, 0, 0, 0, 0];
    const n = [0, 0, 0, 0, 0];
    for (const o of await observeSeeds('realistic', 4, 40_000)) {
      for (const { from, to, up: rose } of stretches(o)) {
        for (let i = from; i < to; i++) {
          const fifth = Math.min(4, Math.floor((o.imbalance[i] + 1) * 2.5));
          n[fifth]++;
          if (rose) up[fifth]++;
        }
      }
    }
    const p = up.map((count, i) => count / n[i]);
    for (let i = 1; i < 5; i++) expect(p[i]).toBeGreaterThan(p[i - 1]);
    expect(p[0]).toBeLessThan(0.4);
    expect(p[4]).toBeGreaterThan(0.6);
    expect(Math.abs(p[2] - 0.5)).toBeLessThan(0.05);
  });

  it('has clustered arrivals and market orders with a memory', async () => {
    const o = await observe({ mode: 'realistic', seed: 6, messages: 30_000 });
    const perTenth = new Float64Array(Math.ceil((o.tsNs[o.n - 1] - o.tsNs[0]) / 1e8));
    for (let i = 0; i < o.n; i++) perTenth[Math.floor((o.tsNs[i] - o.tsNs[0]) / 1e8)]++;
    const mean = perTenth.reduce((a, b) => a + b, 0) / perTenth.length;
    const variance = perTenth.reduce((a, b) => a + (b - mean) ** 2, 0) / perTenth.length;
    // A Poisson stream has 1.
    expect(variance / mean).toBeGreaterThan(2);
    const signs = o.tradeFlow.filter((flow) => flow !== 0).map(Math.sign);
    let same = 0;
    for (let i = 5; i < signs.length; i++) same += signs[i] * signs[i - 5];
    expect(same / (signs.length - 5)).toBeGreaterThan(3 / Math.sqrt(signs.length));
  });

  it('quotes behind the last level first where a sweep left too few', () => {
    const engine = new MatchingEngine({ row: () => {} });
    const flow = new RealisticFlow(new Random(1));
    flow.open(engine);
    for (const side of [0, 1] as const) {
      while (engine.levelCount(side) > 10)
        engine.cancel(engine.level(side, 0)!.head!, engine.level(side, 0)!.head!.lots);
    }
    const worst = [engine.level(0, 9)!.priceTicks, engine.level(1, 9)!.priceTicks];
    for (let i = 0; i < 4; i++) flow.act(engine);
    expect([engine.levelCount(0), engine.levelCount(1)]).toEqual([12, 12]);
    expect([engine.level(0, 11)!.priceTicks, engine.level(1, 11)!.priceTicks]).toEqual([worst[0] - 2, worst[1] + 2]);
  });
});
