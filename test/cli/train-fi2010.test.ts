import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelFile } from '../../src/models/index.ts';
import { listRuns } from '../../src/store/index.ts';
import { writeFolder } from '../models/training/fi2010-files.ts';
import { cli, tempFolder } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookcast-fi2010-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  writeFolder(folder, 'NoAuction_ZScore', {
    'Train 7': [700, 700],
    'Test 7': [250],
    'Test 8': [250],
    'Test 9': [250],
  });
});

const train = async (...argv: string[]) => {
  const runs = join(tempFolder(), 'runs');
  const done = await cli(['train', '--model', 'mlp', '--data', folder, '--runs', runs, '--epochs', '1', ...argv]);
  return { ...done, runs };
};
const SMALL = ['--set', 'net.hidden=[8]', 'net.length=5'];

describe('bookcast train on the published matrices of FI-2010', () => {
  it('has the published parts and labels, and says that these are smoothed', async () => {
    const { status, err, out, runs } = await train(...SMALL, '--target', 'events:20');
    expect(status, err).toBe(0);
    expect(err).toMatch(/labels are smoothed: the mean of the next 20 mids/);
    expect(err).toMatch(/^test +750 /m);
    expect(out).toMatch(/^mlp +\d\.\d{4} /m);
    const [{ folder: run, record }] = listRuns(runs).runs;
    expect(record.data.rows).toBe(2150);
    const { metadata } = await readModelFile(join(run, 'model.onnx'));
    expect(metadata).toMatchObject({ target: 'events:20', clock: 'events:10' });
    expect(metadata.signals[0]).toBe('ask_price_1');
  });

  it('reads all 144 columns where asked', async () => {
    const { status, err } = await train(...SMALL, 'data.fi2010.features=144');
    expect(status, err).toBe(0);
    expect(err).toMatch(/2,150 rows of 144 signals/);
  });

  it('says what does not go together', async () => {
    expect((await train(...SMALL, '--target', 'time:100')).err).toContain('FI-2010 has labels of events');
    expect((await train(...SMALL, '--target', 'events:11')).err).toContain('labels for 10, 20, 30, 50, 100 events');
    expect((await train(...SMALL, 'data.fi2010.protocol=3')).err).toContain(
      'lacks Train_Dst_NoAuction_ZScore_CF_3.txt',
    );
    expect((await train(...SMALL, 'data.fi2010.norm=x')).err).toContain('there is no key "data.fi2010.norm"');
    const two = await cli(['train', '--model', 'mlp', '--data', folder, folder, '--runs', tempFolder()]);
    expect(two.err).toContain('FI-2010 is one folder');
  });
});
