/**
 * What may come next, in the order of things that come at the same time. Messages of the market stand between them: `MARKET` at the venue, `OURS` when it
 * reaches us.
 */
export const Slot = {
  /** Funding or borrow falls due. */
  CARRY: 0,
  MARKET: 1,
  /** An order, cancel or replace reaches the venue. */
  ORDERS: 2,
  /** A report reaches us. */
  REPORTS: 3,
  /** Our own risk limits answer. */
  REFUSALS: 4,
  OURS: 5,
  /** Nothing arrived for as long as ends a burst. */
  QUIET: 6,
  /** The strategy's wish to be woken. */
  TIMER: 7,
  /** The recorder looks at the venue: after all that happened at that time. */
  LOOK: 8,
  /** After everything. */
  END: 9,
} as const;
export type Slot = (typeof Slot)[keyof typeof Slot];

/**
 * The next time of each kind of scheduled thing. Within a kind things keep the order in which they arose (`Channel`), so the earliest of all is found among nine
 * numbers, and a message pays for a comparison with one.
 */
export class Agenda {
  /** When the earliest comes; infinite where there is none. */
  dueNs = Number.POSITIVE_INFINITY;
  slot: Slot = Slot.END;
  readonly #times = new Float64Array(Slot.END).fill(Number.POSITIVE_INFINITY);

  set(slot: Slot, ns: number): void {
    const times = this.#times;
    times[slot] = ns;
    let dueNs = Number.POSITIVE_INFINITY;
    let due: number = Slot.END;
    for (let k = 0; k < times.length; k++) {
      if (times[k] >= dueNs) continue;
      dueNs = times[k];
      due = k;
    }
    this.dueNs = dueNs;
    this.slot = due as Slot;
  }

  of(slot: Slot): number {
    return this.#times[slot];
  }
}
