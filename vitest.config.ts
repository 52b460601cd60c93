import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      // Every file counts, imported by a test or not.
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true, maxCols: 120 }]],
      thresholds: {
        statements: 90,
        lines: 90,
        functions: 90,
        branches: 90,
        'src/cli/**': { statements: 80, lines: 80, functions: 80 },
      },
    },
  },
});
