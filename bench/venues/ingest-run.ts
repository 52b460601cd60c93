import { monitorEventLoopDelay } from 'node:perf_hooks';
import { assert, type Clock, Random, systemClock } from '../../src/core/index.ts';
import { type SocketHandlers, Supervisor, type Transport } from '../../src/feed/index.ts';
import { type LadderBook, priceStep, SyncState, sizeStep } from '../../src/market/index.ts';
import { binanceProtocol } from '../../src/venues/binance/index.ts';
import type { BinanceMarket } from '../../src/venues/binance/instruments.ts';
import { VirtualTime } from '../../test/feed/virtual-world.ts';
import { dataPath } from '../../test/support/data.ts';
import { packageVersion } from '../harness.ts';
import { type CcxtClasses, CcxtFeed, loadCcxt } from './ccxt-binance.ts';
import { recordedLines, syntheticLines } from './depth-stream.ts';
import { frameTape, type Part, Player, snapshotOf } from './ingest-frames.ts';

const MARKETS: readonly [file: string, symbol: string, market: BinanceMarket, name: (i: string) => string][] = [
  ['usdm_btcusdt_20240808.gz', 'BTCUSDT', 'USDM', (i) => `X${i}USDT`],
  ['spot_btcusdt_20240808.gz', 'BTCUSDT', 'SPOT', (i) => `X${i}USDT`],
  ['cm_btcusd_perp_20240808.gz', 'BTCUSD_PERP', 'COINM', (i) => `X${i}USD_PERP`],
];
/** Longer than any frame, the one that turns a book back included. */
const FRAME_BYTES = 1 << 20;

/** What is played. */
export interface Score {
  readonly origin: string;
  readonly parts: readonly Part[];
}

/**
 * `count` instruments of the three markets, made of one recording each with other symbols: all messages as they were sent, best
 * quotes and trades included. Each begins at another place, so that no two are at the same one. `lines`: of each recording.
 */
export function makeScore(count: number, lines = Number.POSITIVE_INFINITY): Score {
  const found = MARKETS.filter(([file]) => dataPath(`binance/${file}`) !== null);
  const recorded = found.length > 0;
  const markets = recorded ? found : MARKETS.slice(0, 1);
  const tapes = markets.map(([file, symbol, market]) => {
    const all = recorded ? recordedLines(dataPath(`binance/${file}`)!) : syntheticLines(Math.min(lines, 6000));
    return frameTape(market, symbol, all.slice(0, lines));
  });
  const parts = tapes.flatMap((tape, which) => {
    const numbers = Array.from({ length: count }, (_, i) => i).filter((i) => i % tapes.length === which);
    const places = numbers.map((i) => Math.floor((tape.frames.length * i) / count));
    const snapshots = tape.snapshots(places);
    const name = markets[which][3];
    return numbers.map((i, k) => ({
      tape,
      symbol: name(String(i).padStart(2, '0')),
      at: places[k],
      snapshot: snapshots[k],
    }));
  });
  // Markets by turns.
  parts.sort((a, b) => a.symbol.slice(1, 3).localeCompare(b.symbol.slice(1, 3)));
  return { origin: recorded ? 'recorded frames' : 'synthetic frames (no recording here)', parts };
}

/** One side: takes the instruments' frames in turn. */
abstract class Side {
  protected readonly players: readonly Player[];
  readonly #frame = Buffer.alloc(FRAME_BYTES);
  #turn = 0;
  events = 0;

  constructor(score: Score) {
    this.players = score.parts.map((part) => new Player(part));
  }

  protected abstract take(player: number, frame: Buffer): void;
  /** Does what falls due, and takes what is ready. */
  abstract settle(): void;
  abstract hash(): string;

