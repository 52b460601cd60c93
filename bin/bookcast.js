#!/usr/bin/env node
// The one entry: refuses a Node that cannot run bookcast in one line, then runs the sources in a checkout, or `dist/` in
// an installed package. Keep the syntax old: a Node that is too old must still be able to read this file.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const found = process.versions.node;

if (Number(found.split('.')[0]) < NEEDED) {
  process.stderr.write(
    'bookcast needs Node ' +
      NEEDED +
      ' or newer, and this is Node ' +
      found +
      ' (' +
      process.execPath +
      '): install a newer one, or add it to your project with "npm install --save-dev node@' +
      NEEDED +
      '".\n',
  );
  process.exitCode = 1;
} else {
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const entry = existsSync(fileURLToPath(source)) ? source : new URL('../dist/cli/main.js', import.meta.url);
  import(entry.href)
    .then(({ main }) => main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code;
    });
}
