import { BookcastError, NS_PER_MS, parseDay } from '../../core/index.ts';
import {
  BatchBuilder,
  type EventBatch,
  type EventSource,
  type Instrument,
  instrumentKey,
  type SourceCounts,
  type Verifier,
} from '../../market/index.ts';
import { SIM_MODES, type SimMode, Simulation } from './simulation.ts';
import { SimVerifier } from './verifier.ts';

export interface SimOptions {
  readonly mode: SimMode;
  /** Any integer of 32 bits; the same mode and seed give the same bytes everywhere. */
  readonly seed: number;
  /** Ends after this many messages, the snapshot counted; absent: never. Each message is one decision point. */
  readonly messages?: number;
  /** Days since 1970-01-01; the market opens at 09:30 UTC. Absent: 2026-01-05. */
  readonly startDay?: number;
  /** The instrument's name; absent: mode and seed, such as `REALISTIC-7`. */
  readonly name?: string;
}

/** What the simulator knows and the market cannot see, as of the state after one message. */
export interface TruthRecord {
  readonly sequence: number;
  /** Probability that the next change of the mid is upward, given everything so far; `NaN` in mode `realistic`. */
  readonly pUp: number;
  /** 1 − pUp. */
  readonly pDown: number;
  /** Mode `switching`: +1 or −1, the sign of the relation between imbalance and the next move. Otherwise 0. */
  readonly regime: number;
}

export interface SimSource extends EventSource {
  readonly origin: 'simulated';
  /** One record a message, in order, as many as `batches()` has messages. It stands apart: no batch carries any of it. */
  truth(): Iterable<TruthRecord>;
}

const BATCH_EVENTS = 256;
/** A batch spans at most this much of market time, so that a viewer who waits for whole batches sees the market move. */
const BATCH_SPAN_NS = 100 * NS_PER_MS;
const NOTE = 'simulated: scores on it say that the machinery works, not how well a market can be forecast';

/**
 * A simulated venue, `sim`: a real matching engine fed by seeded traders, reported as a venue would report it, a snapshot
 * and then order messages (ADD, CANCEL, DELETE, EXECUTE) with consecutive sequence numbers. One tick is 0.01 and one lot
 * is 1. Modes: `RealisticFlow`, `QueueFlow` (`oracle`), `CoinFlow` (`null`, `oracle-nonlinear`, `switching`) say what they
 * assume. The first k batches do not depend on `messages`, but for the last, which may be cut short.
 */
export function openSim(options: SimOptions): SimSource {
  const { mode, seed, messages = Number.POSITIVE_INFINITY, startDay = parseDay('2026-01-05') } = options;
  checkOptions(mode, seed, messages, startDay);
  const instrument: Instrument = Object.freeze({
    venue: 'sim',
    name: options.name ?? `${mode.toUpperCase()}-${seed}`,
    tickSize: '0.01',
    lotSize: '1',
    sequencing: 'consecutive',
    burstQuietNs: 0,
    depthLimit: null,
    byOrder: true,
  });
  const key = instrumentKey(instrument);
  const counts: SourceCounts = { messages: 0, unparsable: 0, bytesRead: 0, bytesTotal: 0 };
  async function* batches(): AsyncGenerator<EventBatch> {
    const builder = new BatchBuilder(key, startDay, BATCH_EVENTS);
    const simulation = new Simulation(mode, seed, builder);
    counts.messages = 0;
    let firstNs = simulation.tsEventNs;
    while (simulation.sequence < messages) {
      simulation.step();
      counts.messages++;
      if (builder.full || simulation.tsEventNs - firstNs >= BATCH_SPAN_NS) {
        yield builder.finish()!;
        firstNs = simulation.tsEventNs;
      }
    }
    const last = builder.finish();
    if (last !== null) yield last;
  }
  function* truth(): Generator<TruthRecord> {
    const builder = new BatchBuilder(key, startDay, BATCH_EVENTS);
    const simulation = new Simulation(mode, seed, builder);
    while (simulation.sequence < messages) {
      simulation.step();
      builder.rewind(0);
      const { pUp, regime } = simulation.flow;
      yield { sequence: simulation.sequence, pUp, pDown: 1 - pUp, regime };
    }
  }
  const verifier = (): Verifier => new SimVerifier(mode, seed);
  return { instrument, origin: 'simulated', counts, notes: [NOTE], batches, truth, verifier };
}

function checkOptions(mode: string, seed: number, messages: number, startDay: number): void {
  const fail = (what: string): never => {
    throw new BookcastError('bad-argument', what, { mode, seed, messages, startDay });
  };
  if (!(SIM_MODES as readonly string[]).includes(mode))
    fail(`no simulator mode "${mode}"; there are ${SIM_MODES.join(', ')}`);
  if (!Number.isInteger(seed) || seed !== (seed | 0)) fail(`a seed is an integer of 32 bits, not ${seed}`);
  if (messages !== Number.POSITIVE_INFINITY && !(Number.isInteger(messages) && messages > 0)) {
    fail(`the number of messages is a positive integer, not ${messages}`);
  }
  if (!Number.isInteger(startDay)) fail(`the first day is an integer, days since 1970-01-01, not ${startDay}`);
}
