import type { Governor } from './governor.ts';
import type { ReceiveClock } from './receive-clock.ts';
import type { SessionRecord } from './session.ts';
import type { World } from './world.ts';

/** What the parts of one supervisor share. */
export interface Desk {
  readonly world: World;
  readonly clock: ReceiveClock;
  readonly governor: Governor;
  /** One line for people. */
  note(line: string): void;
  /** Null where nobody listens: then nothing is built for it. */
  readonly record: ((record: SessionRecord) => void) | null;
  /** The instrument of that index has events to hand out. */
  stirred(index: number): void;
  /** The instrument of that index has a batch ready to be taken. */
  ready(index: number): void;
  /** A socket came to be, or is gone for good. */
  countSocket(change: 1 | -1): void;
}
