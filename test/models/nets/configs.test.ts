import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODEL_KINDS } from '../../../src/models/training/model-kinds.ts';
import { parseTrainingFile } from '../../../src/models/training/training-config-file.ts';

const FOLDER = resolve(import.meta.dirname, '../../../configs');

describe('ready configurations', () => {
  it('are there for every kind of model', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
    expect(files.sort()).toEqual(MODEL_KINDS.map(({ name }) => `${name}.yaml`).sort());
  });

  it.each(MODEL_KINDS.map((kind) => [kind.name, kind] as const))('%s is read, with every key known', (name, kind) => {
    const where = `configs/${name}.yaml`;
    const text = readFileSync(resolve(FOLDER, `${name}.yaml`), 'utf8');
    const { kind: found, config } = parseTrainingFile(text, { where });
    expect(found).toBe(kind);
    expect(kind.length(config)).toBeGreaterThanOrEqual(1);
  });
});
