import type { FeatureEngine } from '../../src/features/index.ts';
import { BookSync, type Instrument, LadderBook, messageEnd } from '../../src/market/index.ts';
import { instrumentOf, type Message, mapRows, RandomMarket, toBatch } from './random-market.ts';

/** A message of one of two instruments. */
export interface Told {
  peer: boolean;
  message: Message;
}

export const OWN = instrumentOf();
/** Five times as coarse a tick: a price of 10,000 own ticks is one of 2,000 here. */
export const PEER = instrumentOf({ name: 'PEER', tickSize: '0.05' });

export const own = (...messages: Message[]): Told[] => messages.map((message) => ({ peer: false, message }));
export const peer = (...messages: Message[]): Told[] => messages.map((message) => ({ peer: true, message }));

/** Both in order of time, the own first at one time. */
export function interleaved(own: readonly Message[], peer: readonly Message[]): Told[] {
  const told = [
    ...own.map((message) => ({ peer: false, message })),
    ...peer.map((message) => ({ peer: true, message })),
  ];
  return told.sort((a, b) => a.message.tsNs - b.message.tsNs);
}

/** Two seeded markets at prices that differ by a few ticks; own times are even and the peer's odd. */
export function randomPair(seed: number, messages: number, faults: { breaks?: number; empties?: number } = {}): Told[] {
  const market = (which: number): Message[] => new RandomMarket(seed * 2 + which).run({ messages, ...faults });
  const timed = (all: Message[], odd: number): Message[] =>
    all.map((message) => ({ ...message, tsNs: Math.floor(message.tsNs / 2) * 2 + odd }));
  const coarse = mapRows(market(1), (row) => ({ ...row, price: row.price - 8_000 }));
  return interleaved(timed(market(0), 0), timed(coarse, 1));
}

/** Plays both through books, syncs and the engine; the row after every message of either. */
export function playPair(
  engine: FeatureEngine,
  told: readonly Told[],
  [ownInstrument, peerInstrument]: readonly [Instrument, Instrument] = [OWN, PEER],
): Float64Array[] {
  const sides = [ownInstrument, peerInstrument].map((instrument, which) => {
    const book = new LadderBook();
    const batch = toBatch(told.filter((one) => one.peer === (which === 1)).map((one) => one.message));
    return { book, sync: new BookSync(instrument, book), batch, at: 0 };
  });
  return told.map((one) => {
    const side = sides[one.peer ? 1 : 0];
    const { batch, book, sync, at } = side;
    side.at = messageEnd(batch, at);
    const effect = sync.applyMessage(batch, at, side.at);
    if (one.peer) engine.onPeerMessage(batch, at, side.at, book, effect, one.message.tsNs);
    else engine.onMessage(batch, at, side.at, book, effect);
    const row = new Float64Array(engine.schema.names.length);
    row.set(engine.row());
    return row;
  });
}
