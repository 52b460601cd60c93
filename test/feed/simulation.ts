import { Random } from '../../src/core/index.ts';
import { type FeedInstrument, Supervisor, type Timers, type VenueProtocol } from '../../src/feed/index.ts';
import { SyncState } from '../../src/market/index.ts';
import { createDouble } from '../doubles/create.ts';
import { type FaultKind, FaultPlan } from '../doubles/faults.ts';
import type { Market } from '../doubles/market.ts';
import { Police } from '../doubles/police.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import type { VenueDouble } from '../doubles/venue-double.ts';
import { VirtualNetwork } from '../doubles/virtual-network.ts';
import { SimulationConsumer } from './simulation-consumer.ts';
import { drawScene, protocolOf, type Scene } from './simulation-scene.ts';
import { VirtualTime } from './virtual-world.ts';

export interface SimulationOptions {
  readonly venue: DoubleVenue;
  readonly seed: number;
  /** A protocol that a test broke on purpose. */
  readonly wrap?: (protocol: VenueProtocol) => VenueProtocol;
  /** No faults at all: then the books must be synced at once, and never be lost. */
  readonly quiet?: boolean;
  /** Markets that move as recorded, from the venue's time that is given; and for how long, virtual ms. */
  readonly recorded?: { readonly markets: (startEpochMs: number) => readonly Market[]; readonly forMs: number };
  /** Told what happens, line by line. */
  readonly onLine?: (line: string) => void;
}

export interface SimulationReport {
  readonly venue: DoubleVenue;
  readonly seed: number;
  /** Empty where all is well. */
  readonly problems: readonly string[];
  /** The command that repeats the run. */
  readonly command: string;
  readonly struck: Partial<Record<FaultKind, number>>;
  /** Messages that reached us. */
  readonly messages: number;
  /** Books that were compared with the truth while synced. */
  readonly compared: number;
  readonly trades: number;
  readonly gaps: number;
  readonly crossed: number;
  readonly resyncs: number;
  readonly disconnects: number;
  readonly checksums: number;
  readonly overflow: number;
  readonly missingTrades: number;
  /** From the end of the faults until all books were synced. */
  readonly recoveryMs: number;
  readonly virtualMs: number;
}

/** Bans double, and a venue that says 429 four times keeps everybody away for minutes. */
const RECOVERY_LIMIT_MS = 30 * 60_000;
/** After the faults little happens on the markets, or waiting out a ban would be most of the work. */
const SLOW_MEAN_US = 1_500_000;
const SETTLE_MS = 1500;
const REVEAL_MS = 2500;
/** Of the first part, with faults or without. */
const LEAST_MS = 6000;

/** Levels a side at which the snapshots of a run end; null where they have all. */
function cutOf({ venue, snapshotLevels }: Scene): number | null {
  if (!venue.startsWith('binance')) return null;
  const spot = venue === 'binance-spot';
  if (snapshotLevels === null) return spot ? 5000 : 1000;
  return spot ? 100 : 50;
}

/** Timers that count those that are set. */
class CountedTimers implements Timers {
  readonly #time: VirtualTime;
  pending = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  after(ms: number, call: () => void): () => void {
    let open = true;
    this.pending++;
    const end = (): boolean => {
      if (!open) return false;
      open = false;
      this.pending--;
      return true;
    };
    const cancel = this.#time.after(ms, () => {
      if (end()) call();
    });
    return () => {
      if (end()) cancel();
    };
  }
}

/** One supervisor against one double in virtual time, faults first, peace after; all of it decided by the seed. */
class Simulation {
  readonly scene: Scene;
  readonly time: VirtualTime;
  readonly double: VenueDouble;
  readonly police: Police;
  readonly network: VirtualNetwork;
  readonly timers: CountedTimers;
  readonly supervisor: Supervisor;
  readonly feeds: readonly FeedInstrument[];
  readonly consumers: readonly SimulationConsumer[];
  readonly problems: string[] = [];
  readonly #line: (line: string) => void;
  readonly #names: readonly string[];
  readonly #leastMs: number;
  #ready = false;

