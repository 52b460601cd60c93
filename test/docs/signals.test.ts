import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { signalsPage } from '../../scripts/signals-page.ts';
import { CATALOGUE } from '../../src/features/index.ts';

describe('docs/signals.md', () => {
  it('is what the definitions say', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/signals.md'), 'utf8');
    expect(page === signalsPage(), 'run "npm run -s signals"').toBe(true);
  });

  it.each(CATALOGUE.map((signal) => [signal.name, signal] as const))('typesets %s', (_, { tex }) => {
    expect(katex.renderToString(tex, { displayMode: true, throwOnError: true, strict: 'error' })).toContain('katex');
  });
});
