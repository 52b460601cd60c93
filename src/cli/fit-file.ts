import { readFileSync } from 'node:fs';
import { BookcastError } from '../core/index.ts';
import { type FeatureFit, parseFit } from '../features/index.ts';
import { type Instrument, instrumentKey } from '../market/index.ts';

/** Reads what "bookcast fit" wrote; throws what a user can act on, also where it was fitted to another instrument. */
export function readFit(path: string, instrument: Instrument): FeatureFit {
  const fit = parseFit(readJson(path), path);
  if (fit.instrument === instrumentKey(instrument)) return fit;
  throw new BookcastError(
    'bad-input',
    `${path} was fitted to ${fit.instrument}, and this is ${instrumentKey(instrument)}: make a fit of its own with "bookcast fit"`,
    { path },
  );
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BookcastError('not-found', `cannot read the fit ${path}: ${(cause as Error).message}`, { path, cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} is not JSON: ${(cause as Error).message}`, { path, cause });
  }
}
