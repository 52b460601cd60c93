import { assert, NO_PRICE } from '../core/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventFlag,
  EventKind,
  Fault,
  instrumentKey,
  LadderBook,
  OrderBook,
  Side,
  SyncState,
} from '../market/index.ts';
import { isBookMessage, releaseWithheld } from './handover.ts';
import { Meter } from './meter.ts';
import { Port } from './port.ts';
import type { FeedInstrument } from './protocol.ts';

const ROWS = 1024;
/** The most events of a successor that are withheld; past it all are let go, and what comes later must chain on. */
const MAX_WITHHELD = 1 << 16;

/**
 * One instrument's way from its connections to its batches. Pure: no clock, no timers.
 *
 * Each connection has a `Port`. One is active: its messages are applied to the book, in order, and handed out. Where a second
 * one opens meanwhile, it waits: its messages are withheld until they go on exactly where the book stands, and then it is
 * active without a hole. It takes over
 * - at once, where the book is not synced: there is nothing to lose;
 * - with its own snapshot, behind which only what follows that snapshot is told;
 * - with a change that chains on to the book, where the numbers are the venue's own (`joinable`) and not the connection's;
 * - when the active connection is closed.
 */
export class Lane {
  readonly feed: FeedInstrument;
  readonly key: string;
  readonly sync: BookSync;
  readonly meter = new Meter();
  /** Numbers mean the same on each connection: said of one of them. */
  joins = false;
  /** Trades whose ids were skipped. */
  missingTrades = 0;
  /** Of the last message, ns since the day; NaN before any. */
  lastEventNs = Number.NaN;
  lastRecvNs = Number.NaN;
  active: Port | null = null;
  readonly waiting: Port[] = [];
  readonly #day: number;
  readonly #deliver: (batch: EventBatch) => void;
  /** Takes the supervisor's faults while there is no connection. */
  readonly #home: Port;
  #lastTrade = Number.NaN;

  /** `deliver` takes the batches, in order. */
  constructor(feed: FeedInstrument, day: number, deliver: (batch: EventBatch) => void) {
    this.feed = feed;
    this.key = instrumentKey(feed.instrument);
    this.sync = new BookSync(feed.instrument, feed.book === 'orders' ? new OrderBook() : new LadderBook());
    this.#day = day;
    this.#deliver = deliver;
    this.#home = new Port(this, new BatchBuilder(this.key, day, 8));
  }

