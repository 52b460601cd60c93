import { isUtf8 } from 'node:buffer';
import { assert, dayOfEpochMs, NS_PER_DAY, NS_PER_SECOND, shown } from '../core/index.ts';
import { Fault } from '../market/index.ts';
import type { SessionRecord } from './session.ts';

/**
 * A recorded session is text, a line a record, times in epoch seconds with up to nine decimals:
 *
 *   {"t":"header", …}                                               a recorder began; ours says "recorder":"bookcast", and
 *                                                                   "goesOn":true at the head of its further files
 *   {"t":"connect","conn":"ws.1","ts":1633998511.159679,"addr":"wss://…"}    with "again":true: has been open for a while
 *   {"t":"send","conn":"ws.1","ts":…,"data":"…"}                    what we said
 *   {"t":"recv","conn":"ws.1","ts":…,"data":"…"}                    one whole message; "base64" instead where it is no UTF-8
 *   {"t":"http","conn":"http.0","ts":…,"url":"https://…","data":"…"} an answer's body
 *   {"t":"close","conn":"ws.1","ts":…,"why":"…"}
 *   {"t":"fault","conn":"ws.1","ts":…,"instrument":"venue:NAME","fault":1}
 *
 * The older text form has one connection a file: `<address> <-> <ts>` (connect), `<address> <- <ts>: <text>` (send),
 * `<address> -> <ts>: <body>` (http), `<ts>: <text>` (recv).
 */
export type SessionLine =
  | SessionRecord
  | SessionHeader
  /** A line of a kind unknown here. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable'; readonly why: string };

interface SessionHeader {
  readonly kind: 'header';
  /** False where the recorder wrote one connection after the other, so that only times tell the order. */
  readonly ordered: boolean;
  /** Whatever the supervisor knew to be lost stands in the log as a fault. */
  readonly faultsTold: boolean;
  /** The head of a further file of the same recorder. */
  readonly goesOn: boolean;
}

const QUOTE = 34;
const BACKSLASH = 92;
const ZERO = 48;
const POINT = 46;
const COLON = 58;
const SPACE = 32;
const BRACE = 123;
const SECONDS_PER_DAY = 86_400;

const RECV = Buffer.from('{"t":"recv","conn":"');
const TS = Buffer.from('","ts":');
const DATA = Buffer.from(',"data":"');
const TIME = /^(\d{1,12})(?:\.(\d+))?$/;
const TEXT = /^(\S+:\/\/\S*) (<->|<-|->) (\d{1,12}(?:\.\d+)?)(?:: (.*))?$/s;

/** What an escape letter stands for; 0 where it is none, or is `u`. */
const ESCAPES = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  ESCAPES[letter.charCodeAt(0)] = byte;
}

