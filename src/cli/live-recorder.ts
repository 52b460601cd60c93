import { type FeedInstrument, type SessionRecord, SessionWriter } from '../feed/index.ts';
import type { EventBatch } from '../market/index.ts';
import { Recording, type RecordingOptions } from '../tape/index.ts';

/** Text of order ids that were handed out one after the other, from `firstId` on. */
interface IdRun {
  readonly firstId: number;
  readonly ids: string[];
}

/**
 * Writes a live market as it passes. It is called from the middle of a socket's business, so it throws nothing: where the disk fails it
 * says so once, `failed`, and writes no more.
 */
export class LiveRecorder {
  readonly #recording: Recording;
  readonly #raw: SessionWriter;
  readonly #indexOf: ReadonlyMap<string, number>;
  /** By instrument: ids that its next batch may speak of. */
  readonly #runs: IdRun[][];
  #broken = false;
  /** Set by whoever wants to hear that the disk failed. */
  failed: (error: Error) => void = () => {};

  /** Throws what `Recording.create` throws. */
  constructor(
    dir: string,
    instruments: readonly FeedInstrument[],
    options: Omit<RecordingOptions, 'instruments' | 'rawOpening'>,
  ) {
    this.#recording = Recording.create(dir, {
      ...options,
      instruments: instruments.map(({ instrument }) => instrument),
      rawOpening: () => this.#raw.opening(),
    });
    this.#raw = new SessionWriter(this.#recording.day);
    this.#indexOf = new Map(instruments.map(({ symbol }, i) => [symbol, i]));
    this.#runs = instruments.map(() => []);
  }

  /** Days since 1970, UTC: the base of all times. */
  get day(): number {
    return this.#recording.day;
  }

  get notes(): readonly string[] {
    return this.#recording.notes;
  }

  record(entry: SessionRecord): void {
    this.#guard(() => this.#recording.appendRaw(this.#raw.encode(entry)));
  }

  /** An order of the venue got its number. Written ahead of the batch that first may speak of it. */
  order(symbol: string, orderId: string, id: number): void {
    const index = this.#indexOf.get(symbol);
    if (index === undefined) return;
    const runs = this.#runs[index];
    const last = runs.at(-1);
    if (last !== undefined && last.firstId + last.ids.length === id) last.ids.push(orderId);
    else runs.push({ firstId: id, ids: [orderId] });
  }

  append(index: number, batch: EventBatch): void {
    this.#guard(() => {
      for (const { firstId, ids } of this.#runs[index].splice(0)) this.#recording.appendIds(index, firstId, ids);
      this.#recording.append(index, batch);
    });
  }

  /** Throws where the disk failed. */
  async close(): Promise<void> {
    await this.#recording.close();
  }

  #guard(write: () => void): void {
    if (this.#broken) return;
    try {
      write();
    } catch (error) {
      this.#broken = true;
      this.failed(error as Error);
    }
  }
}
