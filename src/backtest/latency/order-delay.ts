import { assert, BookcastError, NS_PER_DAY, NS_PER_MS, Random } from '../../core/index.ts';
import { CsvTable } from '../csv-table.ts';

/** How long orders and reports take. The part of a `LatencyModel` that is about orders. */
export interface OrderDelay {
  readonly assumption: string;
  entry(sentNs: number): number;
  response(exchangeNs: number): number;
}

export class ConstantOrders implements OrderDelay {
  readonly assumption: string;
  readonly #entryNs: number;
  readonly #responseNs: number;

  constructor(entryNs: number, responseNs: number) {
    assert(entryNs >= 0 && responseNs >= 0 && Number.isFinite(entryNs + responseNs), 'a delay is at least 0');
    this.#entryNs = entryNs;
    this.#responseNs = responseNs;
    this.assumption = `orders: ${entryNs / NS_PER_MS} ms there, ${responseNs / NS_PER_MS} ms back`;
  }

  entry(): number {
    return this.#entryNs;
  }

  response(): number {
    return this.#responseNs;
  }
}

/** Orders that a user placed at the venue and timed, in order of sending. */
export interface Placements {
  /** Where they come from, for the assumptions. */
  readonly path: string;
  /** Ns since 1970. */
  readonly sentNs: BigInt64Array;
  readonly entryNs: Float64Array;
  readonly responseNs: Float64Array;
}

/**
 * Placements of a CSV file with the columns `sent_ns`, `exchange_ns` and `received_ns`, ns since 1970: entry is `exchange − sent`, response `received − exchange`. Throws
 * `bad-input` naming line and column for what is no time, for times that go back (then the clocks differ), and for lines out of order.
 */
export function parsePlacements(text: string, path: string): Placements {
  const { rows } = new CsvTable(text, path, ['sent_ns', 'exchange_ns', 'received_ns']);
  const sentNs = new BigInt64Array(rows.length);
  const entryNs = new Float64Array(rows.length);
  const responseNs = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const [sent, exchange, received] = [row.integer('sent_ns'), row.integer('exchange_ns'), row.integer('received_ns')];
    if (i > 0 && sent < sentNs[i - 1]) throw row.mismatch('sent_ns', 'a time not before that of the line before');
    if (exchange < sent) {
      throw row.mismatch(
        'exchange_ns',
        `a time not before sent_ns (${sent}): correct for the difference of the two clocks`,
      );
    }
    if (received < exchange) {
      throw row.mismatch(
        'received_ns',
        `a time not before exchange_ns (${exchange}): correct for the difference of the two clocks`,
      );
    }
    sentNs[i] = sent;
    entryNs[i] = Number(exchange - sent);
    responseNs[i] = Number(received - exchange);
  });
  return { path, sentNs, entryNs, responseNs };
}

/** Delays drawn from measured ones, with replacement, by a seeded stream; entry and response are drawn apart. */
export class DrawnOrders implements OrderDelay {
  readonly assumption: string;
  readonly #placements: Placements;
  readonly #random: Random;

  constructor(placements: Placements, seed: number) {
    assert(placements.entryNs.length > 0, 'there is a placement');
    this.#placements = placements;
    this.#random = new Random(seed);
    this.assumption = `orders: drawn from ${placements.entryNs.length} placements of ${placements.path} (seed ${seed}), ${spread(placements)}`;
  }

  entry(): number {
    const { entryNs } = this.#placements;
    return entryNs[this.#random.below(entryNs.length)];
  }

  response(): number {
    const { responseNs } = this.#placements;
    return responseNs[this.#random.below(responseNs.length)];
  }
}

/** Delays of the placements before and after in time, with weights by how near they are; before the first and after the last, theirs. */
export class InterpolatedOrders implements OrderDelay {
  readonly assumption: string;
  readonly #placements: Placements;
  /** Of sending and of the venue's acting, ns since the run's first midnight. */
  readonly #sentNs: Float64Array;
  readonly #exchangeNs: Float64Array;

  /** Throws `bad-input` where no placement is within a day of the run's first day: they say nothing of it. */
  constructor(placements: Placements, startDay: number) {
    const midnight = BigInt(startDay) * BigInt(NS_PER_DAY);
    this.#placements = placements;
    this.#sentNs = Float64Array.from(placements.sentNs, (ns) => Number(ns - midnight));
    this.#exchangeNs = this.#sentNs.map((ns, i) => ns + placements.entryNs[i]);
    const { length } = this.#sentNs;
    assert(length > 0, 'there is a placement');
    if (this.#sentNs[length - 1] < -NS_PER_DAY || this.#sentNs[0] > 2 * NS_PER_DAY) {
      throw new BookcastError(
        'bad-input',
        `${placements.path}: no placement is within a day of the run, so that none can be interpolated: use placements of that day, or draw them at random`,
        { path: placements.path, startDay },
      );
    }
    this.assumption = `orders: interpolated in time between ${length} placements of ${placements.path}, ${spread(placements)}`;
  }

  entry(sentNs: number): number {
    return between(this.#sentNs, this.#placements.entryNs, sentNs);
  }

  response(exchangeNs: number): number {
    return between(this.#exchangeNs, this.#placements.responseNs, exchangeNs);
  }
}

/** The value at `x`, on straight lines between points with ascending `xs`. */
function between(xs: Float64Array, ys: Float64Array, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return ys[0];
  if (low === xs.length) return ys[low - 1];
  const part = (x - xs[low - 1]) / (xs[low] - xs[low - 1]);
  return Math.round(ys[low - 1] + part * (ys[low] - ys[low - 1]));
}

function spread({ entryNs, responseNs }: Placements): string {
  const median = (ns: Float64Array): number => ns.toSorted()[(ns.length - 1) >> 1] / NS_PER_MS;
  return `median ${median(entryNs)} ms there, ${median(responseNs)} ms back`;
}
