import { NO_PRICE, NS_PER_US, Random } from '../../core/index.ts';
import { type BatchBuilder, EventKind, Side } from '../../market/index.ts';
import { CoinFlow, NONLINEAR_LAW, NULL_LAW, SWITCHING_LAW } from './coin-flow.ts';
import type { Flow } from './flow.ts';
import { MatchingEngine, type OrderSink } from './matching-engine.ts';
import { QueueFlow } from './queue-flow.ts';
import { RealisticFlow } from './realistic-flow.ts';

/** Each mode's traders. What it assumes stands above the class. */
const FLOWS = {
  realistic: (random) => new RealisticFlow(random),
  null: (random) => new CoinFlow(random, NULL_LAW),
  oracle: (random) => new QueueFlow(random),
  'oracle-nonlinear': (random) => new CoinFlow(random, NONLINEAR_LAW),
  switching: (random) => new CoinFlow(random, SWITCHING_LAW),
} as const satisfies Record<string, (random: Random) => Flow>;

export type SimMode = keyof typeof FLOWS;

export const SIM_MODES = Object.keys(FLOWS) as readonly SimMode[];

/** 09:30. */
const OPENING_NS = 34_200e9;
/** The way of a message to us: at least this long, plus an exponential delay. */
const LEAST_LATENCY_NS = 150 * NS_PER_US;
const MEAN_DELAY_NS = 50 * NS_PER_US;

/**
 * One run of the simulated venue: traders, engine and feed. Each `step` appends one message to the builder. All orders
 * of a message happen at one instant, and no two messages share one, so every message ends a burst.
 */
export class Simulation implements OrderSink {
  readonly engine = new MatchingEngine(this);
  readonly flow: Flow;
  /** Of the last message; the snapshot, which comes first, has 1. */
  sequence = 0;
  tsEventNs = OPENING_NS;
  tsRecvNs = 0;
  readonly #network: Random;
  readonly #builder: BatchBuilder;

  constructor(mode: SimMode, seed: number, builder: BatchBuilder) {
    const random = new Random(seed);
    this.#network = random.fork();
    this.#builder = builder;
    this.flow = FLOWS[mode](random);
    this.flow.open(this.engine);
    builder.rewind(0);
  }

  step(): void {
    this.sequence++;
    if (this.sequence > 1) this.tsEventNs += this.flow.waitNs();
    const arrival = this.tsEventNs + LEAST_LATENCY_NS + Math.floor(this.#network.exponential(MEAN_DELAY_NS));
    // A stream keeps its order: what left later cannot overtake.
    this.tsRecvNs = Math.max(this.tsRecvNs, arrival);
    if (this.sequence === 1) {
      this.row(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, 0);
      this.engine.report(this);
    } else {
      this.flow.act(this.engine);
    }
    this.#builder.endMessage();
  }

  row(kind: EventKind, side: Side, priceTicks: number, sizeLots: number, orderId: number): void {
    this.#builder.push(kind, side, priceTicks, sizeLots, this.tsEventNs, this.tsRecvNs, this.sequence, orderId);
  }
}
