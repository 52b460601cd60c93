import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeatureEngine } from '../src/features/index.ts';
import { openBinance } from '../src/venues/binance/index.ts';
import { lstmFile } from './models/served/files.ts';
import { usdmSession } from './support/session.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** What a build needs of a checkout. */
const SHIPPED_FROM = [
  'src',
  'web',
  'bin',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** What a user gets from the registry: packed, installed into an empty project, run from `dist/`. */
describe('the published package', () => {
  const project = mkdtempSync(join(tmpdir(), 'bookcast-package-'));
  const packed = join(project, 'packed');
  const installed = join(project, 'node_modules', 'bookcast');

  beforeAll(() => {
    mkdirSync(packed);
    // Packing builds `dist/` anew: in a copy, because other tests are reading the page meanwhile.
    const copy = join(project, 'checkout');
    for (const name of SHIPPED_FROM) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
    execFileSync('npm', ['pack', '--silent', '--pack-destination', packed], { cwd: copy, stdio: 'pipe' });
    writeFileSync(join(project, 'package.json'), '{"name":"user","private":true,"type":"module"}');
    const [archive] = readdirSync(packed);
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', join(packed, archive)];
    execFileSync('npm', args, { cwd: project, stdio: 'pipe' });
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  function run(args: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', timeout: 60_000 });
  }

  it('holds what runs, and neither sources nor tests nor the rivals of the benchmarks', () => {
    expect(readdirSync(installed).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'package.json',
    ]);
    expect(existsSync(join(installed, 'dist', 'web', 'index.html'))).toBe(true);
    for (const name of ['ccxt', 'nodejs-order-book', 'react', 'vitest']) {
      expect(existsSync(join(project, 'node_modules', name)), name).toBe(false);
    }
  });

  it('runs a command', () => {
    const file = join(project, 'session.txt');
    writeFileSync(file, usdmSession({ updates: 300 }));
    const { status, stdout, stderr } = run([
      join(installed, 'bin', 'bookcast.js'),
      'replay',
      file,
      '--verify',
      '--json',
    ]);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ instrument: 'binance:BTCUSDT/USDM', verified: { mismatches: 0 } });
  });

  it('runs a worker', () => {
    const script = join(project, 'worker.mjs');
    writeFileSync(
      script,
      `import { Worker } from 'node:worker_threads';
       const url = new URL('./node_modules/bookcast/dist/cli/feed-worker.js', import.meta.url);
       const worker = new Worker(url, { workerData: { kind: 'simulator', mode: 'realistic', seed: 7 } });
       worker.on('error', (error) => { throw error; });
       worker.on('message', (message) => {
         if (message.type !== 'batch') return;
         console.log('batch of', message.buffer.byteLength, 'bytes');
         process.exit(0);
       });`,
    );
    const { status, stdout, stderr } = run([script]);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/batch of \d+ bytes/);
  });

  it('serves a trained model from a thread of its own', async () => {
    const file = join(project, 'served.txt');
    writeFileSync(file, usdmSession({ updates: 300 }));
    const { schema } = new FeatureEngine((await openBinance({ paths: [file] })).instrument);
    const columns = { schemaHash: schema.hash, signals: [...schema.names] };
    const model = join(project, 'model.onnx');
    writeFileSync(model, lstmFile({ width: schema.names.length, length: 5 }, columns));
    // Optional: where its install script may not run, npm leaves it out.
    const runtime = join(project, 'node_modules', 'onnxruntime-node');
    if (!existsSync(runtime)) symlinkSync(join(ROOT, 'node_modules', 'onnxruntime-node'), runtime, 'dir');
    const bin = join(installed, 'bin', 'bookcast.js');
    const { status, stdout, stderr } = run([bin, 'replay', file, '--model', model, '--json']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('version');
    const { scores, trained } = JSON.parse(stdout);
    expect(trained).toMatchObject([{ model: 'lstm' }]);
    expect(scores.find(({ model }: { model: string }) => model === 'lstm').n).toBeGreaterThan(100);
    expect(scores.at(-1)).toMatchObject({ model: 'ensemble-calibrated' });
  });

  it('is a library: every door opens', () => {
    const script = join(project, 'library.mjs');
    writeFileSync(
      script,
      `import { readFileSync } from 'node:fs';
       const manifest = JSON.parse(readFileSync('node_modules/bookcast/package.json', 'utf8'));
       for (const door of Object.keys(manifest.exports)) {
         if (door.endsWith('.json')) continue;
         const names = Object.keys(await import('bookcast' + door.slice(1)));
         console.log(door, names.length);
       }
       const { openSim } = await import('bookcast/venues/sim');
       const { Forecaster } = await import('bookcast/forecast');
       const { parseTarget } = await import('bookcast/models');
       const source = openSim({ mode: 'oracle', seed: 1, messages: 3000 });
       const forecaster = new Forecaster(source.instrument, parseTarget('next-change'));
       for await (const batch of source.batches()) forecaster.apply(batch);
       console.log('decisions', forecaster.decisions);`,
    );
    const { status, stdout, stderr } = run([script]);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/decisions [1-9]\d*/);
    expect(stdout).not.toMatch(/ 0$/m);
  });

  it('refuses an older Node in one line', () => {
    const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.9.0' } })";
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(older)}`];
    const { status, stdout, stderr } = run([...preload, join(installed, 'bin', 'bookcast.js'), 'doctor']);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^bookcast needs Node 24 or newer, and this is Node 22\.9\.0[^\n]*\n$/);
  });
});
