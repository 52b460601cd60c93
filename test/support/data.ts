import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = process.env.BOOKCAST_DATA ?? resolve(import.meta.dirname, '../../../shared/data');

/** The path of a recording such as `lobster/x.zip`, or null where it is not on this machine. */
export function dataPath(name: string): string | null {
  const path = resolve(ROOT, name);
  return existsSync(path) ? path : null;
}

/** What to add to the title of a test that needs a recording, so that a skipped one says why. */
export function needs(name: string): string {
  return dataPath(name) === null ? ` [skipped: ${name} is not in ${ROOT}; set BOOKCAST_DATA]` : '';
}
