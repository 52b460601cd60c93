import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import {
  BookSync,
  Effect,
  type EventBatch,
  EventKind,
  LadderBook,
  type Sequencing,
  Side,
  SyncState,
} from '../../src/market/index.ts';
import { delta, instrumentWith, type LevelTuple, single, snapshot } from './messages.ts';

/** A message as sent, or a snapshot as answered. */
interface Sent {
  readonly batch: EventBatch;
}

/** A venue that knows the truth: the book's hash as of every id that it ever sent or answered. */
class Venue {
  readonly truth = new Map<number, number>();
  readonly #random: Random;
  readonly #sequencing: Sequencing;
  readonly #book = new LadderBook({ windowTicks: 256 });
  readonly #levels = new Map<string, LevelTuple>();
  #mid = 1000;
  #last = 100;
  /** Ids that no message will cover, after the last one. */
  #hole = 0;

  constructor(random: Random, sequencing: Sequencing) {
    this.#random = random;
    this.#sequencing = sequencing;
    this.truth.set(this.#last, this.#book.hash());
  }

  /** The next message of the stream. */
  send(): Sent {
    const previous = this.#last;
    if (this.#sequencing === 'consecutive') {
      // Increments: applying one twice, or out of turn, leaves a wrong size behind.
      const [side, ticks] = this.#place();
      this.#last++;
      this.#set(side, ticks, this.#book.lotsAt(side, ticks) + 3);
      this.truth.set(this.#last, this.#book.hash());
      return { batch: single(EventKind.ADD, this.#last, [side, ticks, 3]) };
    }
    const levels = Array.from({ length: 1 + this.#random.below(4) }, () => this.#change());
    // Futures skip ids between messages; spot does not. Either spans several.
    this.#last = previous + this.#hole + 1 + this.#random.below(6);
    if (this.#sequencing === 'linked') this.#hole = this.#random.below(5);
    this.truth.set(this.#last, this.#book.hash());
    return { batch: delta(previous, this.#last, levels) };
  }

  /** A snapshot of now. On futures its id may lie in the hole between two messages. */
  answer(): Sent {
    const id = this.#last + this.#random.below(this.#hole + 1);
    this.truth.set(id, this.#book.hash());
    return { batch: snapshot(id, [...this.#levels.values()]) };
  }

  #place(): [Side, number] {
    if (this.#random.bernoulli(0.05)) this.#mid += this.#random.below(3) - 1;
    const side = this.#random.bernoulli(0.5) ? Side.BID : Side.ASK;
    // Sides are kept apart, so that the book never crosses and every loss in the test is a gap's.
    const away = 20 + this.#random.below(30);
    return [side, side === Side.BID ? this.#mid - away : this.#mid + away];
  }

  #change(): LevelTuple {
    const [side, ticks] = this.#place();
    const lots = this.#random.bernoulli(0.3) ? 0 : 1 + this.#random.below(50);
    this.#set(side, ticks, lots);
    return [side, ticks, lots];
  }

  #set(side: Side, ticks: number, lots: number): void {
    this.#book.setLevel(side, ticks, lots);
    const key = `${side} ${ticks}`;
    if (lots > 0) this.#levels.set(key, [side, ticks, lots]);
    else this.#levels.delete(key);
  }
}

/** Drops, repeats and swaps messages; snapshots arrive late. */
function disturb(random: Random, sequencing: Sequencing, rate: number, count: number): { venue: Venue; wire: Sent[] } {
  const venue = new Venue(random, sequencing);
  const wire: Sent[] = [];
  const late: { at: number; sent: Sent }[] = [];
  for (let i = 0; i < count; i++) {
    if (random.bernoulli(0.03)) late.push({ at: i + random.below(15), sent: venue.answer() });
    const sent = venue.send();
    if (!random.bernoulli(rate)) wire.push(sent);
    if (random.bernoulli(rate)) wire.push(wire[Math.max(0, wire.length - 1 - random.below(5))] ?? sent);
    if (random.bernoulli(rate) && wire.length > 1)
      wire.splice(wire.length - 2, 2, wire[wire.length - 1], wire[wire.length - 2]);
    for (const { at, sent: answer } of late) if (at === i) wire.push(answer);
  }
  return { venue, wire };
}

const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

describe.each<Sequencing>(['consecutive', 'spanning', 'linked'])('a disturbed %s stream', (sequencing) => {
  it('leaves a book that equals the truth or is not synced, at every message, and recovers', () => {
    let synced = 0;
    let lost = 0;
    let seen = 0;
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const { venue, wire } = disturb(random, sequencing, 0.02, 400);
      // A clean end: one more snapshot and message must bring any book back.
      wire.push(venue.answer(), venue.send());
      const sync = new BookSync(instrumentWith(sequencing), new LadderBook({ windowTicks: 64 }), { bufferEvents: 200 });
      wire.forEach(({ batch }, i) => {
        const before = sync.state;
        const effect = sync.applyMessage(batch, 0, batch.length);
        const where = `seed ${seed}, message ${i}`;
        if (sync.state === SyncState.SYNCED) {
          synced++;
          expect(sync.book.hash(), where).toBe(venue.truth.get(sync.lastSequence));
          if (before !== SyncState.SYNCED) expect(effect, where).toBe(Effect.RESYNCED);
        } else {
          expect(effect, where).toBe(before === SyncState.SYNCED ? Effect.LOST : Effect.NONE);
        }
        if (effect === Effect.LOST) lost++;
        seen++;
      });
      expect(sync.state, `seed ${seed}, at the end`).toBe(SyncState.SYNCED);
    }
    // The disturbance does disturb, and the book is not simply lost for good.
    expect(lost).toBeGreaterThan(SEEDS.length);
    expect(synced / seen).toBeGreaterThan(0.2);
  });

  it('never loses an undisturbed one', () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const { venue, wire } = disturb(new Random(seed), sequencing, 0, 300);
      const sync = new BookSync(instrumentWith(sequencing), new LadderBook({ windowTicks: 256 }));
      const effects = wire.map(({ batch }) => sync.applyMessage(batch, 0, batch.length));
      expect(effects).not.toContain(Effect.LOST);
      expect(sync.faults.gaps, `seed ${seed}`).toBe(0);
      expect(sync.book.hash()).toBe(venue.truth.get(sync.lastSequence));
    }
  });
});
