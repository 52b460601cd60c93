import { BookcastError, NO_PRICE, type Random } from '../../src/core/index.ts';
import type {
  Conversation,
  FeedInstrument,
  HttpAnswer,
  LinkPlan,
  LinkSink,
  VenueProtocol,
} from '../../src/feed/index.ts';
import {
  BatchBuilder,
  BookSync,
  type EventBatch,
  EventFlag,
  EventKind,
  Fault,
  instrumentKey,
  LadderBook,
  messageEnd,
  OrderBook,
  Side,
  SyncState,
} from '../../src/market/index.ts';
import { createDouble } from '../doubles/create.ts';
import { FaultPlan } from '../doubles/faults.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import { PRODUCTS } from '../doubles/products.ts';
import { checkBatch, isRefusal } from './check-batch.ts';
import { mutate } from './mutate.ts';
import { protocolOf } from './protocols.ts';
import type { FuzzSession, FuzzTarget, Tally } from './target.ts';

const DAY = 20_000;
const START_MS = DAY * 86_400_000 + 36_000_000;
const SECONDS = 12;

/** What a double said on one connection and answered: what all mutations start from. */
export interface Corpus {
  readonly make: () => VenueProtocol;
  readonly plan: LinkPlan;
  readonly frames: readonly Buffer[];
  readonly answers: readonly Buffer[];
  /** Where the answers came from; '' where snapshots come on the connection. */
  readonly answersUrl: string;
  /** What we said. */
  readonly said: readonly string[];
  readonly discovery: readonly HttpAnswer[];
}

/** A live venue's decoder, fed what its double says with mutations in between, as one connection would bring it. */
export function conversationTarget(venue: DoubleVenue): FuzzTarget {
  return {
    name: venue,
    steps: 200,
    prepare: async () => {
      const corpus = listen(venue, await protocolOf(venue));
      return () => new ConversationSession(corpus);
    },
  };
}

/** Decoders of the venues' lists of what trades. */
export function discoveryTarget(venue: DoubleVenue): FuzzTarget {
  return {
    name: `${venue}-discovery`,
    steps: 200,
    prepare: async () => {
      const { make, discovery } = listen(venue, await protocolOf(venue));
      const reader = make();
      const seeds = discovery.map(({ body }) => body);
      return () => ({
        step: (random, tally) => {
          const body = mutate(seeds, random);
          count(tally, body);
          const answers = discovery.map((answer) => ({ ...answer, body: random.bernoulli(0.8) ? body : answer.body }));
          try {
            for (const found of reader.instruments(answers)) checkInstrument(found);
          } catch (error) {
            if (isRefusal(error)) tally.refused++;
          }
        },
      });
    },
  };
}

function checkInstrument({ instrument, symbol }: FeedInstrument): void {
  const { tickSize, lotSize, name } = instrument;
  if (symbol === '' || name === '') throw new Error('an instrument without a name');
  for (const step of [tickSize, lotSize]) {
    if (!/^\d+(\.\d+)?$/.test(step) || !(Number(step) > 0)) throw new Error(`a step of "${step}"`);
  }
}

function count(tally: Tally, bytes: Buffer): void {
  tally.inputs++;
  tally.bytes += bytes.length;
}

export function listen(venue: DoubleVenue, make: () => VenueProtocol): Corpus {
  const protocol = make();
  const double = createDouble({ venue, seed: 11, plan: new FaultPlan(1, {}), startEpochMs: START_MS });
  const ask = (url: string): HttpAnswer => {
    const { status, headers, body } = double.http(url, {}, double.nowMs);
    return { url, status, headers, body: Buffer.from(body) };
  };
  const names = PRODUCTS[venue].map(({ name }) => name);
  const discovery = protocol.discovery(names).map(({ url }) => ask(url));
  const instruments = protocol.instruments(discovery).filter(({ instrument }) => names.includes(instrument.name));
  if (instruments.length !== names.length)
    throw new Error(`the double of ${venue} has ${names}, found ${instruments.length}`);
  const [plan] = protocol.links(instruments);
  const frames: Buffer[] = [];
  const answers: Buffer[] = [];
  const said: string[] = [];
  let answersUrl = '';
  const wire = {
    send: (text: string): void => void frames.push(Buffer.from(text)),
    ping: (): void => {},
    close: (): void => {},
    mute: (): void => {},
    stall: (): void => {},
  };
  const session = double.connect(plan.url, wire, 0);
  if (session === null) throw new Error(`the double of ${venue} has nothing at ${plan.url}`);
  const conversation = protocol.open(plan, new CheckingSink(plan));
  const say = (messages: readonly { text: string }[]): void => {
    for (const { text } of messages) {
      said.push(text);
      session.received(text);
    }
  };
  say(conversation.greeting(START_MS));
  for (let ms = 50; ms <= SECONDS * 1000; ms += 50) {
    double.advance(ms);
    if (ms % 2000 !== 0) continue;
    const resync = conversation.resync(0, START_MS + ms);
    if (resync.by === 'messages') {
      say(resync.messages);
    } else {
      answersUrl = resync.request.url;
      answers.push(ask(answersUrl).body);
    }
  }
  if (frames.length < 50) throw new Error(`the double of ${venue} said no more than ${frames.join(' ')}`);
  return { make, plan, frames, answers, answersUrl, said, discovery };
}