  /** A connection that carries the instrument opened. */
  open(): Port {
    const port = new Port(this, new BatchBuilder(this.key, this.#day, ROWS));
    if (this.active === null) {
      this.flush();
      port.role = 'active';
      this.active = port;
    } else {
      port.role = 'waiting';
      this.waiting.push(port);
    }
    return port;
  }

  /** The connection is gone; one that waits goes on in its place. Where that leaves a hole, `fault` comes first. */
  close(port: Port): void {
    if (port.role === 'waiting') this.waiting.splice(this.waiting.indexOf(port), 1);
    if (port.role === 'active') {
      this.flush();
      this.active = null;
    }
    port.role = 'over';
    port.builder.rewind(0);
    if (this.active === null && this.waiting.length > 0) this.#takeOver(this.waiting[0], -1);
  }

  /** Without the active connection the book goes on: another one is open, and a hole would show in the venue's numbers. */
  get goesOn(): boolean {
    const synced = this.sync.state === SyncState.SYNCED;
    // Asked for is not yet had: the other one's subscription may have been refused.
    return synced && this.waiting.length > 0 && this.waiting[0].joinable && this.feed.book === 'levels';
  }

  /** Deals with what a connection wrote since the last time. */
  settle(port: Port): void {
    switch (port.role) {
      case 'active':
        this.#apply(port);
        if (this.waiting.length > 0) this.#bridge(this.waiting[0]);
        return;
      case 'waiting':
        this.#consider(port);
        return;
      default:
        port.builder.rewind(0);
        port.settled = 0;
    }
  }

  /** Puts a fault behind all that was written, and takes it. */
  fault(fault: Fault, recvNs: number): void {
    const port = this.active ?? this.#home;
    pushFault(port.builder, fault, recvNs);
    this.#apply(port);
  }

  /** As `fault`, of what a connection said of itself, between its messages. */
  portFault(port: Port, fault: Fault, recvNs: number): void {
    if (port.role === 'active') pushFault(port.builder, fault, recvNs);
    // What was withheld may lack something: it must not be chained on.
    else if (port.role === 'waiting' && fault !== Fault.HALT && fault !== Fault.RESUME) port.forget();
  }

  /** Enough rows for a batch. */
  get full(): boolean {
    return (this.active ?? this.#home).builder.full;
  }

  /** Hands out what was settled. */
  flush(): void {
    const port = this.active ?? this.#home;
    const batch = port.builder.finish();
    port.settled = 0;
    if (batch !== null) this.#deliver(batch);
  }

  /** As `LinkSink.freshTrade`. */
  freshTrade(id: number): boolean {
    if (id <= this.#lastTrade) return false;
    if (id > this.#lastTrade + 1) this.missingTrades += id - this.#lastTrade - 1;
    this.#lastTrade = id;
    return true;
  }

  #apply(port: Port): void {
    const { builder } = port;
    const rows = builder.reserve(0);
    const { flags, kind } = rows;
    const { length } = builder;
    for (let from = port.settled; from < length; ) {
      let to = from;
      while (to < length && (flags[to] & EventFlag.MESSAGE_END) === 0) to++;
      assert(to < length, 'a conversation ends its messages');
      to++;
      this.sync.applyMessage(rows, from, to);
      if (kind[from] === EventKind.SNAPSHOT) port.snapshots++;
      if (kind[from] !== EventKind.FAULT) this.#count(rows, from, to);
      from = to;
    }
    port.settled = length;
  }

  #count(rows: EventBatch, from: number, to: number): void {
    const recvNs = rows.tsRecvNs[from];
    const eventNs = rows.tsEventNs[from];
    this.lastRecvNs = recvNs;
    this.lastEventNs = eventNs;
    // A snapshot's time is of the last change before it; where the venue gave none, the time is ours.
    const tells = rows.kind[from] !== EventKind.SNAPSHOT && eventNs !== recvNs;
    this.meter.message(recvNs, to - from, tells ? recvNs - eventNs : Number.POSITIVE_INFINITY);
  }

  /** Looks at what a waiting connection has said since. */
  #consider(port: Port): void {
    const { builder } = port;
    const rows = builder.reserve(0);
    const synced = this.sync.state === SyncState.SYNCED;
    for (let from = port.settled; from < builder.length; ) {
      const to = endOf(rows, from);
      const snapshot = rows.kind[from] === EventKind.SNAPSHOT;
      if (snapshot) port.snapshots++;
      if (!synced && isBookMessage(this.feed.instrument, rows, from, to)) {
        this.#takeOver(port, -1);
        return;
      }
      if (snapshot && port.chainsOn(rows.sequence[from], to)) {
        this.#takeOver(port, from);
        return;
      }
      from = to;
    }
    port.settled = builder.length;
    if (builder.length > MAX_WITHHELD) port.forget();
    else this.#bridge(port);
  }

  /** Lets a waiting connection take over where it goes on with the very number at which the book stands. */
  #bridge(port: Port): void {
    if (this.sync.state !== SyncState.SYNCED) {
      if (port.hasBookMessage()) this.#takeOver(port, -1);
      return;
    }
    // Ids of orders are each connection's own.
    if (!port.joinable || this.feed.book === 'orders') return;
    if (port.bridges(this.sync.lastSequence)) this.#takeOver(port, -1);
  }

  /** `snapshot`: the row of the one that opens the new connection's book; -1: its changes go on with the book that is there. */
  #takeOver(port: Port, snapshot: number): void {
    this.flush();
    const replaced = this.active;
    if (replaced !== null) replaced.role = 'over';
    this.waiting.splice(this.waiting.indexOf(port), 1);
    port.role = 'active';
    this.active = port;
    const withheld = port.builder.finish();
    port.settled = 0;
    if (withheld === null) return;
    const synced = this.sync.state === SyncState.SYNCED;
    // Changes of the connection before are kept for a snapshot. Its numbers need not go on in this one's, and the first that does
    // not join would stand in the way of every snapshot to come.
    if (!synced && replaced !== null) pushFault(port.builder, Fault.DISCONNECT, withheld.tsRecvNs[0]);
    const last = synced ? this.sync.lastSequence : Number.NaN;
    releaseWithheld(this, port.builder, withheld, snapshot, last, port.joinable);
    this.#apply(port);
  }
}

function endOf(rows: EventBatch, from: number): number {
  const { flags } = rows;
  while ((flags[from] & EventFlag.MESSAGE_END) === 0) from++;
  return from + 1;
}

function pushFault(builder: BatchBuilder, fault: Fault, recvNs: number): void {
  builder.push(EventKind.FAULT, Side.NONE, NO_PRICE, fault, recvNs, recvNs, 0, 0);
  builder.endMessage();
}