  constructor(options: SimulationOptions) {
    const scene = drawScene(options.venue, options.seed, options.quiet);
    const { venue, seed, random } = scene;
    this.scene = scene;
    this.time = new VirtualTime(scene.startEpochMs);
    this.#line = (line) => options.onLine?.(`${this.time.elapsedMs.toFixed(1).padStart(9)} ms  ${line}`);
    const window = { fromMs: scene.faultsFromMs, untilMs: scene.faultsUntilMs };
    const lifetime = scene.lifetimeMs === null ? {} : { lifetimeMs: scene.lifetimeMs };
    const startEpochMs = scene.startEpochMs + scene.skewMs;
    const markets = options.recorded?.markets(startEpochMs);
    this.#names = markets?.map(({ product }) => product.name).slice(0, 4) ?? scene.names;
    this.#leastMs = options.recorded?.forMs ?? LEAST_MS;
    this.double = createDouble({
      venue,
      seed: random.uint32(),
      plan: new FaultPlan(random.uint32(), scene.rates, window),
      startEpochMs,
      ...(markets === undefined ? {} : { markets }),
      meanMs: scene.meanMs,
      levels: scene.levels,
      ...lifetime,
    });
    const protocol = (options.wrap ?? ((same) => same))(protocolOf(scene));
    this.feeds = this.#discover(protocol);
    this.police = new Police(venue);
    const { time, double, police } = this;
    this.network = new VirtualNetwork({ time, double, police, random: random.fork(), onLine: this.#line });
    this.timers = new CountedTimers(time);
    const { timers, network: transport } = this;
    this.supervisor = new Supervisor({
      protocol,
      instruments: this.feeds,
      world: { clock: time, timers, transport, random: new Random(seed) },
      ...(scene.pause === null ? {} : { queueEvents: 300 }),
      onNote: (line) => this.#line(line),
      onReady: () => {
        this.#ready = true;
      },
    });
    const depth = venue === 'kraken' ? scene.depth : null;
    const snapshotLevels = cutOf(scene);
    this.consumers = this.feeds.map((feed) => {
      const market = this.double.markets.get(feed.symbol)!;
      return new SimulationConsumer(venue, feed, market, depth, snapshotLevels);
    });
    for (const { atMs, byMs } of scene.jumps) {
      time.after(atMs, () => {
        this.#line(`the wall clock is set by ${byMs} ms`);
        time.jumpWallClock(byMs);
      });
    }
  }

  /** Discovery has a test of its own: here its requests are answered at once. */
  #discover(protocol: VenueProtocol): FeedInstrument[] {
    const names = this.#names;
    const { plan } = this.double;
    plan.paused = true;
    const answers = protocol.discovery(names).map((request) => {
      const { status, headers, body } = this.double.http(request.url, {}, 0);
      return { url: request.url, status, headers, body: Buffer.from(body) };
    });
    plan.paused = false;
    const listed = protocol.instruments(answers);
    return names.map((name) => {
      const found = listed.find(({ instrument }) => instrument.name === name);
      if (found === undefined) throw new Error(`${name} is not among ${listed.map((one) => one.instrument.name)}`);
      return found;
    });
  }

  run(): number {
    const { scene } = this;
    this.#line(
      `instruments ${this.#names}; faults ${JSON.stringify(scene.rates)} from ${scene.faultsFromMs} to ${scene.faultsUntilMs} ms`,
    );
    this.supervisor.start();
    // A message that is lost shows by the next one: some are to come after the last fault.
    this.#until(
      Math.max(scene.faultsUntilMs + REVEAL_MS, this.#leastMs, (scene.lifetimeMs ?? 0) + REVEAL_MS),
      () => false,
    );
    for (const market of this.double.markets.values()) market.calm(SLOW_MEAN_US);
    const fromMs = this.time.elapsedMs;
    this.#recover();
    const recoveryMs = this.time.elapsedMs - fromMs;
    this.#settle();
    this.#judge();
    this.#stop();
    return recoveryMs;
  }

  /** Runs to a time or until `done`; false where that never was. */
  #until(ms: number, done: () => boolean): boolean {
    while (this.time.elapsedMs < ms && !done()) {
      if (!this.time.step(ms * 1e6)) return done();
      if (this.#ready && !this.#pausing()) this.#drain();
    }
    return done();
  }

