import { Random, systemClock } from '../../src/core/index.ts';
import { createTransport, discover, type FeedInstrument, Supervisor, systemTimers } from '../../src/feed/index.ts';
import { SyncState } from '../../src/market/index.ts';
import { SimulationConsumer } from '../feed/simulation-consumer.ts';
import { liveProtocol } from '../feed/simulation-scene.ts';
import { faultsOf } from './create.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { DoubleVenue } from './products.ts';
import { type RunningDouble, startDouble } from './server.ts';

export interface DoubleSoakOptions {
  readonly venue: DoubleVenue;
  readonly seed: number;
  readonly seconds: number;
  /** Told how it goes, about every minute. */
  readonly onLine?: (line: string) => void;
}

export interface DoubleSoakReport {
  readonly venue: DoubleVenue;
  readonly seconds: number;
  readonly problems: readonly string[];
  readonly struck: Partial<Record<FaultKind, number>>;
  readonly events: number;
  /** Books compared with the truth while synced. */
  readonly compared: number;
  /** Of the time in which all instruments were looked at, the part in which they were synced. */
  readonly syncedShare: number;
  readonly gaps: number;
  readonly resyncs: number;
  readonly disconnects: number;
  readonly checksums: number;
  readonly missingTrades: number;
  /** Of the heap, after collecting where `--expose-gc` allows; bytes, after a tenth of the time and at the end. */
  readonly heapStart: number;
  readonly heapEnd: number;
}

/** Faults on for so long, then none, so that each book must be seen to come back. */
const LOOK_MS = 1000;
const PRUNE_MS = 10_000;
const REPORT_MS = 60_000;
const RECOVERY_MS = 180_000;
/** Rates of an hour: a fault of each kind every minute or so. */
const CALM = { message: 0.0005, second: 0.008, connect: 0.1, subscription: 0.05, request: 0.02 } as const;

/** One supervisor against one double over real sockets, all faults on; books are compared with the truth after every message. */
export async function runDoubleSoak(options: DoubleSoakOptions): Promise<DoubleSoakReport> {
  const { venue, seed, seconds } = options;
  // A connection's age is tried as well, at a scale that an hour has room for.
  const faults = Object.fromEntries(faultsOf(venue).map((kind) => [kind, CALM[FAULT_KINDS[kind]]]));
  const running = await startDouble({
    venue,
    seed,
    faults,
    window: { fromMs: 3000, untilMs: seconds * 1000 },
    meanMs: 25,
  });
  running.double.plan.paused = true;
  try {
    return await new DoubleSoak(options, running).run();
  } finally {
    await running.close();
  }
}

class DoubleSoak {
  readonly #options: DoubleSoakOptions;
  readonly #running: RunningDouble;
  readonly #problems = new Set<string>();
  #supervisor: Supervisor | null = null;
  #feeds: readonly FeedInstrument[] = [];
  #consumers: readonly SimulationConsumer[] = [];
  #events = 0;
  #looks = 0;
  #synced = 0;

  constructor(options: DoubleSoakOptions, running: RunningDouble) {
    this.#options = options;
    this.#running = running;
  }

  async run(): Promise<DoubleSoakReport> {
    const { venue, seed, seconds } = this.#options;
    const supervisor = await this.#start();
    this.#running.double.plan.paused = false;
    const startMs = performance.now();
    const passed = (): number => performance.now() - startMs;
    let heapStart = Number.NaN;
    let nextPrune = PRUNE_MS;
    let nextReport = REPORT_MS;
    while (passed() < seconds * 1000) {
      await sleep(LOOK_MS);
      this.#look();
      if (passed() >= nextPrune) {
        nextPrune += PRUNE_MS;
        this.#prune();
      }
      if (Number.isNaN(heapStart) && passed() >= seconds * 100) heapStart = heap();
      if (passed() >= nextReport) {
        nextReport += REPORT_MS;
        this.#options.onLine?.(
          `${venue}: ${Math.round(passed() / 1000)} s, ${this.#events} events, heap ${mib(heap())} MiB`,
        );
      }
    }
    await this.#recover();
    const heapEnd = heap();
    const health = this.#feeds.map((_, i) => supervisor.health(i));
    const sum = (of: (one: (typeof health)[number]) => number): number => health.reduce((all, one) => all + of(one), 0);
    await new Promise<void>((resolve) => supervisor.stop(resolve));
    for (const consumer of this.#consumers) for (const problem of consumer.problems) this.#problems.add(problem);
    for (const violation of this.#running.police.violations) this.#problems.add(`limits: ${violation}`);
    const again = `repeat with: npm run soak -- doubles --only ${venue} --seed ${seed} --seconds ${seconds}`;
    return {
      venue,
      seconds,
      problems: [...this.#problems].slice(0, 10).map((problem) => `${problem}; ${again}`),
      struck: this.#running.double.plan.struck,
      events: this.#events,
      compared: this.#consumers.reduce((all, one) => all + one.compared, 0),
      syncedShare: this.#looks === 0 ? 0 : this.#synced / this.#looks,
      gaps: sum((one) => one.gaps),
      resyncs: sum((one) => one.resyncs),
      disconnects: sum((one) => one.disconnects),
      checksums: sum((one) => one.checksums),
      missingTrades: sum((one) => one.missingTrades),
      heapStart,
      heapEnd,
    };
  }

  async #start(): Promise<Supervisor> {
    const { venue, seed } = this.#options;
    const { endpoints, double } = this.#running;
    const world = {
      clock: systemClock,
      timers: systemTimers,
      transport: createTransport(),
      random: new Random(seed),
    };
    const protocol = liveProtocol(venue, endpoints);
    const markets = [...double.markets.values()];
    this.#feeds = await discover(
      protocol,
      markets.map(({ product }) => product.name),
      world,
    );
    this.#consumers = this.#feeds.map((feed) => {
      const depth = venue === 'kraken' ? 10 : null;
      return new SimulationConsumer(venue, feed, double.markets.get(feed.symbol)!, depth, null);
    });
    const supervisor = new Supervisor({
      protocol,
      instruments: this.#feeds,
      world,
      onReady: () => {
        for (let next = supervisor.take(); next !== null; next = supervisor.take()) {
          this.#events += next.batch.length;
          this.#consumers[next.index].take(next.batch);
        }
      },
    });
    this.#supervisor = supervisor;
    supervisor.start();
    return supervisor;
  }

  #look(): void {
    for (const consumer of this.#consumers) {
      this.#looks++;
      if (consumer.synced) this.#synced++;
    }
  }

  #prune(): void {
    for (const market of this.#running.double.markets.values()) market.prune();
    for (const consumer of this.#consumers) consumer.prune();
  }

  /** The faults are over: every book must come back. */
  async #recover(): Promise<void> {
    const untilMs = performance.now() + RECOVERY_MS;
    const synced = (): boolean =>
      this.#consumers.every((one, i) => one.synced && this.#supervisor!.sync(i).state === SyncState.SYNCED);
    while (!synced() && performance.now() < untilMs) await sleep(100);
    if (!synced()) this.#problems.add(`not synced again within ${RECOVERY_MS / 1000} s after the faults`);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
