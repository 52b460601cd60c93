import {
  BookSync,
  Effect,
  EventKind,
  type EventSource,
  type Instrument,
  LadderBook,
  messageEnd,
  Side,
} from '../../src/market/index.ts';
import { level, type Message, messageOf, type Row, snapshot } from './random-market.ts';

/** The first messages of a recording from its first known book on, in the form of tests. */
export async function recordedMessages(
  source: EventSource,
  count: number,
): Promise<{ instrument: Instrument; messages: Message[] }> {
  const { instrument } = source;
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(instrument, book);
  const messages: Message[] = [];
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const effect = sync.applyMessage(batch, from, to);
      const tsNs = instrument.burstQuietNs === 0 ? batch.tsEventNs[from] : batch.tsRecvNs[from];
      if (effect === Effect.RESYNCED)
        messages.push(snapshot(tsNs, [...levelsOf(book, Side.BID), ...levelsOf(book, Side.ASK)]));
      else if (messages.length > 0 && effect !== Effect.OLD && batch.kind[from] !== EventKind.BBO) {
        messages.push(messageOf(batch, from, to, tsNs));
      }
      from = to;
      if (messages.length === count) return { instrument: { ...instrument, sequencing: 'linked' }, messages };
    }
  }
  throw new Error(`the recording has only ${messages.length} messages`);
}

function levelsOf(book: LadderBook, side: Side): Row[] {
  const n = book.levelCount(side);
  const ticks = new Int32Array(n);
  const lots = new Float64Array(n);
  book.top(side, n, ticks, lots);
  return Array.from(ticks, (price, i) => level(side, price, lots[i]));
}
