import { crc32 } from 'node:zlib';
import { Random } from '../../src/core/index.ts';
import type { SessionRecord } from '../../src/feed/index.ts';
import { encodeRecord } from '../../src/feed/session-log.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import { listen } from './conversations.ts';
import { type Files, linesOf } from './files.ts';
import { protocolOf } from './protocols.ts';

const DAY = 20_000;

/** What passed between a venue's double and us, as our own recorder writes it. */
export async function recordedSession(venue: DoubleVenue): Promise<Files> {
  const { plan, frames, answers, answersUrl, said, discovery } = listen(venue, await protocolOf(venue));
  let recvNs = 36_000e9;
  const tick = (): number => {
    recvNs += 20e6;
    return recvNs;
  };
  const lines: Buffer[] = [Buffer.from(`{"t":"header","recorder":"bookcast","venue":"${venue}"}\n`)];
  const put = (record: SessionRecord): void => void lines.push(encodeRecord(record, DAY));
  for (const { url, body } of discovery) put({ kind: 'http', conn: 'http.0', recvNs: tick(), url, bytes: body });
  put({ kind: 'connect', conn: 'ws.1', recvNs: tick(), address: plan.url });
  for (const text of said) put({ kind: 'send', conn: 'ws.1', recvNs: tick(), text });
  frames.slice(0, 200).forEach((bytes, i) => {
    put({ kind: 'recv', conn: 'ws.1', recvNs: tick(), bytes });
    if (i % 60 !== 20 || answers.length === 0) return;
    put({ kind: 'http', conn: 'http.1', recvNs: tick(), url: answersUrl, bytes: answers[0] });
  });
  put({ kind: 'close', conn: 'ws.1', recvNs: tick(), why: 'the end' });
  return { 'session.jsonl': lines };
}

/** Kraken's WebSocket v1 in the older text form, checksums and all, of one pair with ten levels a side. */
export function krakenV1Session(): Files {
  const random = new Random(3);
  const asks = new Map<number, number>();
  const bids = new Map<number, number>();
  for (let i = 1; i <= 10; i++) {
    asks.set(132_600 + i, 1 + random.below(1e9));
    bids.set(132_600 - i, 1 + random.below(1e9));
  }
  let clock = 1_618_678_133_000;
  const stamp = (): string => `${(clock / 1000).toFixed(3)}000`;
  const level = (ticks: number, lots: number): string[] => [price(ticks), size(lots), stamp()];
  const best = (side: Map<number, number>, sign: number): [number, number][] =>
    [...side].sort((x, y) => sign * (x[0] - y[0])).slice(0, 10);
  const lines = [
    'wss://ws.kraken.com <-> 1618678132.3858151\n',
    'wss://ws.kraken.com <- 1618678132.8253062: {"event":"subscribe","pair":["WAVES/EUR"],"subscription":{"name":"book","depth":10}}\n',
  ];
  const say = (message: unknown): void => void lines.push(`${(clock / 1000).toFixed(6)}: ${JSON.stringify(message)}\n`);
  say({ connectionID: '17843232920108168701', event: 'systemStatus', status: 'online', version: '1.8.3' });
  say({
    channelID: 1664,
    channelName: 'book-10',
    event: 'subscriptionStatus',
    pair: 'WAVES/EUR',
    status: 'subscribed',
    subscription: { depth: 10, name: 'book' },
  });
  const snapshot = {
    as: best(asks, 1).map(([ticks, lots]) => level(ticks, lots)),
    bs: best(bids, -1).map(([ticks, lots]) => level(ticks, lots)),
  };
  say([1664, snapshot, 'book-10', 'WAVES/EUR']);
  for (let k = 0; k < 150; k++) {
    clock += 1 + random.below(40);
    const isAsk = random.bernoulli(0.5);
    const side = isAsk ? asks : bids;
    const ticks = best(side, isAsk ? 1 : -1)[random.below(10)][0];
    side.set(ticks, 1 + random.below(1e9));
    const text = [...best(asks, 1), ...best(bids, -1)].map(([p, s]) => digits(price(p)) + digits(size(s))).join('');
    say([
      1664,
      { [isAsk ? 'a' : 'b']: [level(ticks, side.get(ticks)!)], c: String(crc32(text)) },
      'book-10',
      'WAVES/EUR',
    ]);
    if (k % 20 === 0) say([1664, [[price(ticks), '1.50000000', stamp(), 'b', 'l', '']], 'trade', 'WAVES/EUR']);
    if (k % 50 === 0) say({ event: 'heartbeat' });
  }
  return { 'KRAKEN.ws.1.0': linesOf(lines.join('')) };
}

