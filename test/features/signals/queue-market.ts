import { CATALOGUE, FeatureEngine, type FeatureFit } from '../../../src/features/index.ts';
import type { Instrument } from '../../../src/market/index.ts';
import { ask, bid, instrumentOf, type Message, play, snapshot } from '../random-market.ts';

export const SECOND = 1e9;
export const MS = 1e6;

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: an average level of 20 / 4 = 5 lots. The venue reports four levels, so these are all there are. */
export const start = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);

/** The average level after books with these means: weights fade by 1 − 1/500 a book message. */
export const average = (...means: readonly number[]): number => {
  const weights = means.map((_, n) => (1 - 1 / 500) ** (means.length - 1 - n));
  return means.reduce((sum, x, n) => sum + x * weights[n], 0) / weights.reduce((a, b) => a + b, 0);
};

export interface Scene {
  instrument?: Partial<Instrument>;
  fit?: FeatureFit;
}

/** The columns of one signal after every message, by name. */
export function rowsOf(name: string, messages: readonly Message[], scene: Scene = {}): Record<string, number>[] {
  const instrument = instrumentOf({ depthLimit: 4, ...scene.instrument });
  const signals = CATALOGUE.filter((signal) => signal.name === name);
  const engine = new FeatureEngine(instrument, scene.fit === undefined ? { signals } : { signals, fit: scene.fit });
  return play(engine, instrument, messages).map((row) =>
    Object.fromEntries(engine.schema.names.map((column, c) => [column, row[c]])),
  );
}

/** The columns of one signal after the last message. */
export function lastOf(name: string, messages: readonly Message[], scene: Scene = {}): Record<string, number> {
  return rowsOf(name, messages, scene).at(-1)!;
}
