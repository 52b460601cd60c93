import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/index.ts';
import { writeBundle } from '../../../src/forecast/fitting.ts';
import {
  LateMember,
  type OpenBundle,
  type OpenBundleOptions,
  openBundle,
  readBundle,
  readCalibrator,
  readTrainingRange,
} from '../../../src/forecast/index.ts';
import { instrumentKey } from '../../../src/market/index.ts';
import { emptyDecision, type Model } from '../../../src/models/index.ts';
import { linearFile } from '../../models/served/files.ts';
import { type MadeBundle, madeBundle, TARGET } from './made-bundle.ts';

function serving({ schema, instrument }: MadeBundle): OpenBundleOptions {
  return { target: TARGET, schema, instrument: instrumentKey(instrument), clock: systemClock };
}

/** The same bundle with another net, and what else is asked for; not written over the first. */
function another(made: MadeBundle, name: string, change: Partial<MadeBundle['parts']> = {}, seed = 2): string {
  const { schema, parts, folder } = made;
  const columns = { schemaHash: schema.hash, signals: [...schema.names] };
  const net = {
    kind: 'onnx',
    name: 'net',
    bytes: linearFile({ width: schema.names.length, length: 5, seed }, columns),
  } as const;
  const path = join(folder, name);
  writeBundle(path, { ...parts, members: [...parts.members.slice(0, 2), net], ...change });
  return path;
}

/** What a model says of the last of ten decisions from number `from` on: longer than its window. */
function said(model: Model, from: number): number[] {
  const out = new Float64Array(3);
  const decision = emptyDecision(new Float64Array(34).fill(0.5));
  for (decision.index = from; decision.index < from + 10; decision.index++) {
    decision.tsNs = decision.index * 1e6;
    model.predict(decision, out);
  }
  return [...out];
}

async function serve(made: MadeBundle, use: (opened: OpenBundle) => Promise<void>, options = serving(made)) {
  const opened = await openBundle(readBundle(made.bundle), options);
  try {
    await use(opened);
  } finally {
    await opened.close();
  }
}

describe('a bundle in service', () => {
  it('takes up another version: the trained members change at once, what learns live goes on', async () => {
    const made = await madeBundle();
    const next = readBundle(another(made, 'next'));
    await serve(made, async (opened) => {
      const [bayes, net] = opened.models.slice(-2);
      const before = said(net, 0);
      const learnt = bayes.save?.();
      expect(opened.identity).toMatchObject({ name: 'mine', version: made.version, swaps: 0 });
      await opened.swap(next);
      expect(opened.identity).toMatchObject({ name: 'mine', version: next.facts.version, swaps: 1 });
      expect(opened.models.slice(-2)).toEqual([bayes, net]);
      expect(said(net, 10)).not.toEqual(before);
      expect(net.version).toBe(next.facts.members[2].sha256);
      expect(bayes.save?.()).toEqual(learnt);
    });
  });

  it('takes one up while its members are still being loaded', async () => {
    const made = await madeBundle();
    const next = readBundle(another(made, 'next'));
    await serve(
      made,
      async (opened) => {
        expect(opened.models.at(-1)).toBeInstanceOf(LateMember);
        await opened.swap(next);
        expect(opened.models.at(-1)?.version).toBe(next.facts.members[2].sha256);
        expect((opened.models.at(-1) as LateMember).slot?.swaps).toBe(1);
        expect(said(opened.models.at(-1) as Model, 0).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
      },
      { ...serving(made), late: () => {} },
    );
  });

  it.each<[string, (made: MadeBundle) => Partial<MadeBundle['parts']>, RegExp]>([
    ['other sets', () => ({ sets: null }), /has other sets: it cannot take the place .* start it again to take it up/],
    ['another calibration', () => ({ calibrator: null }), /has another calibration/],
    [
      'other members',
      ({ parts }) => ({ members: [parts.members[1], parts.members[0], parts.members[2]] }),
      /has other members \(bayes \(bayes\), imbalance \(imbalance\), net; in service: imbalance/,
    ],
    [
      'other rules',
      () => ({ abstention: { onAmbiguity: true, onFar: false, staleAfterMs: null } }),
      /has other rules of abstention/,
    ],
    ['another target', () => ({ target: 'events:20' }), /has another target/],
  ])('refuses one with %s, and serves on as it was', async (_, change, message) => {
    const made = await madeBundle();
    const folder = another(made, 'next', change(made));
    await serve(made, async (opened) => {
      const before = opened.models.at(-1)?.version;
      await expect(opened.swap(readBundle(folder))).rejects.toThrow(message);
      expect(opened.identity).toMatchObject({ version: made.version, swaps: 0 });
      expect(opened.models.at(-1)?.version).toBe(before);
    });
  });

  it('serves on as it was where a file went wrong after the bundle was read', async () => {
    const made = await madeBundle();
    const folder = another(made, 'next');
    const next = readBundle(folder);
    cpSync(join(made.bundle, 'net.onnx'), join(folder, 'net.onnx'));
    await serve(made, async (opened) => {
      const before = opened.models.at(-1)?.version;
      await expect(opened.swap(next)).rejects.toMatchObject({ code: 'bad-input' });
      expect(opened.models.at(-1)?.version).toBe(before);
      expect(opened.identity.version).toBe(made.version);
    });
  });
});

describe('the parts of a bundle', () => {
  it('may be a fixed calibrator, which is read as one and checked for its classes', async () => {
    const made = await madeBundle();
    const fixed = (classes: number) => ({
      ...made.parts,
      calibrator: readCalibrator({ kind: 'temperature', classes, temperature: 1.5 }, 'x'),
    });
    const right = join(made.folder, 'right');
    writeBundle(right, fixed(3));
    const opened = await openBundle(readBundle(right), serving(made));
    expect(opened.calibrator?.classes).toBe(3);
    await opened.close();
    const wrong = join(made.folder, 'wrong');
    writeBundle(wrong, fixed(2));
    await expect(openBundle(readBundle(wrong), serving(made))).rejects.toThrow(
      /calibrates 2 classes, and the bundle has 3/,
    );
  });

  it('may be none: no calibrator, no sets, no range, no reference', async () => {
    const made = await madeBundle({ calibrator: null, sets: null, range: null, monitor: null });
    await serve(made, async ({ calibrator, sets, reference }) => {
      expect([calibrator, sets, reference]).toEqual([null, null, null]);
    });
  });

  it('are refused where they say other classes or another range than the rows have', async () => {
    const made = await madeBundle();
    const facts = (change: Partial<MadeBundle['parts']>, name: string): string => {
      const folder = join(made.folder, name);
      writeBundle(folder, { ...made.parts, ...change });
      return folder;
    };
    const classes = facts({ classes: ['a', 'b', 'c'] }, 'classes');
    await expect(openBundle(readBundle(classes), serving(made))).rejects.toThrow(
      /tells the classes a, b, c, and events:10 has/,
    );
    const folder = join(made.folder, 'range');
    const { range } = made.parts;
    if (range === null) throw new Error('the bundle has a range');
    const json = { ...range.toJson(), signals: range.toJson().signals.slice(1) };
    writeBundle(folder, { ...made.parts, range: readTrainingRange(json, 'x') });
    await expect(openBundle(readBundle(folder), serving(made))).rejects.toThrow(
      /is of other signals than the bundle's rows/,
    );
  });
});
