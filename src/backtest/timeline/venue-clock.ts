import { assert, BookcastError, isoTime, MAX_EXACT, NS_PER_DAY, NS_PER_MS, NS_PER_SECOND } from '../../core/index.ts';
import { type EventBatch, EventKind } from '../../market/index.ts';

/** Venues stamp their channels apart, so small steps back are normal (1.22 s were met on Binance spot); more than this is a file put together wrongly. */
const MAX_STEP_BACK_NS = 5 * NS_PER_SECOND;

/**
 * The venue's time as one clock that never goes back: the running maximum of `tsEventNs`, in ns since the run's first midnight. Steps back of up to
 * five seconds are counted; a greater one is an error.
 *
 * Faults of the feed, and snapshots that a venue sends without a time, carry our receive time in both columns. Where the stream has two clocks, those
 * rows say nothing of the venue's: they happen at the last time that the venue told.
 */
export class VenueClock {
  /** Days since 1970-01-01; −1 before the first message. */
  startDay = -1;
  /** The first message's time; `NaN` before it. */
  startNs = Number.NaN;
  nowNs = Number.NEGATIVE_INFINITY;
  /** Messages whose time lay before one that the venue had told already. */
  stepsBack = 0;
  largestStepNs = 0;
  /** From the batch's midnight to that of the run. */
  #shiftNs = 0;
  /** The latest time in the venue's own words. */
  #toldNs = Number.NEGATIVE_INFINITY;
  /** Every message so far had the same time in both columns. */
  #oneClock = true;

  /** Rows of `batch` come next. */
  enter(batch: EventBatch): void {
    if (this.startDay < 0) this.startDay = batch.day;
    this.#shiftNs = this.shiftOf(batch);
  }

  /** What is added to a batch's times to have ns since the run's first midnight. */
  shiftOf(batch: EventBatch): number {
    return (batch.day - this.startDay) * NS_PER_DAY;
  }

  /**
   * The time of the message that begins at row `from`, once for each message, in order. Throws `bad-input` where it steps back by more than five seconds, or is
   * no time, or lies more than 104 days after the first midnight, where nanoseconds are no longer exact.
   */
  read(batch: EventBatch, from: number): number {
    const raw = batch.tsEventNs[from];
    if (raw !== batch.tsRecvNs[from]) {
      if (this.#oneClock) this.#learnTwoClocks();
    } else if (batch.kind[from] === EventKind.FAULT || batch.kind[from] === EventKind.SNAPSHOT) {
      return this.#readLocal(batch, from);
    }
    const ns = raw + this.#shiftNs;
    if (ns >= this.#toldNs) {
      this.#toldNs = ns;
      if (ns > this.nowNs) this.#move(ns, batch, from);
    } else this.#stepBack(ns, batch, from);
    return this.nowNs;
  }

  /** For the run's notes; null where the clock never stepped back. */
  get note(): string | null {
    if (this.stepsBack === 0) return null;
    const largest = (this.largestStepNs / NS_PER_MS).toFixed(3);
    const which = this.stepsBack === 1 ? 'One message carries' : `${this.stepsBack} messages carry`;
    return `${which} a venue time before one told already, by ${largest} ms at most; taken as if at the later time.`;
  }

  /** What stood in both columns so far was our time: a snapshot before the first change, say. The venue has told nothing yet. */
  #learnTwoClocks(): void {
    this.#oneClock = false;
    this.#toldNs = Number.NEGATIVE_INFINITY;
  }

  /** A message with our time alone, or of a stream that has one clock. */
  #readLocal(batch: EventBatch, from: number): number {
    const ns = batch.tsEventNs[from] + this.#shiftNs;
    if (this.#oneClock && ns > this.#toldNs) {
      this.#toldNs = ns;
      if (ns > this.nowNs) this.#move(ns, batch, from);
    }
    assert(this.nowNs > Number.NEGATIVE_INFINITY, 'a message has a time');
    return this.nowNs;
  }

  #move(ns: number, batch: EventBatch, from: number): void {
    if (ns > MAX_EXACT)
      this.#fail('lies more than 104 days after the first; cut the tape into shorter runs', batch, from);
    this.nowNs = ns;
    if (Number.isNaN(this.startNs)) this.startNs = ns;
  }

  #stepBack(ns: number, batch: EventBatch, from: number): void {
    const stepNs = this.#toldNs - ns;
    if (!(stepNs <= MAX_STEP_BACK_NS)) {
      const found = Number.isFinite(ns)
        ? `is ${(stepNs / NS_PER_SECOND).toFixed(3)} s before one that the venue told earlier, and at most 5 s are taken; sort the recording by time, or check the day of its parts`
        : `is ${batch.tsEventNs[from]}, and a finite time was expected`;
      this.#fail(found, batch, from);
    }
    this.stepsBack++;
    if (stepNs > this.largestStepNs) this.largestStepNs = stepNs;
  }

  #fail(found: string, batch: EventBatch, from: number): never {
    const raw = batch.tsEventNs[from];
    const when = Number.isInteger(raw) ? ` (${isoTime(raw, batch.day)})` : '';
    const facts = {
      instrument: batch.instrument,
      day: batch.day,
      row: from,
      sequence: batch.sequence[from],
      tsEventNs: raw,
    };
    const which = `${batch.instrument}: the venue time of message ${batch.sequence[from]}${when}`;
    throw new BookcastError('bad-input', `${which} ${found}`, facts);
  }
}
