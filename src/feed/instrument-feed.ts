import { NS_PER_MS } from '../core/index.ts';
import { type EventBatch, EventFlag, Fault, SyncState } from '../market/index.ts';
import { bookSnapshot } from './checkpoint.ts';
import type { Desk } from './desk.ts';
import type { InstrumentHealth } from './health.ts';
import { Lane } from './lane.ts';
import { Outlet } from './outlet.ts';
import type { Port } from './port.ts';
import type { FeedInstrument } from './protocol.ts';
import { type PortEnd, Resyncer } from './resyncer.ts';

/** Batches that may wait before they are made larger rather than more. */
const PATIENT_BATCHES = 32;

const STATES = ['empty', 'buffering', 'synced', 'gapped'] as const;

/** All that the supervisor keeps of one instrument. */
export class InstrumentFeed {
  readonly feed: FeedInstrument;
  readonly index: number;
  readonly lane: Lane;
  readonly resyncer: Resyncer;
  readonly outlet: Outlet;
  /** On the list of those that have something to hand out. */
  listed = false;
  unparsable = 0;
  readonly #desk: Desk;
  readonly #ends = new Map<Port, PortEnd>();
  #state: SyncState = SyncState.EMPTY;
  #overflowing = false;
  #stopped = false;
  /** Messages thrown away. */
  #thrown = 0;

  constructor(desk: Desk, feed: FeedInstrument, index: number, queueEvents: number) {
    this.#desk = desk;
    this.feed = feed;
    this.index = index;
    this.outlet = new Outlet(queueEvents);
    this.lane = new Lane(feed, desk.clock.day, (batch) => this.#deliver(batch));
    this.resyncer = new Resyncer(desk, this.lane, (port) => this.#ends.get(port) ?? null);
  }

  open(end: PortEnd): Port {
    const port = this.lane.open();
    this.#ends.set(port, end);
    return port;
  }

  close(port: Port): void {
    this.lane.close(port);
    this.#ends.delete(port);
    this.#after();
  }

  /** Deals with what a connection wrote; `bytes` is its share of the frame received at `recvNs`. */
  settle(port: Port, recvNs: number, bytes: number): void {
    this.lane.settle(port);
    this.lane.meter.bytes(recvNs, bytes);
    this.#after();
  }

  /** The connection behind one of the ports said something that matters to resyncs. */
  look(): void {
    this.#after();
  }

  /** A fault of the supervisor's own. */
  fault(fault: Fault, conn: string): void {
    const recvNs = this.#desk.clock.now();
    this.#desk.record?.({ kind: 'fault', conn, recvNs, instrument: this.lane.key, fault });
    this.lane.fault(fault, recvNs);
    this.#after();
  }

  /** Hands out what there is. `patient`: not yet, where much waits already. */
  flush(patient = false): boolean {
    if (this.#overflowing) this.recover();
    if (patient && !this.lane.full && this.outlet.size >= PATIENT_BATCHES) return false;
    this.lane.flush();
    return true;
  }

  /** After an overflow: says so, in order, as soon as there is room. */
  recover(): void {
    if (!this.#overflowing || !(this.outlet.roomy || this.#stopped)) return;
    // What came since the last batch that was thrown away goes the same way: the fault stands right behind the hole.
    this.lane.flush();
    this.#overflowing = false;
    this.#desk.note(`${this.lane.key}: the queue was full and messages were thrown away; the book is asked for anew`);
    this.fault(Fault.OVERFLOW, '');
    this.lane.flush();
  }

  /** The last batches, whatever the queue's limit. */
  finish(): void {
    this.resyncer.stop();
    this.#stopped = true;
    this.recover();
    this.lane.flush();
  }

  checkpoint(): EventBatch | null {
    const { sync, key, lastEventNs, lastRecvNs } = this.lane;
    if (sync.state !== SyncState.SYNCED) return null;
    return bookSnapshot(sync, key, this.#desk.clock.day, lastEventNs, lastRecvNs);
  }

  health(): InstrumentHealth {
    const { lane, feed } = this;
    const { sync, meter } = lane;
    const { faults } = sync;
    const nowNs = this.#desk.clock.now();
    const rates = meter.rates(nowNs);
    return {
      instrument: lane.key,
      state: STATES[sync.state],
      proof: feed.proof,
      lastSequence: Number.isNaN(sync.lastSequence) ? null : sync.lastSequence,
      ageMs: Number.isNaN(lane.lastRecvNs) ? null : (nowNs - lane.lastRecvNs) / NS_PER_MS,
      gaps: faults.gaps,
      crossed: faults.crossed,
      checksums: faults.checksums,
      stale: faults.stale,
      overflow: faults.overflow + this.#thrown,
      disconnects: faults.disconnects,
      unparsable: this.unparsable,
      resyncs: this.resyncer.resyncs,
      missingTrades: lane.missingTrades,
      skewMs: meter.skewMs(nowNs),
      messagesPerSecond: rates.messages,
      eventsPerSecond: rates.events,
      bytesPerSecond: rates.bytes,
    };
  }

  #after(): void {
    const { lane } = this;
    const state = lane.sync.state;
    if (state !== this.#state) this.#changed(state);
    if (this.#stopped) return;
    if (state !== SyncState.SYNCED || !this.resyncer.idle || lane.waiting.length > 0) this.resyncer.check();
    if (lane.full) lane.flush();
    else if (!this.listed) this.#desk.stirred(this.index);
  }

  #changed(state: SyncState): void {
    const before = this.#state;
    this.#state = state;
    const { key, sync } = this.lane;
    if (state === SyncState.SYNCED) {
      this.#desk.note(`${key}: the book is the venue's, as of ${sync.lastSequence}`);
      // It learns when the book became sound.
      this.resyncer.check();
    } else if (before === SyncState.SYNCED) this.#desk.note(`${key}: the book is lost after ${sync.lastSequence}`);
  }

  #deliver(batch: EventBatch): void {
    if (!this.#overflowing) {
      if (this.#stopped) this.outlet.force(batch);
      else this.#overflowing = !this.outlet.push(batch);
    }
    if (!this.#overflowing) this.#desk.ready(this.index);
    else for (let i = 0; i < batch.length; i++) if ((batch.flags[i] & EventFlag.MESSAGE_END) !== 0) this.#thrown++;
  }
}