  /** Delivers so many frames. */
  play(frames: number): void {
    for (let i = 0; i < frames; i++) {
      const turn = this.#turn;
      this.#turn = turn + 1 === this.players.length ? 0 : turn + 1;
      const player = this.players[turn];
      const length = player.next(this.#frame);
      this.events += player.events;
      this.take(turn, this.#frame.subarray(0, length));
    }
  }
}

/** The machine's time, save that waiting can be skipped. Timers run when `settle` is called. */
class SkippingTime implements Clock {
  readonly timers = new VirtualTime();
  #skippedNs = 0;
  readonly #startNs = systemClock.monotonicNs();

  nowMs(): number {
    return systemClock.nowMs() + this.#skippedNs / 1e6;
  }

  monotonicNs(): number {
    return systemClock.monotonicNs() + this.#skippedNs;
  }

  settle(): void {
    this.timers.runUntil((this.monotonicNs() - this.#startNs) / 1e6);
  }

  skip(ms: number): void {
    this.#skippedNs += ms * 1e6;
    this.settle();
  }
}

/** Frames through the supervisor, as from its sockets, to batches that are taken. */
export class Ours extends Side {
  readonly supervisor: Supervisor;
  readonly #time = new SkippingTime();
  /** By player: the socket that carries it. */
  readonly #sockets: SocketHandlers[] = [];
  /** Batches' rows taken. */
  taken = 0;

  constructor(score: Score) {
    super(score);
    const bySymbol = new Map(this.players.map((player, i) => [player.feed.symbol, i]));
    const { timers } = this.#time;
    const transport: Transport = {
      connect: (url, handlers) => {
        for (const [, symbol] of decodeURIComponent(url).matchAll(/([^/=]+)@depth/g)) {
          this.#sockets[bySymbol.get(symbol.toUpperCase())!] = handlers;
        }
        timers.after(1, () => handlers.opened());
        const nothing = (): void => {};
        return { send: nothing, ping: () => void timers.after(1, () => handlers.beat()), close: nothing };
      },
      request: ({ url }, _timeoutMs, done) => {
        const index = bySymbol.get(new URL(url).searchParams.get('symbol')!)!;
        return timers.after(1, () => done({ url, status: 200, headers: {}, body: this.#snapshot(index) }));
      },
    };
    const instruments = this.players.map(({ feed }) => feed);
    const world = { clock: this.#time, timers, transport, random: new Random(1) };
    this.supervisor = new Supervisor({ protocol: binanceProtocol(), instruments, world });
    this.supervisor.start();
    this.#begin();
  }

  /** Until all books are synced: a frame of each, and the time that the venue's limits make requests wait, skipped. */
  #begin(): void {
    const { instruments } = this.supervisor;
    this.#time.skip(2000);
    this.play(instruments.length);
    for (let i = 0; i < 3000 && this.unsynced > 0; i++) {
      this.#time.skip(100);
      this.settle();
    }
    assert(this.unsynced === 0, 'all books are synced');
  }

  /**
   * What the venue would answer: at first the recorded snapshot; later the book as it stands, for we ask anew before the best
   * prices leave what the last snapshot told.
   */
  #snapshot(index: number): Buffer {
    const { levels, lastSequence } = this.supervisor.sync(index);
    const { feed, snapshot } = this.players[index];
    return Number.isNaN(lastSequence) ? snapshot : snapshotOf(levels, lastSequence, feed.instrument);
  }

  get unsynced(): number {
    return this.players.filter((_, i) => this.supervisor.sync(i).state !== SyncState.SYNCED).length;
  }

  /** Gaps and the like of all books. */
  get faults(): number {
    let sum = 0;
    this.players.forEach((_, i) => {
      const { gaps, crossed, stale, overflow, disconnects, unparsable, missingTrades } = this.supervisor.health(i);
      sum += gaps + crossed + stale + overflow + disconnects + unparsable + missingTrades;
    });
    return sum;
  }

  get resyncs(): number {
    return this.players.reduce((sum, _, i) => sum + this.supervisor.health(i).resyncs, 0);
  }

  protected override take(player: number, frame: Buffer): void {
    this.#sockets[player].received(frame);
  }

  override settle(): void {
    this.#time.settle();
    for (let next = this.supervisor.take(); next !== null; next = this.supervisor.take())
      this.taken += next.batch.length;
  }

  override hash(): string {
    return combined(
      this.players.map((_, i) => {
        const { levels, lastSequence } = this.supervisor.sync(i);
        return [levels, lastSequence];
      }),
    );
  }
}

/** The same frames through ccxt. */
export class Theirs extends Side {
  readonly #feeds: readonly CcxtFeed[];

  constructor(score: Score, ccxt: CcxtClasses) {
    super(score);
    const byMarket = new Map<BinanceMarket, CcxtFeed>();
    for (const { tape } of score.parts) {
      if (byMarket.has(tape.market)) continue;
      const symbols = score.parts.filter((part) => part.tape === tape).map(({ symbol }) => symbol);
      byMarket.set(tape.market, new CcxtFeed(ccxt, symbols, tape.market === 'SPOT'));
    }
    this.#feeds = score.parts.map(({ tape }) => byMarket.get(tape.market)!);
    this.players.forEach(({ feed, snapshot }, i) => {
      const { lastUpdateId, bids, asks } = JSON.parse(snapshot.toString('latin1'));
      this.#feeds[i].snapshot(feed.symbol, bids, asks, lastUpdateId);
    });
    this.play(this.players.length);
  }

  protected override take(player: number, frame: Buffer): void {
    this.#feeds[player].receive(frame.toString('latin1'));
  }

  override settle(): void {}

  override hash(): string {
    return combined(
      this.players.map(({ feed: { instrument, symbol } }, i) => [
        this.#feeds[i].book(symbol, priceStep(instrument), sizeStep(instrument)),
        this.#feeds[i].nonce(symbol),
      ]),
    );
  }
}

function combined(books: readonly (readonly [LadderBook, number])[]): string {
  let hash = 0;
  for (const [book, id] of books) hash = (hash * 31 + book.hash() + id) % 2 ** 47;
  return hash.toString(16);
}

export interface Paced {
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** Of all threads of the process, of one core. */
  readonly cpuShare: number;
  /** Of the main thread's event loop, ms. */
  readonly delayP50: number;
  readonly delayP99: number;
  readonly delayMax: number;
  /** JavaScript heap and buffers: the least in the first and in the last tenth of the time, for garbage comes and goes. */
  readonly heapStartMb: number;
  readonly heapEndMb: number;
  /** Resident memory, at the end of the first and of the last tenth. */
  readonly rssStartMb: number;
  readonly rssEndMb: number;
}

/** Slices of work are so far apart. */
const TICK_MS = 5;
/** One that cannot keep up still has to let the event loop turn. */
const LONGEST_SLICE_MS = 100;
const DELAY_RESOLUTION_MS = 1;
/** Frames between two looks at the clock. */
const SLICE_FRAMES = 64;
const SAMPLES = 200;
/** One sample in so many is told as progress. */
const TOLD = 10;

/** Memory through a run, by tenths. */
class Memory {
  readonly heapMb: number[] = [];
  readonly rssMb: number[] = [];

  sample(): void {
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    this.heapMb.push((heapUsed + arrayBuffers) / 2 ** 20);
    this.rssMb.push(rss / 2 ** 20);
  }

  get figures() {
    const { heapMb, rssMb } = this;
    const tenth = Math.max(1, Math.floor(heapMb.length / 10));
    return {
      heapStartMb: Math.min(...heapMb.slice(0, tenth)),
      heapEndMb: Math.min(...heapMb.slice(-tenth)),
      rssStartMb: rssMb[tenth - 1],
      rssEndMb: rssMb[rssMb.length - 1],
    };
  }
}

/** Plays at `rate` events a second for so long. What falls behind is caught up, as far as the side is able to. */
export async function playPaced(
  side: Ours | Theirs,
  rate: number,
  seconds: number,
  progress: (elapsedS: number) => void = () => {},
): Promise<Paced> {
  const memory = new Memory();
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const cpu = process.cpuUsage();
  const start = systemClock.monotonicNs();
  const events = side.events;
  delay.enable();
  let elapsedS = 0;
  for (let samples = 0; elapsedS < seconds; ) {
    const due = events + elapsedS * rate;
    const until = systemClock.monotonicNs() + LONGEST_SLICE_MS * 1e6;
    while (side.events < due && systemClock.monotonicNs() < until) side.play(SLICE_FRAMES);
    side.settle();
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    elapsedS = (systemClock.monotonicNs() - start) / 1e9;
    if (elapsedS < (samples * seconds) / SAMPLES) continue;
    memory.sample();
    if (samples++ % TOLD === 0) progress(elapsedS);
  }
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: elapsedS,
    eventsPerSecond: (side.events - events) / elapsedS,
    cpuShare: (user + system) / 1e6 / elapsedS,
    delayP50: delay.percentile(50) / 1e6,
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
    ...memory.figures,
  };
}

/** Of the floor: 100 instruments, 200,000 events a second. */
export const INSTRUMENTS = 100;
export const RATE = 200_000;
/** Behind by more than this is not sustained. */
const LEAST_RATE = 0.99;
/** More memory than this at the end than at the start is a leak. */
const MOST_GROWTH = 1.15;
/** Seconds that are not counted, at first: they compile, and fill what is then reused. */
const WARM_SECONDS = 10;
/** For comparison ccxt runs so much shorter, but no less than the least. */
const RIVAL_SHARE = 20;
const LEAST_RIVAL_SECONDS = 10;

/** The floor's load for so many seconds: what was measured, and what must not be. */
export async function runIngestSoak(options: {
  readonly seconds: number;
  readonly progress: (line: string) => void;
}): Promise<{ problems: string[]; figures: Record<string, unknown> }> {
  const { seconds, progress } = options;
  const score = makeScore(INSTRUMENTS);
  const ours = new Ours(score);
  await playPaced(ours, RATE, WARM_SECONDS);
  const paced = await playPaced(ours, RATE, seconds, (elapsedS) => {
    const { heapUsed } = process.memoryUsage();
    progress(`${elapsedS.toFixed(0)} s: ${ours.events} events, heap ${(heapUsed / 2 ** 20).toFixed(0)} MB`);
  });
  const { faults, unsynced } = ours;
  const problems: string[] = [];
  if (paced.eventsPerSecond < LEAST_RATE * RATE)
    problems.push(`only ${paced.eventsPerSecond.toFixed(0)} of ${RATE} events a second were taken`);
  if (paced.heapEndMb > MOST_GROWTH * paced.heapStartMb)
    problems.push(`memory grew from ${paced.heapStartMb.toFixed(0)} to ${paced.heapEndMb.toFixed(0)} MB`);
  // A book whose best prices near the end of what is known is asked for anew, which is a gap and a resync: nothing else may be.
  if (faults !== ours.resyncs || unsynced > 0)
    problems.push(`${faults} faults, ${ours.resyncs} resyncs, and ${unsynced} books are not synced`);
  const theirs = new Theirs(score, await loadCcxt());
  await playPaced(theirs, RATE, WARM_SECONDS);
  const rival = await playPaced(theirs, RATE, Math.max(LEAST_RIVAL_SECONDS, seconds / RIVAL_SHARE));
  const row = (name: string, run: Paced): Record<string, unknown> => ({
    side: name,
    seconds: run.seconds,
    'events a second': Math.round(run.eventsPerSecond),
    'CPU, % of a core': 100 * run.cpuShare,
    'delay p50, ms': run.delayP50,
    'delay p99, ms': run.delayP99,
    'delay max, ms': run.delayMax,
    'heap at start, MB': run.heapStartMb,
    'heap at end, MB': run.heapEndMb,
    'resident at start, MB': run.rssStartMb,
    'resident at end, MB': run.rssEndMb,
  });
  return {
    problems,
    figures: {
      instruments: INSTRUMENTS,
      source: score.origin,
      'events wanted a second': RATE,
      'batch rows taken': ours.taken,
      faults,
      resyncs: ours.resyncs,
      runs: [row('bookcast', paced), row(packageVersion('ccxt'), rival)],
    },
  };
}
