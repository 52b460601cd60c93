import { describe, expect, it } from 'vitest';
import { BookcastError, Random } from '../../src/core/index.ts';
import { BatchBuilder, EventKind, type Side } from '../../src/market/index.ts';
import { checkBatch, isRefusal } from './check-batch.ts';
import { mutate } from './mutate.ts';
import { fuzz } from './run.ts';
import type { FuzzTarget } from './target.ts';
import { fuzzWatched } from './watch.ts';

/** A decoder with a fault, to see that it is found. */
function broken(step: (input: Buffer) => void): FuzzTarget {
  const seeds = [Buffer.from('{"price":"100.25","levels":[["1","2"]]}')];
  return {
    name: 'broken',
    steps: 200,
    prepare: async () => () => ({
      step: (random, tally) => {
        const input = mutate(seeds, random);
        tally.inputs++;
        tally.bytes += input.length;
        step(input);
      },
    }),
  };
}

describe('the harness', () => {
  it('finds a crash, and the command that it names repeats it', async () => {
    const target = broken((input) => {
      if (input.includes('1e400')) throw new TypeError('a crash');
    });
    const found = await fuzz(target, 1, 200).then(
      () => '',
      (error: Error) => error.message,
    );
    const [, seed, step] =
      /^broken, session (\d+), step (\d+): a crash\nrepeat with: npm run soak -- fuzz --only broken --seed \1 --seeds 1$/.exec(
        found,
      )!;
    await expect(fuzz(target, Number(seed), 1)).rejects.toThrow(`session ${seed}, step ${step}: a crash`);
  });

  it('finds time that does not end, and memory out of proportion', async () => {
    const slow = broken(() => {
      const before = process.threadCpuUsage();
      while (process.threadCpuUsage(before).user < 300_000);
    });
    await expect(fuzz(slow, 1, 1)).rejects.toThrow(/an input of \d+ bytes took \d+ ms of CPU/);
    const kept: ArrayBuffer[] = [];
    const greedy = broken(() => void kept.push(new ArrayBuffer(64e6)));
    await expect(fuzz(greedy, 1, 1)).rejects.toThrow(/an input of \d+ bytes allocated 6\d{7} bytes/);
  });

  it('gives the same inputs for the same seed, and every one differs from its seeds', () => {
    const seeds = [Buffer.from('{"a":[1,"2"]}'), Buffer.from('{"b":null}')];
    const inputs = (seed: number): string[] => {
      const random = new Random(seed);
      return Array.from({ length: 500 }, () => mutate(seeds, random).toString('latin1'));
    };
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
    expect(new Set(inputs(1)).size).toBeGreaterThan(300);
  });

  it('names the decoders that there are, where none has the name', async () => {
    await expect(fuzzWatched('kraken-v9', 1, 1)).rejects.toThrow(
      /no decoder is called "kraken-v9"; there are .*kraken-v1/,
    );
  });
});

describe('what no batch may hold', () => {
  const rows = (...all: readonly [kind: number, side: number, ticks: number, lots: number][]) => {
    const builder = new BatchBuilder('a:B', 1);
    for (const [kind, side, ticks, lots] of all) builder.push(kind as EventKind, side as Side, ticks, lots, 1, 1, 1, 1);
    builder.endMessage();
    return builder.finish()!;
  };
  const { LEVEL, DELTA, TRADE } = EventKind;

  it.each([
    [
      'price of 0 ticks',
      [
        [DELTA, 2, -2147483648, 0],
        [LEVEL, 0, 0, 1],
      ],
    ],
    ['price of -5 ticks', [[TRADE, 0, -5, 1]]],
    ['size 0.5', [[TRADE, 0, 5, 0.5]]],
    ['size -1', [[TRADE, 0, 5, -1]]],
    ['size Infinity', [[TRADE, 0, 5, Number.POSITIVE_INFINITY]]],
    ['an unknown kind', [[11, 0, 5, 1]]],
    [
      'a level in a message without a head',
      [
        [TRADE, 0, 5, 1],
        [LEVEL, 0, 5, 1],
      ],
    ],
    [
      'a head row inside a message',
      [
        [DELTA, 2, 5, 0],
        [DELTA, 2, 5, 0],
      ],
    ],
    [
      'no side',
      [
        [DELTA, 2, 5, 0],
        [LEVEL, 2, 5, 1],
      ],
    ],
  ] as [string, [number, number, number, number][]][])('%s', (what, bad) => {
    expect(() => checkBatch(rows(...bad))).toThrow(what);
  });

  it('is not in a sound one, nor is a crash a refusal', () => {
    checkBatch(rows([DELTA, 2, -2147483648, 0], [LEVEL, 0, 5, 0]));
    expect(isRefusal(new BookcastError('bad-input', 'a file that is damaged'))).toBe(true);
    expect(() => isRefusal(new TypeError('x is undefined'))).toThrow('x is undefined');
  });
});
