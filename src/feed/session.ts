import type { Verifier } from '../market/index.ts';
import type { Conversation, FeedInstrument, LinkSink } from './protocol.ts';

/**
 * One line of a recorded session: everything that passed between a venue and us, in order. `recvNs` counts from the
 * recording's day.
 */
export type SessionRecord =
  /** `again`: repeated at the head of a log's next file, for a connection that has been open since an earlier one. */
  | {
      readonly kind: 'connect';
      readonly conn: string;
      readonly recvNs: number;
      readonly address: string;
      readonly again?: true;
    }
  | { readonly kind: 'send'; readonly conn: string; readonly recvNs: number; readonly text: string }
  | { readonly kind: 'recv'; readonly conn: string; readonly recvNs: number; readonly bytes: Buffer }
  | {
      readonly kind: 'http';
      readonly conn: string;
      readonly recvNs: number;
      readonly url: string;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'close'; readonly conn: string; readonly recvNs: number; readonly why: string }
  /** Decided by the supervisor: what the frames alone would not tell (`instrument`: `venue:NAME`; `fault`: a `Fault`). */
  | {
      readonly kind: 'fault';
      readonly conn: string;
      readonly recvNs: number;
      readonly instrument: string;
      readonly fault: number;
    };

/** What turns recorded sessions of one venue back into one instrument's events: the venue's own conversation. */
export interface SessionReader {
  readonly instrument: FeedInstrument;
  /** A conversation (with the one instrument, index 0) for a recorded connection; null where that is of no interest. */
  open(address: string, sink: LinkSink): Conversation | null;
  /** The recorded answer from this URL is a snapshot of the instrument. */
  isSnapshot(url: string): boolean;
  verifier(): Verifier | null;
}
