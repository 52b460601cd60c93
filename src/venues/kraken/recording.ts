import { BookcastError } from '../../core/index.ts';
import { type Conversation, type LinkSink, openSession, type SessionReader } from '../../feed/index.ts';
import { checksumVerifier, type EventSource } from '../../market/index.ts';
import { krakenInstrument } from './pairs.ts';
import { probeSession } from './probe.ts';
import { V1Conversation } from './v1-conversation.ts';
import { V2Conversation } from './v2-conversation.ts';

export interface KrakenRecordingOptions {
  /** Files of one recorded session, oldest first. */
  readonly paths: readonly string[];
  /** The pair, such as `BTC/USD` or `XBT/USD`; needed where a session holds several. */
  readonly symbol?: string | undefined;
}

/**
 * Opens recorded WebSocket sessions with Kraken, v1 or v2, as one pair's events. Every message that carries a checksum is
 * verified. Reads the beginning of every file: throws `not-found`, `bad-input` or `bad-argument` saying what is wrong with
 * which file.
 *
 * Steps: the tick is the one that the session's own `AssetPairs` answer tells, or where it has none, the power of ten that all
 * prices in the first lines are whole numbers of. A later price that does not fit is an error, never rounded.
 */
export async function openKraken(options: KrakenRecordingOptions): Promise<EventSource> {
  const { paths, symbol } = options;
  if (paths.length === 0) throw new BookcastError('bad-argument', 'no Kraken recording was named');
  const facts = await probeSession(paths, symbol ?? null);
  const instrument = krakenInstrument(facts.symbol, facts.pair, facts.depth);
  const instruments = [instrument];
  const reader: SessionReader = {
    instrument,
    open(address: string, sink: LinkSink): Conversation | null {
      if (address.includes('futures')) return null;
      const v2 = address === '' ? facts.v2 : /\/v2\/?$/.test(address);
      return v2 ? new V2Conversation(instruments, sink) : new V1Conversation(instruments, sink);
    },
    isSnapshot: () => false,
    verifier: () => checksumVerifier(instrument.instrument),
  };
  return openSession(paths, reader);
}
