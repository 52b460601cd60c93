import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelCard } from '../../src/report/index.ts';
import { listRuns } from '../../src/store/index.ts';
import { TapeWriter } from '../../src/tape/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { unbalanced } from '../support/well-formed.ts';
import { cli, tempFile, tempFolder, testIo } from './support.ts';
import { simulatedFeatures } from './train-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookcast-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const tape = join(folder, 'tape');
const source = openSim({ mode: 'oracle', seed: 1, messages: 6000 });
const writer = TapeWriter.create(tape, source.instrument, 'simulated');
for await (const batch of source.batches()) writer.append(batch);
writer.close();

/** A few seconds' work: a boosted model that learns by rounds, and the two online models. */
const RECIPE = join(folder, 'small.yaml');
writeFileSync(
  RECIPE,
  `
data: { signals: imbalance, reach: 5 }
trained:
  trees: { model: gbdt, mirror: true, config: { trees: { rounds: 8 } } }
online: [imbalance, bayes]
`,
);

const evaluate = (...argv: string[]) =>
  cli(['evaluate', '--data', tape, '--recipe', RECIPE, '--target', 'events:5', ...argv]);

describe('evaluate --ship', () => {
  it('writes what it fitted as a bundle that replays, and refuses what cannot be one', async () => {
    const bundle = join(tempFolder(), 'oracle');
    const done = await evaluate('--runs', join(folder, 'shipping'), '--ship', bundle);
    expect(done.status, done.err).toBe(0);
    expect(done.err).toMatch(/^bundle {5}.*oracle, version [0-9a-f]{16}$/m);
    const target = ['--target', 'events:5'];
    const replayed = await cli(['replay', tape, '--bundle', bundle, ...target, '--json']);
    expect(replayed.status, replayed.err).toBe(0);
    const names = JSON.parse(replayed.out).scores.map(({ model }: { model: string }) => model);
    for (const member of ['imbalance', 'bayes', 'trees', 'ensemble']) expect(names).toContain(member);
    const again = await evaluate('--ship', bundle);
    expect([again.status, again.err]).toEqual([
      1,
      expect.stringContaining('exists already; name a folder that does not'),
    ]);
    const two = await evaluate('events:20', '--ship', join(tempFolder(), 'two'));
    expect(two.err).toContain('--ship writes the members of one fit, and 2 targets have as many');
    const folds = await evaluate('--walk-forward', '2', '--ship', join(tempFolder(), 'folds'));
    expect(folds.err).toContain('and 2 folds have as many');
  }, 120_000);
});

