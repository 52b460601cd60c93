import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/index.ts';
import { writeBundle } from '../../../src/forecast/fitting.ts';
import { type OpenBundleOptions, openBundle, readBundle, readFacts } from '../../../src/forecast/index.ts';
import { instrumentKey } from '../../../src/market/index.ts';
import { emptyDecision, parseTarget } from '../../../src/models/index.ts';
import { type MadeBundle, madeBundle, TARGET } from './made-bundle.ts';

function serving({ schema, instrument }: MadeBundle): OpenBundleOptions {
  return { target: TARGET, schema, instrument: instrumentKey(instrument), clock: systemClock };
}

function edit(made: MadeBundle, change: (facts: Record<string, unknown>) => void): void {
  const path = join(made.bundle, 'bundle.json');
  const facts = JSON.parse(readFileSync(path, 'utf8'));
  change(facts);
  writeFileSync(path, JSON.stringify(facts));
}

describe('a bundle', () => {
  it('comes back as it was written, and every learner goes on bit for bit', async () => {
    const made = await madeBundle();
    const bundle = readBundle(made.bundle, made.version.slice(0, 8));
    expect(bundle.facts.version).toBe(made.version);
    const opened = await openBundle(bundle, serving(made));
    try {
      expect(opened.resumed).toBe(true);
      expect(opened.models.map(({ name }) => name).slice(-3)).toEqual(['imbalance', 'bayes', 'net']);
      expect(opened.models.slice(0, -3).every(({ baseline }) => baseline)).toBe(true);
      expect(opened.combiner.save()).toEqual(made.parts.combiner.learner.save());
      expect(opened.sets?.save()).toEqual(made.parts.sets?.save());
      expect(opened.models.at(-2)?.save?.()).toEqual(
        made.parts.members[1].kind === 'online' ? made.parts.members[1].model.save?.() : null,
      );
      expect(opened.reference).toEqual(made.parts.monitor);
      // Members that learnt on the way learnt from these rows, too.
      expect(opened.models.at(-2)?.learntAt?.(instrumentKey(made.instrument), 19000, 30e9)).toBe(true);
      expect(opened.models.at(-2)?.learntAt?.(instrumentKey(made.instrument), 19001, 30e9)).toBe(false);
    } finally {
      await opened.close();
    }
  });

  it('is the same bytes for the same parts, and is never written over', async () => {
    const made = await madeBundle();
    const again = join(made.folder, 'again');
    expect(writeBundle(again, made.parts)).toBe(made.version);
    for (const file of readdirSync(made.bundle)) {
      expect(readFileSync(join(again, file)), file).toEqual(readFileSync(join(made.bundle, file)));
    }
    expect(() => writeBundle(again, made.parts)).toThrow(/again exists; choose another folder/);
    expect(readdirSync(made.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('begins anew on an instrument that it never saw, but for what was trained', async () => {
    const made = await madeBundle();
    const options = { ...serving(made), instrument: 'sim:OTHER' };
    const opened = await openBundle(readBundle(made.bundle), options);
    try {
      expect(opened.resumed).toBe(false);
      expect(new Set(opened.combiner.weights).size).toBe(1);
      expect(opened.models.at(-2)?.save?.()).not.toEqual(readFileSync(join(made.bundle, 'bayes.state')));
      expect(opened.models.at(-1)?.version).toMatch(/^[0-9a-f]{64}$/);
    } finally {
      await opened.close();
    }
  });

  it('lets trained members come late, and wakes them as soon as they are there', async () => {
    const made = await madeBundle();
    const opened = await openBundle(readBundle(made.bundle), { ...serving(made), late: () => {} });
    const member = opened.models.at(-1) as (typeof opened.models)[number];
    const out = new Float64Array(3);
    const decision = emptyDecision(new Float64Array(made.schema.names.length));
    expect(member.version).toBe('loading');
    expect(() => member.predict(decision, out)).toThrow(/still being loaded/);
    await expect.poll(() => member.version, { timeout: 30_000 }).toMatch(/^[0-9a-f]{64}$/);
    member.predict(decision, out);
    expect(out[0] + out[1] + out[2]).toBeCloseTo(1, 9);
    await opened.close();
  });

  it('refuses another target, other rows and another version', async () => {
    const made = await madeBundle();
    const bundle = readBundle(made.bundle);
    const other = { ...serving(made), target: parseTarget('events:50') };
    await expect(openBundle(bundle, other)).rejects.toThrow(/forecasts events:10, and events:50 is asked for/);
    const rows = { ...serving(made), schema: { ...made.schema, hash: 'other' } };
    await expect(openBundle(bundle, rows)).rejects.toMatchObject({ code: 'schema-mismatch' });
    expect(() => readBundle(made.bundle, 'ffffffff')).toThrow(/ffffffff is pinned/);
  });

  it('refuses states of other learners with the name of the file', async () => {
    const made = await madeBundle();
    const { members } = made.parts;
    const [first, second, net] = members;
    if (first.kind !== 'online' || second.kind !== 'online') throw new Error('two online members');
    const mixed = [{ ...first, model: second.model }, { ...second, model: first.model }, net];
    const folder = join(made.folder, 'mixed');
    writeBundle(folder, { ...made.parts, members: mixed });
    await expect(openBundle(readBundle(folder), serving(made))).rejects.toThrow(
      /imbalance\.state: this is no saved state/,
    );
  });
});

describe('a damaged bundle', () => {
  it.each([
    ['bundle.json', /is not JSON/],
    ['bayes.state', /bayes\.state is damaged or another file: its SHA-256 is/],
    ['net.onnx', /net\.onnx is damaged or another file/],
    ['monitor.json', /monitor\.json is damaged or another file/],
  ])('%s with another byte is refused', async (file, message) => {
    const made = await madeBundle();
    appendFileSync(join(made.bundle, file), 'x');
    expect(() => readBundle(made.bundle)).toThrow(message);
  });

  it('says which file is missing, and where there is no bundle', async () => {
    const made = await madeBundle();
    rmSync(join(made.bundle, 'sets.state'));
    expect(() => readBundle(made.bundle)).toThrow(/names sets\.state, and .* cannot be read/);
    rmSync(join(made.bundle, 'bundle.json'));
    expect(() => readBundle(made.bundle)).toThrow(/the folder has no bundle\.json/);
    expect(() => readBundle(join(made.folder, 'no'))).toThrow(/there is no such folder/);
  });

  it.each<[string, (facts: Record<string, unknown>) => void, RegExp]>([
    ['an edit', (facts) => Object.assign(facts, { target: 'events:20' }), /was changed after it was written/],
    [
      'another format',
      (facts) => Object.assign(facts, { format: 2 }),
      /is of format 2, and this bookcast reads format 1/,
    ],
    ['a missing key', (facts) => delete facts.span, /span is missing; expected decisions for which labels overlap/],
    ['a wrong value', (facts) => Object.assign(facts, { members: [] }), /members is .*; expected the members/],
    ['a stray key', (facts) => Object.assign(facts, { colour: 'red' }), /colour is "red"; expected only the keys/],
    [
      'a file outside its folder',
      (facts) => Object.assign(facts.combiner as object, { file: '../combiner.state' }),
      /combiner is .*; expected/,
    ],
    [
      'two members of one name',
      (facts) => Object.assign((facts.members as object[])[0], { name: 'bayes' }),
      /expected another name for each of them/,
    ],
  ])('%s in bundle.json is refused', async (_, change, message) => {
    const made = await madeBundle();
    edit(made, change);
    expect(() => readFacts(made.bundle)).toThrow(message);
  });

  it('is not written where it is too large', async () => {
    const made = await madeBundle();
    const large = { kind: 'onnx', name: 'large', bytes: new Uint8Array(2_000_001) } as const;
    const folder = join(made.folder, 'large');
    const members = [...made.parts.members.slice(0, 2), large];
    expect(() => writeBundle(folder, { ...made.parts, members })).toThrow(/may have 2000000: make the largest/);
    expect(existsSync(folder)).toBe(false);
  });
});