/** Does the beginning of an unpacked file look like a recorded session? */
export function sniffSession(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096)).toString('latin1').trimStart();
  if (/^\{"t": ?"(?:header|connect|send|recv|http|close|fault)"/.test(text)) return true;
  return /^(?:\S+:\/\/\S* (?:<->|<-|->) \d{9,11}(?:\.\d+)?(?:: |\s)|\d{9,11}(?:\.\d+)?: [[{])/.test(text);
}

/** Reads lines of sessions; times count from the UTC day of the first record that it met, over all files. */
export class SessionParser {
  /** Days since 1970; NaN until there was a record. */
  day: number;
  /** Holds one message without its escapes. */
  #text = Buffer.alloc(64 * 1024);
  #conn = '';
  #connBytes = Buffer.alloc(0);

  constructor(day = Number.NaN) {
    this.day = day;
  }

  /** The line `bytes[from, to)`. Received bytes are good until the next call. */
  parse(bytes: Buffer, from: number, to: number): SessionLine {
    if (bytes[from] !== BRACE) return this.#textForm(bytes, from, to);
    return this.#received(bytes, from, to) ?? this.#json(bytes, from, to);
  }

  /** The form that recorders write received messages in, without `JSON.parse`; null where it is any other. */
  #received(bytes: Buffer, from: number, to: number): SessionLine | null {
    if (!startsWith(bytes, from, to, RECV)) return null;
    const connFrom = from + RECV.length;
    const connTo = bytes.indexOf(QUOTE, connFrom);
    if (connTo < 0 || !startsWith(bytes, connTo, to, TS)) return null;
    let at = connTo + TS.length;
    const timeFrom = at;
    while (at < to && (bytes[at] === POINT || (bytes[at] >= ZERO && bytes[at] <= ZERO + 9))) at++;
    if (!startsWith(bytes, at, to, DATA)) return null;
    const recvNs = this.#timeOf(bytes, timeFrom, at);
    if (Number.isNaN(recvNs) || bytes[to - 1] !== 125 || bytes[to - 2] !== QUOTE) return null;
    const conn = this.#connOf(bytes, connFrom, connTo);
    const length = conn === null ? -1 : this.#unescape(bytes, at + DATA.length, to - 2);
    if (conn === null || length < 0) return null;
    return { kind: 'recv', conn, recvNs, bytes: this.#text.subarray(0, length) };
  }

  /** The name of a connection; consecutive lines of one share the string. Null where it has escapes. */
  #connOf(bytes: Buffer, from: number, to: number): string | null {
    if (bytes.compare(this.#connBytes, 0, this.#connBytes.length, from, to) === 0) return this.#conn;
    const name = bytes.subarray(from, to);
    if (name.includes(BACKSLASH)) return null;
    this.#connBytes = Buffer.from(name);
    this.#conn = name.toString();
    return this.#conn;
  }

  /** JSON text `bytes[from, to)` without its quotes into `#text`; returns its length, or −1 where `JSON.parse` must tell. */
  #unescape(bytes: Buffer, from: number, to: number): number {
    if (this.#text.length < to - from) this.#text = Buffer.alloc(2 * (to - from));
    const text = this.#text;
    let length = 0;
    for (let at = from; at < to; at++) {
      const c = bytes[at];
      if (c !== BACKSLASH) {
        if (c === QUOTE || c < SPACE) return -1;
        text[length++] = c;
        continue;
      }
      const meant = ++at < to ? ESCAPES[bytes[at]] : 0;
      if (meant === 0) return -1;
      text[length++] = meant;
    }
    return length;
  }

  #json(bytes: Buffer, from: number, to: number): SessionLine {
    // The digits of "ts" as written: as a float they would lose the last of nine decimals.
    const times = new Map<unknown, string>();
    function reviver(this: unknown, key: string, value: unknown, context?: { source?: string }): unknown {
      if (key === 'ts' && typeof value === 'number') times.set(this, context?.source ?? '');
      return value;
    }
    let raw: Record<string, unknown>;
    try {
      raw = JSON.parse(bytes.toString('utf8', from, to), reviver as (key: string, value: unknown) => unknown);
    } catch {
      return { kind: 'unreadable', why: 'the line is not JSON' };
    }
    if (raw.t === 'header') {
      const ours = raw.recorder === 'bookcast';
      return { kind: 'header', ordered: ours, faultsTold: ours, goesOn: raw.goesOn === true };
    }
    const text = (key: string): string | null => (typeof raw[key] === 'string' ? (raw[key] as string) : null);
    const kind = text('t');
    if (kind === null) return { kind: 'unreadable', why: 'the line has no "t" that says what it is' };
    if (!['connect', 'send', 'recv', 'http', 'close', 'fault'].includes(kind)) return { kind: 'other' };
    const conn = text('conn');
    if (conn === null) return { kind: 'unreadable', why: `a "${kind}" line without "conn"` };
    const recvNs = this.#timeOfText(times.get(raw) ?? '');
    if (Number.isNaN(recvNs)) {
      return { kind: 'unreadable', why: `"ts" is ${shown(raw.ts)}, expected seconds since 1970` };
    }
    return record(kind, conn, recvNs, text, raw) ?? { kind: 'unreadable', why: `a "${kind}" line without its fields` };
  }

  #textForm(bytes: Buffer, from: number, to: number): SessionLine {
    let at = from;
    while (at < to && at - from < 32 && bytes[at] !== COLON) at++;
    if (bytes[at] === COLON && bytes[at + 1] === SPACE) {
      const recvNs = this.#timeOf(bytes, from, at);
      if (!Number.isNaN(recvNs)) return { kind: 'recv', conn: '', recvNs, bytes: bytes.subarray(at + 2, to) };
    }
    const match = TEXT.exec(bytes.toString('utf8', from, to));
    if (match === null) return { kind: 'unreadable', why: 'the line is no record of a session' };
    const [, address, arrow, time, rest] = match;
    const recvNs = this.#timeOfText(time);
    if (arrow === '<->') return { kind: 'connect', conn: '', recvNs, address };
    if (rest === undefined) return { kind: 'unreadable', why: 'a line without what was said' };
    if (arrow === '<-') return { kind: 'send', conn: '', recvNs, text: rest };
    return { kind: 'http', conn: '', recvNs, url: address, bytes: Buffer.from(rest) };
  }

  #timeOfText(text: string): number {
    if (!TIME.test(text)) return Number.NaN;
    const bytes = Buffer.from(text);
    return this.#timeOf(bytes, 0, bytes.length);
  }

  /** Epoch seconds `bytes[from, to)` as ns since the day, exactly; NaN where they are none. Decimals after the ninth are dropped. */
  #timeOf(bytes: Buffer, from: number, to: number): number {
    let seconds = 0;
    let at = from;
    for (; at < to && bytes[at] !== POINT; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      seconds = seconds * 10 + digit;
    }
    if (at === from || at - from > 12 || at + 1 === to) return Number.NaN;
    let ns = 0;
    let unit = NS_PER_SECOND / 10;
    for (at++; at < to; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      if (unit >= 1) ns += digit * unit;
      unit /= 10;
    }
    if (Number.isNaN(this.day)) this.day = dayOfEpochMs(seconds * 1000);
    return (seconds - this.day * SECONDS_PER_DAY) * NS_PER_SECOND + ns;
  }
}