describe('bookcast evaluate', () => {
  const runs = join(folder, 'runs');
  const html = join(folder, 'card.html');
  const json = join(folder, 'card.json');
  let said = { status: -1, out: '', err: '' };
  let card: ModelCard;

  beforeAll(async () => {
    said = await evaluate('events:20/terciles', '--runs', runs, '--out', html, '--json', json);
    expect(said.status, said.err).toBe(0);
    card = JSON.parse(readFileSync(json, 'utf8')) as ModelCard;
  }, 120_000);

  it('says what each member rests its forecasts on, in HTML and JSON', () => {
    const page = readFileSync(html, 'utf8');
    for (const text of ['What forecasts rest on', 'Signals: trees', 'Signals: bayes', 'Families of signals'])
      expect(page).toContain(text);
    for (const { explanations = [] } of card.sections) {
      const methods = explanations.map(({ member, attributions }) => [member, attributions?.method]);
      expect(methods).toEqual([
        ['imbalance', 'posterior'],
        ['bayes', 'posterior'],
        ['trees', 'tree-shap'],
      ]);
      for (const { attributions } of explanations) {
        expect(attributions?.forecasts).toBe(200);
        expect(attributions?.unaccounted).toBeLessThan(1e-9);
        expect(attributions?.signals[0].mean).toBeGreaterThan(0);
      }
      const trees = explanations[2];
      expect(trees.permutation?.families.length).toBeGreaterThan(0);
      expect(trees.shapley?.families.length).toBeGreaterThan(0);
    }
    expect(said.err).toContain('events:5: trees explained in');
  });

  it('writes one card with a section a target, in HTML and JSON', () => {
    const page = readFileSync(html, 'utf8');
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/(src|href)="(?!#)|@import|url\(/);
    expect(page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/NaN|undefined|Infinity/);
    for (const text of ['SIMULATED', 'Confusion matrix', 'Reliability', 'Weights over time', 'Learning curve: trees']) {
      expect(page).toContain(text);
    }
    expect(card.sections.map(({ target }) => target)).toEqual(['events:5', 'events:20/terciles']);
    for (const { verdict } of card.sections) expect(page).toContain(verdict.replace(/"/g, '&quot;'));
  });

  it('scores baselines, members, the ensemble and what is served, on the same rows', () => {
    for (const { scores, served, chosen, comparisons, verdict, resolved, conformal } of card.sections) {
      expect(scores.forecasts.map(({ name }) => name)).toEqual([
        ...['prior', 'majority', 'persistence', 'martingale', 'transition'],
        ...['imbalance', 'bayes', 'trees', 'ensemble', 'calibrated'],
      ]);
      expect(served).toBe('calibrated');
      expect(['imbalance', 'bayes', 'trees']).toContain(chosen);
      expect(comparisons.map(({ against }) => against)).toContain(chosen);
      const score = (name: string) => scores.forecasts.find((one) => one.name === name);
      const { gain } = comparisons[0];
      const difference = (score(chosen)?.logLoss.value ?? 0) - (score('ensemble')?.logLoss.value ?? 0);
      expect(gain.value).toBeCloseTo(difference, 10);
      expect(verdict).toContain(`SIMULATED: on ${resolved}`);
      expect(conformal.tenths).toHaveLength(10);
      expect(conformal.found).toBeGreaterThan(0.8);
    }
    expect(card.sections[1].protocol.join(' ')).toContain(
      'The thresholds of events:20/terciles are those of the training rows alone',
    );
    expect(card.sections[0].protocol.join(' ')).toContain('stated, not learnt');
  });

  it('draws weights that are weights, and learning as it went', () => {
    const [{ folds, curves }] = card.sections;
    const { names, values, timesMs } = folds[0].weights;
    expect(names).toEqual(['imbalance', 'bayes', 'trees', 'equal pool']);
    timesMs.forEach((_, at) => {
      expect(values.reduce((sum, series) => sum + series[at], 0)).toBeCloseTo(1, 2);
    });
    expect(timesMs.length).toBeGreaterThan(20);
    expect(curves).toMatchObject([{ member: 'trees', epochs: [1, 2, 3, 4, 5, 6, 7, 8] }]);
  });

  it('files every evaluation as a run, and counts looks truly', () => {
    const found = listRuns(runs).runs;
    expect(found.map(({ record }) => [record.model, record.target])).toEqual([
      ['ensemble', 'events:5'],
      ['ensemble', card.sections[1].resolved],
    ]);
    expect(card.sections.map(({ trials }) => trials)).toEqual([
      { training: 0, evaluations: 1, ofTarget: 1, members: 3 },
      { training: 0, evaluations: 2, ofTarget: 1, members: 3 },
    ]);
    expect(found[0].result).toMatchObject({ status: 'finished' });
    expect(found[0].result?.metrics['test-log-loss'].value).toBe(
      card.sections[0].scores.forecasts.find(({ name }) => name === 'ensemble')?.logLoss.value,
    );
    expect(found[0].result?.artefacts.map(({ name }) => name)).toEqual(['card.html', 'card.json']);
    expect(card.sections[1].limits.join(' ')).toContain('2 runs on these data (0 of training, 2 of evaluation');
  });

  it('prints the verdicts first, and says how it goes', () => {
    expect(said.out.startsWith(card.sections[0].verdict)).toBe(true);
    expect(said.out).toContain(`card: ${html}`);
    expect(said.err).toContain('events:5: fitting trees (1 of 1)');
    expect(said.err).toContain('epoch 8 of 8');
    expect(said.err).toMatch(/events:20\/terciles: walking through [\d,]+ rows/);
  });

  it('says the same again, to the byte', async () => {
    const cards: string[] = [];
    for (const name of ['one', 'two']) {
      const place = join(tempFolder(), 'runs');
      const { status, err } = await evaluate('--runs', place);
      expect(status, err).toBe(0);
      const { folder: run } = listRuns(place).runs[0];
      cards.push(readFileSync(join(run, 'card.html'), 'utf8') + readFileSync(join(run, 'card.json'), 'utf8'));
      expect(cards.length, name).toBeGreaterThan(0);
    }
    expect(cards[0]).toBe(cards[1]);
  }, 60_000);

  it('walks forward: every fold is fitted anew, and all are scored together', async () => {
    const path = join(tempFolder(), 'forward.json');
    const { status, err } = await evaluate(
      'events:20/terciles',
      ...['--runs', join(tempFolder(), 'runs'), '--walk-forward', '3', '--json', path],
    );
    expect(status, err).toBe(0);
    const [section, terciles] = (JSON.parse(readFileSync(path, 'utf8')) as ModelCard).sections;
    expect(section.folds).toHaveLength(3);
    const tests = section.folds.map(({ parts }) => parts[2]);
    expect(section.scores.rows).toBe(tests.reduce((sum, { windows }) => sum + windows, 0));
    section.folds.forEach(({ parts: [train, validation, test] }, fold) => {
      expect(train.to < validation.from && validation.to < test.from).toBe(true);
      if (fold > 0) expect(train.rows).toBeGreaterThan(section.folds[fold - 1].parts[0].rows);
    });
    expect(section.curves.map(({ fold }) => fold)).toEqual([0, 1, 2]);
    expect(section.protocol[0]).toContain('Walked forward in 3 folds');
    expect(err).toContain('fold 3 of 3');
    // Each fold's thresholds are of the rows that it learns from, and so is the prior that gains are over.
    const own = terciles.protocol.find((line) => line.includes('each fold’s own training rows alone'));
    expect(own?.split('alone: ')[1].match(/events:20/g)).toHaveLength(3);
    const [prior] = terciles.scores.forecasts;
    expect(prior).toMatchObject({ name: 'prior', gain: { value: 0 } });
  }, 60_000);
});

describe('bookcast evaluate refuses', () => {
  it.each([
    [['--set', 'trained.tres={}'], 2, /there is no model "tres"/],
    [['--set', 'data.splt=1'], 2, /did you mean "split"/],
    [['--recipe', 'gogg'], 1, /did you mean "goog"/],
    [['--walk-forward', '1'], 2, /folds are a whole number from 2 up/],
    [['--seed', '-1'], 2, /a seed is a whole number/],
    [['--set', 'data.split=99.2/0.4/0.4'], 1, /the (validation|test) part has \d+ of the 32 windows/],
  ])('%j', async (argv, status, message) => {
    const run = await evaluate('--runs', join(tempFolder(), 'runs'), ...argv);
    expect(run.err).toMatch(message);
    expect(run.status).toBe(status);
  });

  it('files of features, and files that are there', async () => {
    const features = await simulatedFeatures(folder, 'realistic', 4, 800);
    const runs = join(tempFolder(), 'runs');
    const tables = await cli(['evaluate', '--data', features, '--recipe', RECIPE, '--runs', runs]);
    expect(tables).toMatchObject({ status: 2 });
    expect(tables.err).toMatch(/files of features have of the book only its mid.*give the recording itself/);
    const there = tempFile('card.html', 'mine');
    const taken = await evaluate('--runs', runs, '--out', there);
    expect(taken.err).toMatch(/exists; choose another name/);
    expect(readFileSync(there, 'utf8')).toBe('mine');
    expect(existsSync(runs)).toBe(false);
  });

  it('nothing of a recipe without calibration, on a terminal, with bars', async () => {
    const io = testIo({ interactive: true });
    const path = join(tempFolder(), 'plain.json');
    const argv = ['evaluate', '--data', tape, '--recipe', RECIPE, '--runs', join(tempFolder(), 'runs'), '--json', path];
    const settings = ['--set', 'calibration=none', 'trained.trees=false', 'data.clock=events:2'];
    const run = await cli([...argv, '--target', 'next-change', ...settings], io);
    expect(run.status, run.err).toBe(0);
    expect(run.err).toContain('rows walked');
    const [section] = (JSON.parse(readFileSync(path, 'utf8')) as ModelCard).sections;
    expect(section.served).toBe('ensemble');
    expect(section.scores.forecasts.map(({ name }) => name)).not.toContain('calibrated');
    expect(section.protocol.join(' ')).toContain('No member is fitted beforehand');
    expect(section.protocol.join(' ')).toContain('there are no thresholds');
    expect(section.protocol.join(' ')).toContain('decisions are those of the clock events:2');
  });

  it('to go on when it is stopped, and files that as well', async () => {
    const io = testIo();
    const runs = join(tempFolder(), 'runs');
    const err = io.err;
    const stopping = {
      ...io,
      err: (text: string) => {
        err(text);
        if (text.includes('fitting trees')) io.stopNow();
      },
    };
    const argv = ['evaluate', '--data', tape, '--recipe', RECIPE, '--target', 'events:5', '--runs', runs];
    const { status } = await cli(argv, stopping);
    expect(status).toBe(1);
    expect(io.written.err).toContain('stopped');
    expect(listRuns(runs).runs[0]).toMatchObject({ state: 'stopped' });
  });
});
