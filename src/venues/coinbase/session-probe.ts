import { textOf } from '../../core/index.ts';
import type { HttpAnswer } from '../../feed/index.ts';
import { inspectFile, LineSplitter, readChunks } from '../../files/index.ts';
import { advancedProducts, exchangeProducts, type Product } from './products.ts';

/** Lines of a session looked at. */
const PROBE_LINES = 1000;
const TEXT_LINE = /^(?:\S+:\/\/\S* (?:<->|<-|->) )?\d{1,12}(?:\.\d+)?: (.*)$/s;
const DECIMAL = /^\d+(?:\.(\d+))?$/;

export type Speech = 'advanced' | 'level2_batch' | 'full';

type Message = Readonly<Record<string, unknown>>;

/** What the beginning of a recorded session tells. */
export interface SessionFacts {
  /** How the venue speaks in it; null where none of its messages is Coinbase's. */
  readonly speech: Speech | null;
  /** Products in the messages, with the decimals that their prices and sizes are written with; −1 where none was seen. */
  readonly seen: ReadonlyMap<string, { price: number; size: number }>;
  /** The venue's own list, where the session has it. */
  readonly products: readonly Product[];
}

export async function probeSession(path: string): Promise<SessionFacts> {
  const probe = new Probe();
  const splitter = new LineSplitter(path);
  let left = PROBE_LINES;
  const look = (): void => {
    left--;
    probe.line(splitter.bytes.toString('utf8', splitter.from, splitter.to));
  };
  for await (const chunk of readChunks(path, await inspectFile(path), () => {})) {
    splitter.feed(chunk);
    while (left > 0 && splitter.next()) look();
    if (left === 0) return probe;
  }
  if (splitter.end()) look();
  return probe;
}

class Probe implements SessionFacts {
  speech: Speech | null = null;
  readonly seen = new Map<string, { price: number; size: number }>();
  products: readonly Product[] = [];

  line(text: string): void {
    if (text.startsWith('{')) {
      const record = parse(text);
      if (typeof record?.data !== 'string') return;
      if (record.t === 'http') this.#answer(textOf(record.url), record.data);
      else if (record.t === 'recv') this.#message(parse(record.data));
    } else this.#message(parse(TEXT_LINE.exec(text)?.[1] ?? ''));
  }

  #answer(url: string, data: string): void {
    const read = url.includes('/brokerage/') ? advancedProducts : /\/products$/.test(url) ? exchangeProducts : null;
    if (read === null) return;
    const answer: HttpAnswer = { url, status: 200, headers: {}, body: Buffer.from(data) };
    try {
      this.products = read(answer);
    } catch {
      // Then the messages must tell.
    }
  }

  #message(message: Message | null): void {
    if (message === null) return;
    if ('sequence_num' in message) {
      this.speech = 'advanced';
      for (const event of listOf(message.events)) {
        for (const update of listOf(event.updates)) {
          this.#count(event.product_id, update.price_level, update.new_quantity);
        }
        for (const trade of listOf(event.trades)) this.#count(trade.product_id, trade.price, trade.size);
      }
      return;
    }
    const { type, product_id: product } = message;
    if (type === 'snapshot' || type === 'l2update') {
      this.speech ??= 'level2_batch';
      for (const side of [message.bids, message.asks, message.changes]) {
        for (const level of Array.isArray(side) ? (side as unknown[]) : []) {
          if (Array.isArray(level)) this.#count(product, level.at(-2), level.at(-1));
        }
      }
    } else if (type === 'open' || type === 'received' || type === 'done') {
      this.speech = 'full';
      this.#count(product, message.price, message.remaining_size ?? message.size);
    } else if (type === 'match' || type === 'last_match') this.#count(product, message.price, message.size);
  }

  #count(product: unknown, price: unknown, size: unknown): void {
    if (typeof product !== 'string') return;
    const decimals = this.seen.get(product) ?? { price: -1, size: -1 };
    decimals.price = Math.max(decimals.price, decimalsOf(price));
    decimals.size = Math.max(decimals.size, decimalsOf(size));
    this.seen.set(product, decimals);
  }
}

/** Decimals as written: the venue pads prices and sizes to their increments. −1 where the value is no decimal text. */
function decimalsOf(value: unknown): number {
  const match = typeof value === 'string' ? DECIMAL.exec(value) : null;
  return match === null ? -1 : (match[1] ?? '').length;
}

function listOf(value: unknown): readonly Message[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).filter((item) => typeof item === 'object' && item !== null) as Message[];
}

function parse(text: string): Message | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Message) : null;
  } catch {
    return null;
  }
}