function startsWith(bytes: Buffer, from: number, to: number, prefix: Buffer): boolean {
  if (from + prefix.length > to) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[from + i] !== prefix[i]) return false;
  return true;
}

/** Null where a field is missing. */
function record(
  kind: string,
  conn: string,
  recvNs: number,
  text: (key: string) => string | null,
  raw: Readonly<Record<string, unknown>>,
): SessionRecord | null {
  const base64 = text('base64');
  const data = text('data');
  const bytes = base64 !== null ? Buffer.from(base64, 'base64') : data === null ? null : Buffer.from(data);
  if (kind === 'recv') return bytes === null ? null : { kind, conn, recvNs, bytes };
  if (kind === 'http') {
    const url = text('url');
    return url === null || bytes === null ? null : { kind, conn, recvNs, url, bytes };
  }
  if (kind === 'connect') {
    const address = text('addr');
    if (address === null) return null;
    return raw.again === true ? { kind, conn, recvNs, address, again: true } : { kind, conn, recvNs, address };
  }
  if (kind === 'send') return data === null ? null : { kind, conn, recvNs, text: data };
  if (kind === 'close') return { kind, conn, recvNs, why: text('why') ?? '' };
  const instrument = text('instrument');
  const isFault = Object.values(Fault).includes(raw.fault as Fault);
  return instrument === null || !isFault
    ? null
    : { kind: 'fault', conn, recvNs, instrument, fault: raw.fault as Fault };
}

/** Writes a session as lines, and knows which connections are open, for the head of a log's next file. */
export class SessionWriter {
  readonly #day: number;
  readonly #open = new Map<string, Extract<SessionRecord, { kind: 'connect' }>>();
  #recvNs = 0;

  /** All times count from `day`. */
  constructor(day: number) {
    this.#day = day;
  }

  encode(entry: SessionRecord): Buffer {
    this.#recvNs = entry.recvNs;
    if (entry.kind === 'connect') this.#open.set(entry.conn, entry);
    else if (entry.kind === 'close') this.#open.delete(entry.conn);
    return encodeRecord(entry, this.#day);
  }

  /** What the next file must repeat to be read alone. */
  opening(): Buffer[] {
    return [...this.#open.values()].map((entry) =>
      encodeRecord({ ...entry, recvNs: this.#recvNs, again: true }, this.#day),
    );
  }
}

/** A record as a line, with its line end; `recvNs` counts from `day`. What `SessionParser` reads back. */
export function encodeRecord(entry: SessionRecord, day: number): Buffer {
  const { kind, conn } = entry;
  const head = `{"t":"${kind}","conn":${JSON.stringify(conn)},"ts":${epochSeconds(entry.recvNs, day)}`;
  if (kind === 'recv') return withBytes(head, entry.bytes);
  if (kind === 'http') return withBytes(`${head},"url":${JSON.stringify(entry.url)}`, entry.bytes);
  if (kind === 'connect') {
    return Buffer.from(`${head},"addr":${JSON.stringify(entry.address)}${entry.again ? ',"again":true' : ''}}\n`);
  }
  if (kind === 'send') return Buffer.from(`${head},"data":${JSON.stringify(entry.text)}}\n`);
  if (kind === 'close') return Buffer.from(`${head},"why":${JSON.stringify(entry.why)}}\n`);
  return Buffer.from(`${head},"instrument":${JSON.stringify(entry.instrument)},"fault":${entry.fault}}\n`);
}

function withBytes(head: string, bytes: Buffer): Buffer {
  if (!isUtf8(bytes)) return Buffer.from(`${head},"base64":"${bytes.toString('base64')}"}\n`);
  return Buffer.from(`${head},"data":${JSON.stringify(bytes.toString())}}\n`);
}

function epochSeconds(recvNs: number, day: number): string {
  const days = Math.floor(recvNs / NS_PER_DAY);
  const inDay = recvNs - days * NS_PER_DAY;
  const seconds = Math.floor(inDay / NS_PER_SECOND);
  const ns = inDay - seconds * NS_PER_SECOND;
  const whole = (day + days) * SECONDS_PER_DAY + seconds;
  assert(whole >= 0 && Number.isInteger(ns), 'a time of a session is whole nanoseconds after 1970');
  return ns === 0 ? String(whole) : `${whole}.${String(ns).padStart(9, '0').replace(/0+$/, '')}`;
}
