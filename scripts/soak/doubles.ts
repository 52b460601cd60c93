import type { Soak } from './soak.ts';

export const doublesSoak: Soak = {
  about: 'not there yet',
  run: () => Promise.reject(new Error('not there yet')),
};
