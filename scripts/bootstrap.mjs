// Makes a fresh clone ready, and a stale one fresh: installs the locked packages when the lockfile changed and builds the
// page when its sources did. Runs before the npm scripts, so it uses nothing but Node itself, of any version since 18,
// and writes to standard error only: standard output belongs to the command that follows.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';

function say(text) {
  process.stderr.write(`bookcast: ${text}\n`);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

function filesUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}

function fresh(markFile, hash) {
  return existsSync(markFile) && readFileSync(markFile, 'utf8') === hash;
}

function mark(markFile, hash) {
  mkdirSync(dirname(markFile), { recursive: true });
  writeFileSync(markFile, hash);
}

function run(command, args, failure) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: windows });
  if (result.error || result.status !== 0) {
    say(failure);
    process.exit(result.status || 1);
  }
}

function install() {
  const hash = hashOf(['package.json', 'package-lock.json']);
  const markFile = join(root, 'node_modules', '.bookcast-lock');
  if (fresh(markFile, hash)) return;
  say('installing packages (once, and again when the lockfile changes)');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm ci failed: see above; is the npm registry reachable?',
  );
  mark(markFile, hash);
}

function buildPage() {
  const hash = hashOf(['package-lock.json', ...filesUnder('web'), ...filesUnder('src/api'), ...filesUnder('src/core')]);
  const markFile = join(root, 'dist', '.web-hash');
  if (fresh(markFile, hash) && existsSync(join(root, 'dist', 'web', 'index.html'))) return;
  say('building the page (when its sources change)');
  rmSync(markFile, { force: true });
  const node = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
  run(
    existsSync(node) ? node : process.execPath,
    [
      join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--config',
      'web/vite.config.ts',
      '--logLevel',
      'warn',
    ],
    'building the page failed: see above',
  );
  mark(markFile, hash);
}

install();
buildPage();
