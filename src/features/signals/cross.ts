import type { SignalDefinition } from '../signal.ts';

/** In the order in which they are listed and explained. */
export const CROSS: readonly SignalDefinition[] = [];