/** Takes what a conversation tells as a supervisor would, and throws where it may not tell it. */
class CheckingSink implements LinkSink {
  readonly builders: readonly BatchBuilder[];
  readonly #books: readonly BookSync[];
  readonly #trades: number[];
  /** Length of the message being received. */
  length = 0;
  unreadables = 0;

  constructor(plan: LinkPlan) {
    this.builders = plan.instruments.map(({ instrument }) => new BatchBuilder(instrumentKey(instrument), DAY, 256));
    this.#books = plan.instruments.map(({ instrument, book }) => {
      const levels = new LadderBook({ windowTicks: 1024 });
      return new BookSync(instrument, book === 'levels' ? levels : new OrderBook(), { bufferEvents: 4096 });
    });
    this.#trades = plan.instruments.map(() => Number.NEGATIVE_INFINITY);
  }

  builder(i: number): BatchBuilder {
    return this.builders[i];
  }

  joinable(i: number | null): void {
    this.#check(i);
  }

  freshTrade(i: number, id: number): boolean {
    this.#check(i);
    if (!Number.isSafeInteger(id)) throw new Error(`a trade has the id ${id}`);
    if (id <= this.#trades[i]) return false;
    this.#trades[i] = id;
    return true;
  }

  fault(i: number | null, fault: Fault, why: string): void {
    this.#check(i);
    if (why === '') throw new Error('a fault without a reason');
    this.#push(i, fault);
  }

  unreadable(i: number | null, why: string, offset: number, recvNs: number): void {
    this.#check(i);
    this.unreadables++;
    if (why === '') throw new Error('a frame is unreadable without a reason');
    if (!(Number.isInteger(offset) && offset >= -1 && offset <= this.length)) {
      throw new Error(`a frame of ${this.length} bytes is wrong at offset ${offset}`);
    }
    if (!Number.isFinite(recvNs)) throw new Error(`a frame was received at ${recvNs}`);
    this.#push(i, Fault.UNPARSABLE);
  }

  heartbeat(): void {}

  closing(why: string): void {
    if (why === '') throw new Error('a connection closes without a reason');
  }

  refused(i: number | null, error: BookcastError): void {
    this.#check(i);
    if (!(error instanceof BookcastError)) throw new Error(`a refusal is ${String(error)}`);
  }

  /** After each input: whole messages, sound rows, and no book that is synced and crossed. */
  take(): EventBatch[] {
    const batches: EventBatch[] = [];
    this.builders.forEach((builder, i) => {
      const batch = builder.finish();
      if (batch === null) return;
      batches.push(batch);
      checkBatch(batch);
      const book = this.#books[i];
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        book.applyMessage(batch, from, to);
        if (book.state === SyncState.SYNCED && book.levels.crossed) throw new Error('a synced book is crossed');
        from = to;
      }
    });
    return batches;
  }

  /** A supervisor writes faults between the messages; inside one they would split it. */
  #push(i: number | null, fault: Fault): void {
    this.builders.forEach((builder, k) => {
      if (i !== null && k !== i) return;
      const end = builder.length === 0 || (builder.reserve(0).flags[builder.length - 1] & EventFlag.MESSAGE_END) !== 0;
      if (!end) throw new Error(`fault ${fault} was told inside a message`);
      builder.push(EventKind.FAULT, Side.NONE, NO_PRICE, fault, 0, 0, 0, 0);
      builder.endMessage();
    });
  }

  #check(i: number | null): void {
    if (i !== null && this.builders[i] === undefined) throw new Error(`there is no instrument ${i}`);
  }
}

