import { Random } from '../../../src/core/index.ts';

/**
 * A market with a whole book, order by order, written out the way LOBSTER does: only what touches the best L levels, and
 * after each message the best L levels. Naive on purpose: maps and sorting, nothing shared with the decoder.
 */
export interface PaperDay {
  levels: number;
  /** Lines of the message file, without line ends. */
  messages: string[];
  /** Cells of the order book file. */
  rows: string[][];
  /** Both sides after each message, best first, in cents and shares. */
  truth: { bids: [number, number][]; asks: [number, number][] }[];
}

interface Order {
  id: number;
  /** 1 bid, −1 ask. */
  side: 1 | -1;
  cents: number;
  size: number;
}

export function paperDay(seed: number, levels: number, events: number): PaperDay {
  const random = new Random(seed);
  const orders = new Map<number, Order>();
  const day: PaperDay = { levels, messages: [], rows: [], truth: [] };
  let ns = 34_200_000_000_000;
  let nextId = 1;

  const side = (which: 1 | -1): [number, number][] => {
    const sizes = new Map<number, number>();
    for (const order of orders.values()) {
      if (order.side === which) sizes.set(order.cents, (sizes.get(order.cents) ?? 0) + order.size);
    }
    return [...sizes].sort((a, b) => (b[0] - a[0]) * which).slice(0, levels);
  };
  const view = () => ({ bids: side(1), asks: side(-1) });
  const write = (type: number, id: number, size: number, price: number, direction: number): void => {
    ns += random.below(3) * random.below(1_000_000_000);
    const fraction = String(ns % 1_000_000_000)
      .padStart(9, '0')
      .replace(/0+$/, '');
    const seconds = `${Math.floor(ns / 1_000_000_000)}${fraction === '' ? '' : `.${fraction}`}`;
    day.messages.push([seconds, type, id, size, price, direction].join(','));
    const now = view();
    day.truth.push(now);
    const cells: string[] = [];
    for (let rank = 0; rank < levels; rank++) {
      const ask = now.asks[rank];
      const bid = now.bids[rank];
      cells.push(ask ? String(ask[0] * 100) : '9999999999', ask ? String(ask[1]) : '0');
      cells.push(bid ? String(bid[0] * 100) : '-9999999999', bid ? String(bid[1]) : '0');
    }
    day.rows.push(cells);
  };
  /** Applies a change and writes it where the window shows it. */
  const change = (type: number, order: Order, size: number, apply: () => void): void => {
    const before = JSON.stringify(view());
    apply();
    if (JSON.stringify(view()) !== before) write(type, order.id, size, order.cents * 100, order.side);
  };
  const add = (): void => {
    const which = random.bernoulli(0.5) ? 1 : -1;
    const opposite = side(which === 1 ? -1 : 1)[0]?.[0] ?? 10_000 + which;
    const order: Order = {
      id: nextId++,
      side: which,
      cents: opposite - which * (1 + random.geometric(0.15)),
      size: 1 + random.below(9),
    };
    change(1, order, order.size, () => orders.set(order.id, order));
  };
  const anyOrder = (): Order => [...orders.values()][random.below(orders.size)];

  for (let i = 0; i < 3 * levels; i++) add();
  // The day begins with the book as it stands: what was written so far is before the opening.
  day.messages.length = day.rows.length = day.truth.length = 0;
  while (day.messages.length < events) {
    const draw = random.float();
    if (orders.size < levels || draw < 0.45) add();
    else if (draw < 0.6) {
      const order = anyOrder();
      if (order.size > 1) change(2, order, 1, () => order.size--);
    } else if (draw < 0.8) {
      const order = anyOrder();
      change(3, order, order.size, () => orders.delete(order.id));
    } else if (draw < 0.92) {
      const which = random.bernoulli(0.5) ? 1 : -1;
      const best = side(which)[0];
      const order = [...orders.values()].find((o) => best && o.side === which && o.cents === best[0]);
      if (order === undefined) continue;
      const size = 1 + random.below(order.size);
      change(4, order, size, () => {
        order.size -= size;
        if (order.size === 0) orders.delete(order.id);
      });
    } else if (draw < 0.98) write(5, 0, 1 + random.below(50), 1_000_000 + 50 * random.below(40) - 1000, 1);
    else if (draw < 0.99) write(6, 0, 100, 1_000_000, -1);
    else write(7, 0, 0, random.below(3) - 1, -1);
  }
  return day;
}

/** Bodies of the two files. */
export function textOf(day: PaperDay): { message: string; orderbook: string } {
  return {
    message: day.messages.map((line) => `${line}\n`).join(''),
    orderbook: day.rows.map((cells) => `${cells.join(',')}\n`).join(''),
  };
}
