import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { Forecaster } from '../../src/forecast/index.ts';
import { BatchBuilder, type EventBatch, EventKind, type Instrument, Side } from '../../src/market/index.ts';
import { MartingaleModel, parseTarget } from '../../src/models/index.ts';

interface Message {
  readonly ns: number;
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
}

const FLOOR = 90;
const CEILING = 111;

/** Bursts of messages, the best prices moving within each; they are `quietNs` apart, or have a time each. */
function burstsOf(seed: number, quietNs: number): Message[][] {
  const random = new Random(seed);
  let ns = 0;
  return Array.from({ length: 150 }, () => {
    ns += quietNs + 1 + random.below(2_000_000);
    return Array.from({ length: 1 + random.below(5) }, (_, i) => {
      // Within a burst time stands still, or goes on for less than the quiet time.
      if (i > 0 && quietNs > 0) ns += random.below(quietNs);
      const side = random.bernoulli(0.5) ? Side.BID : Side.ASK;
      const ticks = side === Side.BID ? 100 - random.below(4) : 101 + random.below(4);
      return { ns, side, ticks, lots: random.bernoulli(0.4) ? 0 : 1 + random.below(5) };
    });
  });
}

/** By definition: the mid and the time after the last message of each burst. */
function endsOf(bursts: readonly (readonly Message[])[]): { ns: number; mid: number }[] {
  const levels = { [Side.BID]: new Map([[FLOOR, 1]]), [Side.ASK]: new Map([[CEILING, 1]]) } as Record<
    number,
    Map<number, number>
  >;
  const best = (side: Side, pick: (...ticks: number[]) => number): number =>
    pick(...[...levels[side]].filter(([, lots]) => lots > 0).map(([ticks]) => ticks));
  return bursts.map((burst) => {
    for (const { side, ticks, lots } of burst) levels[side].set(ticks, lots);
    return { ns: burst.at(-1)!.ns, mid: (best(Side.BID, Math.max) + best(Side.ASK, Math.min)) / 2 };
  });
}

function batchesOf(bursts: readonly (readonly Message[])[], size: number): EventBatch[] {
  const builder = new BatchBuilder('test:BURST', 20_000, size);
  const batches: EventBatch[] = [];
  const end = (): void => {
    builder.endMessage();
    if (builder.full) batches.push(builder.finish()!);
  };
  let sequence = 1;
  const first = bursts[0][0].ns;
  builder.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, first, first, sequence, 0);
  builder.push(EventKind.LEVEL, Side.BID, FLOOR, 1, first, first, sequence, 0);
  builder.push(EventKind.LEVEL, Side.ASK, CEILING, 1, first, first, sequence, 0);
  end();
  for (const { ns, side, ticks, lots } of bursts.flat()) {
    sequence++;
    builder.push(EventKind.DELTA, Side.NONE, 0, 0, ns, ns, sequence, sequence - 1);
    builder.push(EventKind.LEVEL, side, ticks, lots, ns, ns, sequence, 0);
    end();
  }
  const last = builder.finish();
  return last === null ? batches : [...batches, last];
}

describe.each([
  ['of one timestamp', 0],
  ['that end by quiet time', 1_000_000],
])('bursts %s', (_, burstQuietNs) => {
  const instrument: Instrument = {
    venue: 'test',
    name: 'BURST',
    tickSize: '1',
    lotSize: '1',
    sequencing: 'consecutive',
    burstQuietNs,
    depthLimit: null,
  };

  it.each([1, 2, 3])('are decided upon at their end and never within, seed %d', (seed) => {
    const bursts = burstsOf(seed, burstQuietNs);
    const ends = endsOf(bursts);
    // Elsewhere the mid is another one, so that a decision within a burst would show.
    const within = endsOf(bursts.flat().map((message) => [message]));
    expect(within.filter(({ mid }, i) => i > 0 && mid !== within[i - 1].mid).length).toBeGreaterThan(50);
    for (const size of [1, 4, 4096]) {
      const decided: { ns: number; mid: number }[] = [];
      const labels: number[] = [];
      const target = parseTarget('events:1');
      const hooks = {
        onForecast: ({ abstained, tsEventNs, midTicks }: Forecaster['last']) => {
          expect(abstained).toBeNull();
          decided.push({ ns: tsEventNs, mid: midTicks });
        },
        onOutcome: ({ index }: { index: number }, label: number) => {
          labels[index] = label;
        },
      };
      const forecaster = new Forecaster(instrument, target, hooks, { models: [new MartingaleModel(target)] });
      for (const batch of batchesOf(bursts, size)) forecaster.apply(batch);
      // Nothing shows that the last burst is over.
      expect(decided).toEqual(ends.slice(0, -1));
      const moves = ends.slice(1, -1).map(({ mid }, i) => Math.sign(mid - ends[i].mid) + 1);
      expect(labels).toEqual(moves);
    }
  });
});
