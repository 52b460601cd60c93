import {
  BatchBuilder,
  type EventBatch,
  type LadderBook,
  Side,
  type Verifier,
  type VerifierReport,
} from '../../market/index.ts';
import { DEPTH, SIDES } from './flow.ts';
import { type SimMode, Simulation } from './simulation.ts';

/**
 * Compares a rebuilt book with the exchange's own after every message, on the best ten levels of both sides: a second run
 * of the same seed walks along by sequence number. So it notices whatever was lost, altered or reordered on the way.
 */
export class SimVerifier implements Verifier {
  readonly #builder: BatchBuilder;
  readonly #truth: Simulation;
  readonly #ticks = new Int32Array(DEPTH);
  readonly #lots = new Float64Array(DEPTH);
  readonly #report: VerifierReport = { checked: 0, mismatches: 0, firstMismatch: null };

  constructor(mode: SimMode, seed: number) {
    this.#builder = new BatchBuilder('sim', 0, 256);
    this.#truth = new Simulation(mode, seed, this.#builder);
  }

  afterMessage(batch: EventBatch, from: number, _to: number, book: LadderBook, synced: boolean): void {
    const sequence = batch.sequence[from];
    // Sequence numbers behind the truth's are repeats, which change nothing.
    if (!synced || sequence < this.#truth.sequence) return;
    while (this.#truth.sequence < sequence) {
      this.#truth.step();
      this.#builder.rewind(0);
    }
    for (const side of SIDES) {
      const found = book.top(side, DEPTH, this.#ticks, this.#lots);
      for (let depth = 0; depth < DEPTH; depth++) this.#compare(side, depth, found, sequence);
    }
  }

  report(): VerifierReport {
    return { ...this.#report };
  }

  #compare(side: (typeof SIDES)[number], depth: number, found: number, sequence: number): void {
    const level = this.#truth.engine.level(side, depth);
    const report = this.#report;
    report.checked++;
    if (
      depth < found ? level?.priceTicks === this.#ticks[depth] && level.lots === this.#lots[depth] : level === undefined
    )
      return;
    report.mismatches++;
    const shown = depth < found ? `${this.#lots[depth]} lots at ${this.#ticks[depth]}` : 'nothing';
    const expected = level === undefined ? 'nothing' : `${level.lots} lots at ${level.priceTicks}`;
    const name = side === Side.BID ? 'bid' : 'ask';
    report.firstMismatch ??= `message ${sequence}, ${name} level ${depth + 1}: the book has ${shown}, the exchange ${expected}`;
  }
}