  /** Here and downstream, where what was lost is known a little later. */
  #allSynced(): boolean {
    return this.consumers.every((one, i) => one.synced && this.supervisor.sync(i).state === SyncState.SYNCED);
  }

  #pausing(): boolean {
    const { pause } = this.scene;
    return pause !== null && this.time.elapsedMs >= pause.fromMs && this.time.elapsedMs < pause.untilMs;
  }

  #drain(): void {
    this.#ready = false;
    for (let next = this.supervisor.take(); next !== null; next = this.supervisor.take()) {
      this.consumers[next.index].take(next.batch);
    }
  }

  /** Runs until all is well again. A dead connection that was not found out yet has a book that only seems to be of now. */
  #recover(): void {
    const healthy = (): boolean => this.network.halfOpen === 0 && this.#allSynced();
    if (!this.#until(this.time.elapsedMs + RECOVERY_LIMIT_MS, healthy)) {
      this.problems.push(`not synced again: ${this.#states()}`);
    }
  }

  /** The markets stand still, and what is on its way arrives. */
  #settle(): void {
    const markets = [...this.double.markets.values()];
    for (let tries = 0; tries < 5; tries++) {
      for (const market of markets) market.freeze();
      this.#until(this.time.elapsedMs + SETTLE_MS, () => false);
      this.#drain();
      if (this.#allSynced()) return;
      // A connection ended just now, say: where nothing moves, nothing tells that a snapshot can be asked for.
      for (const market of markets) market.thaw(this.double.nowUs);
      this.network.wake();
      this.#recover();
    }
  }

  /** All that we have must be the venue's. */
  #judge(): void {
    this.consumers.forEach((consumer, i) => {
      const { name } = this.feeds[i].instrument;
      const { truth } = this.double.markets.get(this.feeds[i].symbol)!;
      const wrong = consumer.synced ? consumer.differsFrom(truth.now()) : `not synced (${this.#states()})`;
      if (wrong !== null) this.problems.push(`${name}: at the end: ${wrong}`);
      const upstream = this.supervisor.sync(i);
      if (upstream.state !== consumer.sync.state || upstream.lastSequence !== consumer.sync.lastSequence) {
        this.problems.push(
          `${name}: the supervisor is at ${upstream.lastSequence}, its consumer at ${consumer.sync.lastSequence}`,
        );
      }
      this.#checkCheckpoint(consumer, i);
      this.#checkTrades(consumer, i);
      this.problems.push(...consumer.problems);
    });
    this.problems.push(...this.police.violations.slice(0, 5).map((line) => `limits: ${line}`));
  }

  #checkCheckpoint(consumer: SimulationConsumer, i: number): void {
    const { name } = this.feeds[i].instrument;
    const batch = this.supervisor.checkpoint(i);
    if (batch === null) {
      if (consumer.synced) this.problems.push(`${name}: synced, and no checkpoint`);
      return;
    }
    const { truth } = this.double.markets.get(this.feeds[i].symbol)!;
    const wrong = consumer.restored(batch, truth.now());
    if (wrong !== null) this.problems.push(`${name}: a book restored from the checkpoint: ${wrong}`);
  }

  /** Between the first and the last trade that we told, each was told or is counted as missing; and none that arrived is missing. */
  #checkTrades(consumer: SimulationConsumer, i: number): void {
    const { name } = this.feeds[i].instrument;
    const { missingTrades, overflow } = this.supervisor.health(i);
    const { trades } = consumer;
    const delivered = this.network.deliveredTrades.get(this.feeds[i].symbol) ?? new Set<number>();
    if (overflow > 0 || trades.size === 0) return;
    const first = Math.min(...trades);
    const last = Math.max(...trades);
    const happened = this.double.markets.get(this.feeds[i].symbol)!.trades;
    const skipped = [...happened.keys()].filter((id) => id > first && id < last && !trades.has(id)).length;
    if (skipped > missingTrades)
      this.problems.push(`${name}: ${skipped} trades are missing, and ${missingTrades} are counted`);
    // A trade that comes behind its successor is counted, not told. So is one that came only on a connection that waited to
    // take over and never did, or that lost something itself meanwhile. Otherwise all that arrive are told.
    const { reorder = 0, shutdown = 0 } = this.double.plan.struck;
    const waited = this.scene.lifetimeMs !== null || shutdown > 0;
    const lost = [...delivered].filter((id) => id > first && !trades.has(id));
    if (reorder === 0 && !waited && lost.length > 0)
      this.problems.push(`${name}: trades arrived and were not told: ${lost.slice(0, 5)}`);
  }

  #stop(): void {
    let stopped = false;
    this.supervisor.stop(() => {
      stopped = true;
    });
    this.#until(this.time.elapsedMs + 30_000, () => stopped && this.network.open === 0);
    if (!stopped) this.problems.push('stop() never called back');
    if (this.timers.pending > 0) this.problems.push(`${this.timers.pending} timers are set after stop()`);
    if (this.network.open > 0) this.problems.push(`${this.network.open} connections are open after stop()`);
  }

  #states(): string {
    return this.feeds.map((feed, i) => `${feed.instrument.name} ${this.supervisor.health(i).state}`).join(', ');
  }
}

/** Runs one seed; every problem found is in the report, with the command that repeats it. */
export function runFeedSimulation(options: SimulationOptions): SimulationReport {
  const { venue, seed } = options;
  const simulation = new Simulation(options);
  const recoveryMs = simulation.run();
  const health = simulation.feeds.map((_, i) => simulation.supervisor.health(i));
  const sum = (of: (one: (typeof health)[number]) => number): number =>
    health.reduce((total, one) => total + of(one), 0);
  return {
    venue,
    seed,
    problems: simulation.problems,
    command: `node test/feed/simulate.ts --venue ${venue} --seed ${seed}`,
    struck: simulation.double.plan.struck,
    messages: simulation.network.delivered,
    compared: simulation.consumers.reduce((total, one) => total + one.compared, 0),
    trades: simulation.consumers.reduce((total, one) => total + one.trades.size, 0),
    gaps: sum((one) => one.gaps),
    crossed: sum((one) => one.crossed),
    resyncs: sum((one) => one.resyncs),
    disconnects: sum((one) => one.disconnects),
    checksums: sum((one) => one.checksums),
    overflow: sum((one) => one.overflow),
    missingTrades: sum((one) => one.missingTrades),
    recoveryMs,
    virtualMs: simulation.time.elapsedMs,
  };
}
