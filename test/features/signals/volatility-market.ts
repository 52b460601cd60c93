import { CATALOGUE, FeatureEngine } from '../../../src/features/index.ts';
import { Side } from '../../../src/market/index.ts';
import { ask, bid, delta, instrumentOf, type Message, other, play, snapshot, trade } from '../random-market.ts';

/** The first mid of these markets, in ticks. */
export const START = 1000;

export const startOf = (tsNs = 0): Message => snapshot(tsNs, [bid(START - 1, 5), ask(START + 1, 5)]);

/** Messages that put the mid at `START` + offset at so many seconds: one level a side, a spread of two ticks. */
export function moved(moves: readonly (readonly [seconds: number, offset: number])[], from = 0): Message[] {
  let mid = START + from;
  return moves.map(([seconds, offset]) => {
    const before = mid;
    mid = START + offset;
    const gone = before === mid ? [] : [bid(before - 1, 0), ask(before + 1, 0)];
    return delta(seconds * 1e9, [...gone, bid(mid - 1, 5), ask(mid + 1, 5)]);
  });
}

/** A trade, so that time passes and nothing else happens. */
export const until = (seconds: number): Message => other(seconds * 1e9, [trade(Side.NONE, START, 1)]);

/** The columns of one signal after each message. */
export function valuesOf(name: string, messages: readonly Message[]): number[][] {
  const instrument = instrumentOf({ depthLimit: 2 });
  const signals = CATALOGUE.filter((signal) => signal.name === name);
  return play(new FeatureEngine(instrument, { signals }), instrument, messages).map((row) => [...row]);
}

/** The columns of one signal after the last message. */
export const lastOf = (name: string, messages: readonly Message[]): number[] => valuesOf(name, messages).at(-1)!;
