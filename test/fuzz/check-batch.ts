import { BookcastError, MAX_EXACT, MAX_PRICE_TICKS, NO_PRICE } from '../../src/core/index.ts';
import { type EventBatch, EventFlag, EventKind, Fault } from '../../src/market/index.ts';

const FAULTS = new Set<number>(Object.values(Fault));

/**
 * Throws where a batch says what no decoder may say: half a message, a price out of range, a size that is no whole number,
 * a level outside a message that chains, a time that is none.
 */
export function checkBatch(batch: EventBatch): void {
  const { length, kind, flags } = batch;
  let head = -1;
  let begins = true;
  for (let i = 0; i < length; i++) {
    const fail = (what: string): never => {
      throw new Error(`row ${i} of ${length} (kind ${kind[i]}): ${what}`);
    };
    if (begins) head = kind[i];
    checkRow(batch, i, fail);
    const isHead = kind[i] === EventKind.SNAPSHOT || kind[i] === EventKind.DELTA;
    if (isHead && !begins) fail('a head row inside a message');
    if (
      kind[i] === EventKind.LEVEL &&
      head !== EventKind.SNAPSHOT &&
      head !== EventKind.DELTA &&
      head > EventKind.EXECUTE
    )
      fail('a level in a message without a head');
    begins = (flags[i] & EventFlag.MESSAGE_END) !== 0;
  }
  if (!begins) throw new Error(`the last of ${length} rows does not end its message`);
}

function checkRow(batch: EventBatch, i: number, fail: (what: string) => never): void {
  const kind = batch.kind[i];
  const ticks = batch.priceTicks[i];
  const lots = batch.sizeLots[i];
  if (kind > EventKind.CHECKSUM) fail('an unknown kind');
  if (batch.side[i] > 2) fail(`side ${batch.side[i]}`);
  if (!(Number.isInteger(lots) && lots >= 0 && lots <= MAX_EXACT)) fail(`size ${lots}`);
  const inRange = ticks > 0 && ticks <= MAX_PRICE_TICKS;
  const mayLack = kind === EventKind.BBO || kind === EventKind.TRADE || kind > EventKind.BBO;
  if (!inRange && !(mayLack && ticks === NO_PRICE)) fail(`price of ${ticks} ticks`);
  if (kind <= EventKind.EXECUTE && batch.side[i] > 1) fail('no side');
  if (kind === EventKind.FAULT && !FAULTS.has(lots)) fail(`fault ${lots}`);
  if (kind === EventKind.CHECKSUM && lots > 0xffffffff) fail(`checksum ${lots}`);
  if (!(Math.abs(batch.sequence[i]) <= MAX_EXACT)) fail(`sequence ${batch.sequence[i]}`);
  if (!(Math.abs(batch.orderId[i]) <= MAX_EXACT)) fail(`order id ${batch.orderId[i]}`);
  if (!Number.isFinite(batch.tsEventNs[i])) fail(`event time ${batch.tsEventNs[i]}`);
  if (!Number.isFinite(batch.tsRecvNs[i])) fail(`receive time ${batch.tsRecvNs[i]}`);
}

/** True for an error that a reader may throw at bad input: one of ours, with words. Throws any other again. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof BookcastError && error.code !== 'not-found' && error.message.length > 10) return true;
  throw error;
}
