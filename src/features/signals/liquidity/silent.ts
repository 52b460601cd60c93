import type { Signal } from '../../signal.ts';

/** In place of a signal that has no columns because the venue reports too few levels. */
export class Silent implements Signal {
  write(): void {}

  reset(): void {}
}
