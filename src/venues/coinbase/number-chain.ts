/** What a message's number says. */
export const Step = {
  /** It follows. */
  NEXT: 0,
  /** Numbers before it were skipped: messages are missing. */
  GAP: 1,
  /** It was there before, and is passed over. */
  OLD: 2,
  /** The venue's numbers began anew: what was missed nobody can tell. */
  ANEW: 3,
} as const;
export type Step = (typeof Step)[keyof typeof Step];

/** After so many old messages on end it is the numbers that began anew, whatever the times say. */
const OLD_RUN = 100;

/**
 * Follows numbers that rise by one. A lower number is a message that comes again, and is passed over. But if all that is
 * lower were passed over, numbers that begin anew would leave a book standing still that calls itself synced; so a lower
 * number whose message is younger than all before it means just that.
 */
export class NumberChain {
  /** `NaN` while unknown: any number follows it. */
  last: number;
  /** The venue's time of the youngest message, in ns. */
  #youngestNs = Number.NEGATIVE_INFINITY;
  #oldRun = 0;

  constructor(last = Number.NaN) {
    this.last = last;
  }

  /** Takes the next message's number and time (`NaN` or −∞ where it has none). */
  judge(number: number, timeNs: number): Step {
    const younger = timeNs > this.#youngestNs;
    let step: Step = Step.NEXT;
    if (number > this.last + 1) step = Step.GAP;
    else if (number <= this.last) {
      if (!younger && ++this.#oldRun < OLD_RUN) return Step.OLD;
      step = Step.ANEW;
      this.#youngestNs = timeNs;
    }
    this.#oldRun = 0;
    this.last = number;
    if (younger) this.#youngestNs = timeNs;
    return step;
  }
}
