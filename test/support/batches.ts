import { BatchBuilder, type EventBatch, messageEnd } from '../../src/market/index.ts';

/** Everything that an async source yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A batch of chosen messages: `keep` is asked once a message, by its first row. */
export function filterMessages(
  batch: EventBatch,
  keep: (batch: EventBatch, from: number) => boolean,
): EventBatch | null {
  const builder = new BatchBuilder(batch.instrument, batch.day, Math.max(1, batch.length));
  for (let from = 0; from < batch.length; ) {
    const to = messageEnd(batch, from);
    if (keep(batch, from)) for (let i = from; i < to; i++) pushRow(builder, batch, i);
    from = to;
  }
  return builder.finish();
}

export function pushRow(builder: BatchBuilder, batch: EventBatch, i: number): void {
  builder.push(
    batch.kind[i] as never,
    batch.side[i] as never,
    batch.priceTicks[i],
    batch.sizeLots[i],
    batch.tsEventNs[i],
    batch.tsRecvNs[i],
    batch.sequence[i],
    batch.orderId[i],
  );
  builder.flag(batch.flags[i]);
}
