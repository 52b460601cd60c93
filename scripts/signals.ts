import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalsPage } from './signals-page.ts';

/** Writes docs/signals.md from the signals' own definitions; with `--check` only says whether it is up to date. */
const path = join(import.meta.dirname, '../docs/signals.md');
const page = signalsPage();
if (!process.argv.includes('--check')) writeFileSync(path, page);
else if (readFileSync(path, 'utf8') !== page) {
  process.stderr.write('docs/signals.md is not what the definitions say; run "npm run -s signals"\n');
  process.exitCode = 1;
}