const price = (ticks: number): string => (ticks / 10_000).toFixed(6);
const size = (lots: number): string => (lots / 1e6).toFixed(8);
const digits = (text: string): string => text.replace('.', '').replace(/^0+/, '');

/** The Exchange's older feed (`level2`, `matches`) in the text form. */
export function coinbaseTextSession(): Files {
  const random = new Random(4);
  const time = (k: number): string => new Date(1_618_677_817_000 + 40 * k).toISOString().replace('Z', '123Z');
  const side = (sign: number): string[][] =>
    Array.from({ length: 30 }, (_, i) => [(0.7895 + sign * 0.0001 * (i + 1)).toFixed(4), `${random.below(90_000)}.5`]);
  const lines = [
    'wss://ws-feed.pro.coinbase.com <-> 1618677816.8434298\n',
    'wss://ws-feed.pro.coinbase.com <- 1618677817.020616: {"type":"subscribe","product_ids":["SKL-USD"],"channels":["level2","matches"]}\n',
  ];
  const say = (k: number, message: unknown): void =>
    void lines.push(`${(1_618_677_817 + 0.04 * k).toFixed(6)}: ${JSON.stringify(message)}\n`);
  say(1, { type: 'subscriptions', channels: [{ name: 'level2', product_ids: ['SKL-USD'] }] });
  say(2, { type: 'snapshot', product_id: 'SKL-USD', asks: side(1), bids: side(-1) });
  const order = '27fff20b-af29-4f45-8744-56dd1ef57dc0';
  for (let k = 3; k < 150; k++) {
    const which = random.bernoulli(0.5) ? 'buy' : 'sell';
    const at = (0.7895 + (which === 'buy' ? -1 : 1) * 0.0001 * (1 + random.below(30))).toFixed(4);
    const change = [which, at, random.bernoulli(0.3) ? '0.0' : `${random.below(9000)}.1`];
    say(k, { type: 'l2update', product_id: 'SKL-USD', changes: [change], time: time(k) });
    if (k % 9 !== 0) continue;
    const ids = { trade_id: 881_613 + k, maker_order_id: order, taker_order_id: order };
    say(k, {
      type: 'match',
      ...ids,
      side: which,
      size: '0.4',
      price: at,
      product_id: 'SKL-USD',
      sequence: k,
      time: time(k),
    });
  }
  return { 'COINBASE.ws.1.0': linesOf(lines.join('')) };
}

/** A full-depth snapshot and level-2 updates as CSV. */
export function coinbaseCsv(): Files {
  const random = new Random(5);
  const level = (sign: number, i: number): string => (9192 + sign * (0.01 + 0.37 * i)).toFixed(2);
  const side = (name: string, sign: number): string =>
    `side,price,size\n${Array.from({ length: 40 }, (_, i) => `${name},${level(sign, i)},${(random.below(9e6) / 1e6 + 0.001).toFixed(6)}\n`).join('')}`;
  let updates = 'side,price,size,time\n';
  for (let k = 0; k < 80; k++) {
    const [name, sign] = random.bernoulli(0.5) ? (['buy', -1] as const) : (['sell', 1] as const);
    const amount = random.bernoulli(0.3) ? '0.0' : (0.001 + random.below(9e6) / 1e6).toFixed(8);
    const time = new Date(Date.UTC(2018, 3, 24, 3, 52, 17) + 31 * k).toISOString();
    updates += `${name},${level(sign, random.below(50))},${amount},${time}\n`;
  }
  return {
    'snapshot_asks.csv': linesOf(side('sell', 1)),
    'snapshot_bids.csv': linesOf(side('buy', -1)),
    'l2update_15min_1.csv': linesOf(updates),
  };
}
