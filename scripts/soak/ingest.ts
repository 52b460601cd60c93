import type { Soak } from './soak.ts';

export const ingestSoak: Soak = {
  about: 'not there yet',
  run: () => Promise.reject(new Error('not there yet')),
};
