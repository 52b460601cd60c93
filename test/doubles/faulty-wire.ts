import type { FaultPlan } from './faults.ts';
import type { MessageMark, Wire } from './venue-double.ts';

/** Where a message goes on; `intact`: it is what the venue said. */
export interface WireEnd {
  deliver(text: string, mark: MessageMark, intact: boolean): void;
  ping(): void;
  close(code: number, why: string): void;
}

/** The way from a double to its client, on which messages are lost, repeated, swapped and broken as the plan has it. */
export class FaultyWire implements Wire {
  /** Half open: nothing passes any more. */
  muted = false;
  /** Messages stay away; pings and pongs pass. */
  stalled = false;
  readonly #end: WireEnd;
  readonly #plan: FaultPlan;
  readonly #nowMs: () => number;
  #held: { text: string; mark: MessageMark } | null = null;

  constructor(end: WireEnd, plan: FaultPlan, nowMs: () => number) {
    this.#end = end;
    this.#plan = plan;
    this.#nowMs = nowMs;
  }

  send(text: string, mark: MessageMark): void {
    if (this.muted || this.stalled) return;
    if (mark.revealed && this.#strikes('drop')) return;
    if (this.#strikes('truncated')) {
      const length = this.#plan.random.below(text.length);
      this.#end.deliver(text.slice(0, length), mark, false);
      return;
    }
    if (this.#strikes('malformed')) {
      this.#end.deliver(this.#broken(text), mark, false);
      return;
    }
    if (mark.revealed && this.#held === null && this.#strikes('reorder')) {
      this.#held = { text, mark };
      return;
    }
    this.#end.deliver(text, mark, true);
    // Repeated at once, absolute levels are harmless even without numbers.
    if (this.#strikes('duplicate')) this.#end.deliver(text, mark, true);
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#end.deliver(held.text, held.mark, true);
  }

  ping(): void {
    if (!this.muted) this.#end.ping();
  }

  close(code: number, why: string): void {
    if (!this.muted) this.#end.close(code, why);
  }

  mute(): void {
    this.muted = true;
  }

  stall(): void {
    this.stalled = true;
  }

  #strikes(kind: Parameters<FaultPlan['strikes']>[0]): boolean {
    return this.#plan.strikes(kind, this.#nowMs());
  }

  /** No JSON any more, in one of several ways. */
  #broken(text: string): string {
    const { random } = this.#plan;
    switch (random.below(4)) {
      case 0:
        return '<html><body>502 Bad Gateway</body></html>';
      case 1:
        return text.replace('{', '[');
      case 2: {
        // One quote is lost, and with it where every text after it begins.
        const quotes = [...text.matchAll(/"/g)].map((match) => match.index);
        const at = quotes[random.below(quotes.length)];
        return `${text.slice(0, at)}${text.slice(at + 1)}`;
      }
      default:
        return `${text.slice(0, -1)}\u0000\u0000`;
    }
  }
}
