import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PRICE, NS_PER_DAY, Random } from '../../src/core/index.ts';
import { BatchBuilder, type EventBatch, EventKind, mergeByArrival, messageEnd, Side } from '../../src/market/index.ts';
import { collect } from '../support/batches.ts';

/** A message of `rows` rows, told apart by its sequence. */
interface Sent {
  sequence: number;
  day: number;
  ns: number;
  rows: number;
}

/** Messages as a source hands them out: in lent memory, written again for each batch. */
class Source {
  closed = false;
  readonly #messages: readonly Sent[];
  readonly #perBatch: number;

  constructor(messages: readonly Sent[], perBatch = 3) {
    this.#messages = messages;
    this.#perBatch = perBatch;
  }

  async *batches(options: { lend?: boolean } = {}): AsyncGenerator<EventBatch> {
    expect(options.lend).toBe(true);
    try {
      let builder: BatchBuilder | null = null;
      let held = 0;
      for (const { sequence, day, ns, rows } of this.#messages) {
        if (builder !== null && (held === this.#perBatch || builder.day !== day)) {
          yield builder.lend()!;
          held = 0;
          if (builder.day !== day) builder = null;
        }
        builder ??= new BatchBuilder('test:TEST', day, 64);
        for (let i = 0; i < rows; i++) builder.push(EventKind.TRADE, Side.BID, NO_PRICE, 1, 0, ns + i, sequence, 0);
        builder.endMessage();
        held++;
      }
      const last = builder?.lend() ?? null;
      if (last !== null) yield last;
    } finally {
      this.closed = true;
    }
  }
}

interface Got {
  source: number;
  sequence: number;
}

async function merged(a: Source, b: Source): Promise<Got[]> {
  const got: Got[] = [];
  let before = -1;
  for await (const { source, batch, from, to } of mergeByArrival(a, b)) {
    expect(from).toBeLessThan(to);
    expect(source === before && from > 0, 'a run is as long as its source goes on').toBe(false);
    before = source;
    for (let i = from; i < to; i = messageEnd(batch, i)) got.push({ source, sequence: batch.sequence[i] });
  }
  return got;
}

/** Sorts all messages by when they arrived; one that goes back arrived with the one before it. */
function naive(a: readonly Sent[], b: readonly Sent[]): Got[] {
  const arrivals = (messages: readonly Sent[], source: number): (Got & { ns: number })[] =>
    messages.map(({ sequence }, i) => ({
      source,
      sequence,
      ns: Math.max(...messages.slice(0, i + 1).map((m) => m.day * NS_PER_DAY + m.ns)),
    }));
  return [...arrivals(a, 0), ...arrivals(b, 1)]
    .sort((x, y) => x.ns - y.ns || x.source - y.source || x.sequence - y.sequence)
    .map(({ source, sequence }) => ({ source, sequence }));
}

function randomMessages(random: Random): Sent[] {
  let day = random.below(2);
  let ns = 0;
  return Array.from({ length: random.below(25) }, (_, sequence) => {
    if (random.bernoulli(0.05)) {
      day++;
      ns = 0;
    }
    ns = Math.max(0, ns + random.below(5) - (random.bernoulli(0.15) ? 8 : 0));
    return { sequence, day, ns, rows: 1 + random.below(3) };
  });
}

describe('mergeByArrival', () => {
  it('is the sort by arrival, stable, whatever the batches, the days and the times that go back', async () => {
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 6 }), async (seed, perBatch) => {
        const random = new Random(seed);
        const a = randomMessages(random);
        const b = randomMessages(random);
        const got = await merged(new Source(a, perBatch), new Source(b, 7 - perBatch));
        expect(got).toEqual(naive(a, b));
        changes += got.filter((one, i) => i > 0 && one.source !== got[i - 1].source).length;
      }),
      { numRuns: 150, seed: 31 },
    );
    expect(changes).toBeGreaterThan(500);
  });

  it('hands out nothing of two empty sources, and all of one beside an empty one', async () => {
    const sent = [1, 2, 3, 4].map((sequence) => ({ sequence, day: 0, ns: 5, rows: 2 }));
    expect(await collect(mergeByArrival(new Source([]), new Source([])))).toEqual([]);
    expect((await merged(new Source(sent), new Source([]))).map((one) => one.source)).toEqual([0, 0, 0, 0]);
    expect((await merged(new Source([]), new Source(sent))).map((one) => one.source)).toEqual([1, 1, 1, 1]);
  });

  it('lets go of both sources where the reader stops early, and where one of them fails', async () => {
    const sent = [1, 2, 3, 4].map((sequence) => ({ sequence, day: 0, ns: sequence, rows: 1 }));
    const [a, b] = [new Source(sent, 1), new Source(sent, 1)];
    for await (const run of mergeByArrival(a, b)) if (run.batch.sequence[run.from] === 2) break;
    expect([a.closed, b.closed]).toEqual([true, true]);
    const c = new Source(sent, 1);
    const broken = {
      async *batches(): AsyncGenerator<EventBatch> {
        yield* new Source(sent.slice(0, 1)).batches({ lend: true });
        throw new Error('the disk is gone');
      },
    };
    await expect(collect(mergeByArrival(c, broken))).rejects.toThrow('the disk is gone');
    expect(c.closed).toBe(true);
  });
});