/** One decoder and what it says, given bytes that stand at some place of a buffer. */
class Ear {
  readonly sink: CheckingSink;
  readonly conversation: Conversation;
  /** Bytes of others before and after each message. */
  readonly #before: Buffer;
  readonly #after: Buffer;

  constructor({ make, plan }: Corpus, before: string, after: string) {
    this.sink = new CheckingSink(plan);
    this.conversation = make().open(plan, this.sink);
    this.conversation.greeting(START_MS);
    this.#before = Buffer.from(before);
    this.#after = Buffer.from(after);
  }

  receive(frame: Buffer, recvNs: number): EventBatch[] {
    const from = this.#before.length;
    this.sink.length = frame.length;
    const bytes = Buffer.concat([this.#before, frame, this.#after]);
    this.conversation.receive(bytes, from, from + frame.length, recvNs);
    return this.sink.take();
  }

  answer(i: number, body: Buffer, recvNs: number): EventBatch[] {
    this.sink.length = body.length;
    this.conversation.answer(i, body, recvNs);
    return this.sink.take();
  }
}

/**
 * Two decoders of one kind hear the same. To the one each message ends where its buffer ends; to the other it stands between
 * bytes that would continue it: whoever reads past the end tells something else.
 */
class ConversationSession implements FuzzSession {
  readonly #corpus: Corpus;
  readonly #alone: Ear;
  readonly #amid: Ear;
  #next = 0;
  #recvNs = 36_000e9;

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
    this.#alone = new Ear(corpus, '', '');
    this.#amid = new Ear(corpus, '{"99', '99"],["1","1"]]}}');
  }

  step(random: Random, tally: Tally): void {
    const { frames, answers, plan } = this.#corpus;
    // The connection goes on as it would, so that mutations meet a decoder that has seen much.
    for (let n = random.below(4); n > 0; n--) this.#receive(frames[this.#next++ % frames.length], tally);
    const before = this.#alone.sink.unreadables;
    const i = random.below(plan.instruments.length);
    if (answers.length > 0 && random.bernoulli(0.1)) {
      const body = random.bernoulli(0.3) ? answers[random.below(answers.length)] : mutate(answers, random);
      count(tally, body);
      const recvNs = this.#tick();
      same(this.#alone.answer(i, body, recvNs), this.#amid.answer(i, body, recvNs), tally);
    } else {
      const at = this.#next % frames.length;
      const near = frames.slice(Math.max(0, at - 20), at + 5);
      const frame = mutate(random.bernoulli(0.5) ? near : frames, random);
      count(tally, frame);
      this.#receive(frame, tally);
    }
    if (random.bernoulli(0.02)) {
      for (const { conversation } of [this.#alone, this.#amid]) conversation.resync(i, START_MS);
    }
    if (this.#alone.sink.unreadables > before) tally.refused++;
  }

  #receive(frame: Buffer, tally: Tally): void {
    const recvNs = this.#tick();
    same(this.#alone.receive(frame, recvNs), this.#amid.receive(frame, recvNs), tally);
  }

  #tick(): number {
    this.#recvNs += 10e6;
    return this.#recvNs;
  }
}

const COLUMNS = ['kind', 'side', 'flags', 'priceTicks', 'sizeLots', 'tsEventNs', 'sequence', 'orderId'] as const;

function textOf(batches: readonly EventBatch[]): string[] {
  return batches.flatMap((batch) =>
    Array.from(
      { length: batch.length },
      (_, i) => `${batch.instrument} ${COLUMNS.map((c) => `${c} ${batch[c][i]}`).join(' ')}`,
    ),
  );
}

function same(alone: EventBatch[], amid: EventBatch[], tally: Tally): void {
  for (const batch of alone) tally.rows += batch.length;
  const isSame = (batch: EventBatch, i: number): boolean =>
    Buffer.from(batch.buffer).equals(Buffer.from(amid[i].buffer));
  if (alone.length === amid.length && alone.every(isSame)) return;
  const [here, there] = [textOf(alone), textOf(amid)];
  const at = here.findIndex((row, i) => row !== there[i]);
  const rows = at < 0 ? `${here.length} rows and ${there.length}` : `row ${at}: ${here[at]}; ${there[at]}`;
  throw new Error(`a message is read otherwise where other bytes follow it in its buffer: ${rows}`);
}
