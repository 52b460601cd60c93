import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { BookcastError } from '../core/index.ts';
import { parseSpace, type Space } from '../models/training.ts';

/**
 * A space of settings from a YAML (or JSON) file: path of a setting → `{values: [...]}` or `{low, high, log, integer}`. Returns what the
 * file says, too, for the study's record. Throws `not-found`, and `bad-argument` that names the line or the setting.
 */
export function readSpace(path: string): { space: Space; data: Record<string, unknown> } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BookcastError('not-found', `cannot read the space ${path}: ${(cause as Error).message}`, { path, cause });
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const [found] = error.message.split('\n');
    throw new BookcastError('bad-argument', `${path} is not YAML: ${found.replace(/:$/, '')}`, { path, cause: error });
  }
  const data: unknown = document.toJS();
  return { space: parseSpace(data, path), data: data as Record<string, unknown> };
}
