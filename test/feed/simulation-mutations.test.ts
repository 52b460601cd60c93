import { describe, expect, it } from 'vitest';
import type { Conversation, LinkPlan, LinkSink, VenueProtocol } from '../../src/feed/index.ts';
import { EventKind } from '../../src/market/index.ts';
import type { DoubleVenue } from '../doubles/products.ts';
import { runFeedSimulation } from './simulation.ts';
import { withLimits } from './simulation-scene.ts';

/** The simulation must fail where a feed is broken on purpose, or its silence would prove nothing. */
const SEEDS = 60;

type Wrap = (protocol: VenueProtocol) => VenueProtocol;

/** The problems of the first seed that has any. */
function problemsOf(venue: DoubleVenue, wrap: Wrap): string {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { problems } = runFeedSimulation({ venue, seed, wrap });
    if (problems.length > 0) return problems.join('\n');
  }
  return '';
}

/** The protocol with another way to open conversations. */
function opening(open: (protocol: VenueProtocol, plan: LinkPlan, sink: LinkSink) => Conversation): Wrap {
  return (protocol) => ({ ...withLimits(protocol, {}), open: (plan, sink) => open(protocol, plan, sink) });
}

/** A sink that passes everything on, but for what `changed` does otherwise. */
function sinkWith(sink: LinkSink, changed: Partial<LinkSink>): LinkSink {
  return {
    builder: (i) => sink.builder(i),
    joinable: (i) => sink.joinable(i),
    freshTrade: (i, id) => sink.freshTrade(i, id),
    fault: (i, fault, why) => sink.fault(i, fault, why),
    unreadable: (i, why, offset, recvNs) => sink.unreadable(i, why, offset, recvNs),
    heartbeat: () => sink.heartbeat(),
    closing: (why) => sink.closing(why),
    refused: (i, error) => sink.refused(i, error),
    ...changed,
  };
}

/** Each change claims to follow what came before it, whatever the venue said. */
const blindToGaps = opening((protocol, plan, sink) => {
  const last = plan.instruments.map(() => Number.NaN);
  const conversation = protocol.open(plan, sink);
  const forge = (call: () => void): void => {
    const from = plan.instruments.map((_, i) => sink.builder(i).length);
    call();
    plan.instruments.forEach((_, i) => {
      const { length } = sink.builder(i);
      const rows = sink.builder(i).reserve(0);
      for (let row = from[i]; row < length; row++) {
        if (rows.kind[row] === EventKind.DELTA && last[i] < rows.sequence[row]) rows.orderId[row] = last[i];
        if (rows.kind[row] === EventKind.DELTA || rows.kind[row] === EventKind.SNAPSHOT) last[i] = rows.sequence[row];
      }
    });
  };
  return {
    greeting: (epochMs) => conversation.greeting(epochMs),
    resync: (i, epochMs) => conversation.resync(i, epochMs),
    receive: (bytes, start, end, recvNs) => forge(() => conversation.receive(bytes, start, end, recvNs)),
    answer: (i, body, recvNs, url) => forge(() => conversation.answer(i, body, recvNs, url)),
  };
});

const withoutChecksums: Wrap = (protocol) => ({
  ...withLimits(protocol, {}),
  instruments: (answers) =>
    protocol.instruments(answers).map((feed) => {
      const { checksum: _, ...instrument } = feed.instrument;
      return { ...feed, instrument };
    }),
});

const deafToFaults = opening((protocol, plan, sink) => protocol.open(plan, sinkWith(sink, { fault: () => {} })));

const tellsTradesAgain = opening((protocol, plan, sink) => {
  const freshTrade = (i: number, id: number): boolean => {
    sink.freshTrade(i, id);
    return true;
  };
  return protocol.open(plan, sinkWith(sink, { freshTrade }));
});

const never = { limit: 1_000_000, windowMs: 1 };

describe('the simulation finds', () => {
  it.each(['binance-spot', 'binance-usdm', 'binance-coinm'] as const)('a %s feed that is blind to gaps', (venue) => {
    expect(problemsOf(venue, blindToGaps)).toMatch(/not the venue's book|at the end/);
  });

  it('a Kraken feed that verifies no checksum', () => {
    expect(problemsOf('kraken', withoutChecksums)).toMatch(/not the venue's book|at the end/);
  });

  it.each(['coinbase', 'coinbase-exchange'] as const)('a %s feed whose losses are not told', (venue) => {
    expect(problemsOf(venue, deafToFaults)).toMatch(/not the venue's book|at the end/);
  });

  it('trades that are told twice', () => {
    expect(problemsOf('kraken', tellsTradesAgain)).toMatch(/trade \d+ came twice/);
  });

  it('a feed without limits', () => {
    const wrap: Wrap = (protocol) => withLimits(protocol, { sends: never, connects: never, requests: never });
    expect(problemsOf('coinbase', wrap)).toMatch(/limits: .*messages: \d+ within 1000 ms, allowed are 8/);
  });

  it('a feed that does not come back', () => {
    const wrap = opening((protocol, plan, sink) => {
      const conversation = protocol.open(plan, sink);
      return {
        greeting: (epochMs) => conversation.greeting(epochMs),
        receive: (bytes, from, to, recvNs) => conversation.receive(bytes, from, to, recvNs),
        answer: (i, body, recvNs, url) => conversation.answer(i, body, recvNs, url),
        resync: () => ({ by: 'messages', messages: [] }),
      };
    });
    expect(problemsOf('kraken', wrap)).toMatch(/not synced again/);
  });
});
