import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSpace } from '../../src/cli/tune-space.ts';
import { Random } from '../../src/core/index.ts';
import { MODEL_KINDS, parseTrainingFile, randomSearch } from '../../src/models/training.ts';

const SPACES = join(import.meta.dirname, '../../configs/spaces');

describe('the spaces that come with the package', () => {
  it.each(MODEL_KINDS.map(({ name }) => name))('%s: every point is a configuration of the model', (model) => {
    const { space } = readSpace(join(SPACES, `${model}.yaml`));
    const seed = new Random(1).uint32();
    const search = randomSearch(space, seed, 50);
    for (let trial = 0; trial < 50; trial++) {
      const proposal = search.propose(trial, new Map());
      if (typeof proposal === 'string') throw new Error(proposal);
      const overrides = Object.entries(proposal.values).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      const { config } = parseTrainingFile(`model: ${model}`, { where: 'test', model, overrides });
      for (const [key, value] of Object.entries(proposal.values)) {
        const found = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], config);
        expect(found).toEqual(value);
      }
    }
  });
});
