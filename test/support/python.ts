import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const VENV = resolve(import.meta.dirname, '../../.venv/bin/python');
const PACKAGES = ['numpy', 'pandas', 'polars', 'pyarrow', 'duckdb'];

/** A Python with the packages of the guide, or null. */
export const PYTHON: string | null = findPython();

/** What to add to the title of a test that needs it, so that a skipped one says why. */
export const needsPython =
  PYTHON === null
    ? ` [skipped: no Python with ${PACKAGES.join(', ')}; run scripts/python-env.sh or set BOOKCAST_PYTHON]`
    : '';

/** Runs a program in a folder; its standard input is `input`. Returns what it printed. */
export function runPython(program: string, folder: string, input = ''): string {
  return execFileSync(PYTHON as string, ['-c', program], { cwd: folder, input, encoding: 'utf8' });
}

function findPython(): string | null {
  const python = process.env.BOOKCAST_PYTHON ?? (existsSync(VENV) ? VENV : null);
  if (python === null) return null;
  return spawnSync(python, ['-c', `import ${PACKAGES.join(', ')}`]).status === 0 ? python : null;
}
