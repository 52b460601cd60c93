import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRecipe, recipeConfig } from '../../src/cli/recipe.ts';
import { createCombiner, createOnline } from '../../src/forecast/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { tempFile } from './support.ts';

const RECIPES = fileURLToPath(new URL('../../configs/recipes', import.meta.url));
const shipped = readdirSync(RECIPES).map((file) => file.replace('.yaml', ''));

describe('readRecipe', () => {
  it.each(shipped)('reads the recipe %s that comes with the package', (name) => {
    const recipe = readRecipe({ recipe: name });
    expect(recipe.name).toBe(name);
    expect(recipe.targets.length).toBeGreaterThan(0);
    expect(recipe.trained.length + recipe.online.length).toBeGreaterThan(1);
    for (const { kind, config } of recipe.trained) {
      expect(kind.length(config)).toBeLessThanOrEqual(recipe.data.reach);
    }
  });

  it('reads its own whole configuration back to the same', () => {
    const recipe = readRecipe({ recipe: 'goog', overrides: ['combiner=fixed-share', 'trained.gbdt=false'] });
    const config = recipeConfig(recipe, 'events:10');
    const again = readRecipe({ recipe: tempFile('kept.yaml', JSON.stringify(config)) });
    expect(recipeConfig(again, 'events:10')).toEqual(config);
    expect(again.name).toBe('goog');
    expect(again.trained.map(({ name }) => name)).toEqual(['logistic', 'ctabl', 'gru']);
  });

  it('puts what is said over the kind’s own file, and leaves the rest of it', () => {
    const text =
      'trained: { small: { model: gru, config: { net: { hidden: 8 }, training: { epochs: 2 } } }, gbdt: }\ndata: { reach: 3 }';
    const recipe = readRecipe({ recipe: tempFile('mine.yaml', text), overrides: ['trained.small.mirror=true'] });
    expect(recipe.name).toBe('mine');
    expect(recipe.targets).toEqual(['events:10']);
    const [small, gbdt] = recipe.trained;
    expect(small).toMatchObject({ name: 'small', mirror: true, kind: { name: 'gru' } });
    expect(small.config).toMatchObject({ net: { hidden: 8, layers: 2 }, training: { epochs: 2, batch: 128 } });
    expect(gbdt).toMatchObject({ name: 'gbdt', mirror: false });
    // Rows are those of the longest window.
    expect(recipe.data.reach).toBe(50);
  });

  it.each([
    [['trianed.x={}'], /default\.yaml: there is no key "trianed"; did you mean "trained"\?/],
    [['data.splt=1'], /there is no key "data\.splt"; did you mean "split"\?/],
    [['data.split=60/40'], /is no split/],
    [['trained.gbd={}'], /there is no model "gbd"; did you mean "gbdt"\?/],
    [['trained.gbdt.mirro=true'], /there is no key "trained\.gbdt\.mirro"; did you mean "mirror"\?/],
    [['trained.gbdt.config=3'], /trained\.gbdt\.config is 3, and must be: sections of gbdt/],
    [['trained.gbdt.config.tres.rounds=3'], /did you mean "trees"\?/],
    [['trained.gbdt.config.trees.round=3'], /trained\.gbdt: there is no key "trees\.round"; did you mean "rounds"\?/],
    [['trained.gbdt.mirror=perhaps'], /trained\.gbdt\.mirror is "perhaps", and must be: true, .* false, or auto/],
    [['trained.gbdt=7'], /trained\.gbdt is 7, and must be: settings/],
    [['trained=7'], /trained is 7/],
    [['trained.ensemble.model=gbdt'], /another forecast has that name/],
    [['online=[bays]'], /there is no member "bays"; did you mean "bayes"\?/],
    [['online=[bayes, bayes]'], /online has bayes twice/],
    [['online=bayes'], /online is "bayes", and must be: names/],
    [['combiner=bao'], /combiner\.kind: there is no "bao"; did you mean "boa"\?/],
    [['combiner.rate=2'], /combiner\.rate is 2/],
    [['conformal.coverage=1'], /conformal\.coverage is 1/],
    [['calibration=yes'], /calibration is "yes", and must be: online/],
    [['targets=[]'], /targets is \[\], and must be: one or more/],
    [['targets=[events:5, events:5]'], /targets has events:5 twice/],
    [['targets=[event:5]'], /event:5/],
    [['trained={}', 'online=[]'], /the recipe has no members/],
    [['data.reach'], /expected KEY=VALUE/],
  ])('refuses %j', (overrides, message) => {
    expect(() => readRecipe({ overrides })).toThrow(message);
  });

  it('names the recipes that there are', () => {
    expect(() => readRecipe({ recipe: 'gogg' })).toThrow(/there is no recipe "gogg"; did you mean "goog"\?/);
    expect(() => readRecipe({ recipe: './none.yaml' })).toThrow(/none\.yaml: no such recipe/);
    expect(() => readRecipe({ recipe: tempFile('bad.yaml', 'a: [') })).toThrow(/bad\.yaml is no YAML/);
    expect(() => readRecipe({ recipe: tempFile('list.yaml', '- a') })).toThrow(/keys such as targets, trained/);
  });
});

describe('the members of a recipe', () => {
  it('are made as they are named', () => {
    const target = parseTarget('events:5');
    const columns = [{ name: 'x', family: 'queue' }] as never;
    const models = createOnline(['imbalance', 'bayes', 'bayes-slow', 'bayes-dma'], target, {
      names: ['x'],
      hash: 'h',
      columns,
    });
    expect(models.map(({ name }) => name)).toEqual(['imbalance', 'bayes', 'bayes-slow', 'bayes-dma']);
    expect(models.map(({ schemaHash }) => schemaHash)).toEqual([null, 'h', 'h', 'h']);
  });

  it.each(['exponential-weights', 'fixed-share', 'stacked', 'boa', 'squint', 'uniform'])(
    'are combined by %s',
    (kind) => {
      const { combiner } = readRecipe({ overrides: [`combiner=${kind}`] });
      const made = createCombiner(combiner, { members: 2, classes: 3 });
      expect(made.name).toBe(kind);
      expect(made.weights).toHaveLength(3);
    },
  );

  it('learn as fast as is said', () => {
    const { combiner } = readRecipe({ overrides: ['combiner={kind: exponential-weights, rate: 0.25}'] });
    expect(createCombiner(combiner, { members: 2, classes: 3 })).toMatchObject({ learningRate: 0.25 });
  });
});
