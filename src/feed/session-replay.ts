import { BookcastError } from '../core/index.ts';
import { type BatchBuilder, type EventBatch, Fault, instrumentKey, type SourceCounts } from '../market/index.ts';
import { Lane } from './lane.ts';
import type { Port } from './port.ts';
import type { Conversation, LinkSink } from './protocol.ts';
import type { SessionReader, SessionRecord } from './session.ts';
import type { SessionLine } from './session-log.ts';

const MAX_REASONS = 3;

/** What a user should know of a session, gathered while it is read. */
class SessionNotes {
  /** Where we are. */
  path = '';
  line = 0;
  readonly #all: string[] = [];
  readonly #counts = new Map<string, number>();

  /** Of each kind the first few are told, with their place. */
  add(kind: 'fault' | 'unreadable', what: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= MAX_REASONS) this.#all.push(`${kind}: ${this.path}, line ${this.line}: ${what}`);
  }

  /** What is no fault is told once. */
  tell(what: string): void {
    if (!this.#all.includes(what)) this.#all.push(what);
  }

  /** The last line of a file was cut off. */
  cutOff(bytes: number): void {
    this.#all.push(`${this.path}: the last line was cut off: ${bytes} bytes are left out`);
  }

  list(): string[] {
    const more = [...this.#counts].filter(([, count]) => count > MAX_REASONS);
    return [...this.#all, ...more.map(([kind, count]) => `${kind}: ${count - MAX_REASONS} more`)];
  }
}

/** A recorded connection that is of interest. Its events go the way that those of a live one go (`Lane`). */
class RecordedLink implements LinkSink {
  readonly lane: Lane;
  /** It has said something. */
  begun = false;
  recvNs = 0;
  #conversation: Conversation | null = null;
  #port: Port | null = null;
  readonly #counts: SourceCounts;
  readonly #notes: SessionNotes;

  constructor(lane: Lane, counts: SourceCounts, notes: SessionNotes) {
    this.lane = lane;
    this.#counts = counts;
    this.#notes = notes;
  }

  /** Opened when it is asked for: a connection of no interest must have none. */
  get port(): Port {
    this.#port ??= this.lane.open();
    return this.#port;
  }

  begin(conversation: Conversation): void {
    this.#conversation = conversation;
    this.#port ??= this.lane.open();
  }

  /** Has the conversation take something, and deals with what it wrote. */
  take(recvNs: number, speak: (conversation: Conversation) => void): void {
    this.recvNs = recvNs;
    this.begun = true;
    this.#counts.messages++;
    try {
      speak(this.#conversation as Conversation);
    } catch (error) {
      if (!(error instanceof BookcastError)) throw error;
      this.port.dropHalfMessage();
      this.unreadable(null, error.message);
      this.fault(null, Fault.GAP, 'a message that could not be taken');
    }
    this.lane.settle(this.port);
  }

  builder(): BatchBuilder {
    return this.port.builder;
  }

  joinable(): void {
    this.port.joinable = true;
    this.lane.joins = true;
  }

  freshTrade(_i: number, id: number): boolean {
    return this.port.freshTrade(id);
  }

  fault(i: number | null, fault: Fault, why: string): void {
    this.#notes.add('fault', why);
    this.lane.portFault(this.port, fault, this.recvNs);
    if (this.port.role === 'waiting' && this.port.joinable && i !== null) this.lane.fault(fault, this.recvNs);
  }

  unreadable(_i: number | null, why: string): void {
    this.#counts.unparsable++;
    this.#notes.add('unreadable', why);
    this.lane.portFault(this.port, Fault.UNPARSABLE, this.recvNs);
  }

  heartbeat(): void {
    // Staleness was judged when it was recorded.
  }

  closing(why: string): void {
    this.#notes.add('fault', why);
  }

  refused(_i: number | null, error: BookcastError): void {
    this.#notes.add('fault', error.message);
  }

  note(_i: number | null, what: string): void {
    this.#notes.tell(what);
  }
}

/**
 * Has a venue's conversations decode a recorded session, record by record, into one instrument's events. In sessions that we
 * recorded, the supervisor's own faults stand in the log; in others, a connection that ends is a DISCONNECT.
 */
export class SessionReplay {
  readonly notes = new SessionNotes();
  readonly #reader: SessionReader;
  readonly #key: string;
  readonly #day: number;
  readonly #counts: SourceCounts;
  readonly #deliver: (batch: EventBatch) => void;
  /** By connection where they stand one after the other in the file, for then each has a channel of its own; else one for all. */
  readonly #lanes = new Map<string, Lane>();
  /** Open connections, oldest first; null where one is of no interest. */
  readonly #links = new Map<string, RecordedLink | null>();
  #lane: Lane | null = null;
  #ordered = true;
  #faultsTold = false;
  #recvNs = 0;
  #taken = 0;
  #answersLeftOut = 0;

  /** `counts` grows as records are taken; `deliver` takes the batches, in order. */
  constructor(reader: SessionReader, day: number, counts: SourceCounts, deliver: (batch: EventBatch) => void) {
    this.#reader = reader;
    this.#key = instrumentKey(reader.instrument.instrument);
    this.#day = day;
    this.#counts = counts;
    this.#deliver = deliver;
  }

  /** Takes the next line of the session. */
  take(entry: SessionLine): void {
    if ('recvNs' in entry) this.#recvNs = entry.recvNs;
    switch (entry.kind) {
      case 'recv':
        this.#received(entry);
        break;
      case 'http':
        this.#answered(entry);
        break;
      case 'connect':
        if (entry.again === true && this.#links.has(entry.conn)) break;
        this.#close(entry.conn, 'a new connection took its place');
        this.#open(entry.conn, entry.address);
        break;
      case 'close':
        this.#close(entry.conn, entry.why);
        break;
      case 'fault':
        if (entry.instrument === this.#key) this.#laneOf(entry.conn).fault(entry.fault as Fault, entry.recvNs);
        break;
      case 'header':
        this.#began(entry);
        break;
      case 'unreadable':
        this.#unreadable(entry.why);
        break;
      default:
    }
    if (this.#lane?.full) this.#lane.flush();
  }

  /** Hands out what there is. */
  flush(): void {
    this.#lane?.flush();
  }

  /** What a user should know; `ended`: there is nothing more to come. */
  list(ended: boolean): string[] {
    const list = this.notes.list();
    if (ended && this.#taken === 0) list.push(`no connection of this session is of interest for ${this.#key}`);
    if (this.#answersLeftOut > 0) {
      list.push(`${this.#answersLeftOut} snapshots left out: no connection was open that they could belong to`);
    }
    let missing = 0;
    for (const lane of this.#lanes.values()) missing += lane.missingTrades;
    if (missing > 0) list.push(`${missing} trades missing: their ids were skipped`);
    return list;
  }

  #began({ ordered, faultsTold, goesOn }: Extract<SessionLine, { kind: 'header' }>): void {
    this.#ordered = ordered;
    this.#faultsTold = faultsTold;
    if (goesOn) return;
    // What was open when a recorder began anew had ended with the one before, which could not say so any more.
    this.#faultsTold = false;
    for (const conn of [...this.#links.keys()]) this.#close(conn, 'the recorder ended');
    this.#faultsTold = faultsTold;
  }

  #laneOf(conn: string): Lane {
    const key = this.#ordered ? '' : conn;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(this.#reader.instrument, this.#day, this.#deliver);
      this.#lanes.set(key, lane);
    }
    // Batches keep the order of what happened.
    if (this.#lane !== lane) this.#lane?.flush();
    this.#lane = lane;
    return lane;
  }

  #open(conn: string, address: string): RecordedLink | null {
    const link = new RecordedLink(this.#laneOf(conn), this.#counts, this.notes);
    const conversation = this.#reader.open(address, link);
    if (conversation !== null) link.begin(conversation);
    this.#links.set(conn, conversation === null ? null : link);
    return conversation === null ? null : link;
  }

  #received({ conn, recvNs, bytes }: Extract<SessionRecord, { kind: 'recv' }>): void {
    let link = this.#links.get(conn);
    if (link === undefined) link = this.#open(conn, '');
    if (link === null) return;
    this.#speak(conn, link, recvNs, (conversation) => conversation.receive(bytes, 0, bytes.length, recvNs));
  }

  #answered({ conn, recvNs, url, bytes }: Extract<SessionRecord, { kind: 'http' }>): void {
    if (!this.#reader.isSnapshot(url)) return;
    let to = this.#links.get(conn) ? conn : null;
    if (to === null) for (const [name, link] of this.#links) if (link !== null) to = name;
    if (to === null) this.#answersLeftOut++;
    else this.#speak(to, this.#links.get(to)!, recvNs, (conversation) => conversation.answer(0, bytes, recvNs, url));
  }

  #speak(conn: string, link: RecordedLink, recvNs: number, speak: (conversation: Conversation) => void): void {
    this.#taken++;
    this.#laneOf(conn);
    link.take(recvNs, speak);
  }

  #unreadable(why: string): void {
    this.#counts.unparsable++;
    this.notes.add('unreadable', why);
    (this.#lane ?? this.#laneOf('')).fault(Fault.UNPARSABLE, this.#recvNs);
  }

  #close(conn: string, why: string): void {
    const link = this.#links.get(conn);
    this.#links.delete(conn);
    if (link === undefined || link === null) return;
    const lane = this.#laneOf(conn);
    const { port } = link;
    if (!this.#faultsTold && port.role === 'active' && link.begun && !lane.goesOn) {
      this.notes.add('fault', `disconnected${why === '' ? '' : ` (${why})`}`);
      lane.fault(Fault.DISCONNECT, this.#recvNs);
    }
    lane.close(port);
  }
}
