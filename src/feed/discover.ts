import { BookcastError, editDistance } from '../core/index.ts';
import { Governor } from './governor.ts';
import type { FeedInstrument, HttpAnswer, HttpRequest, RateRule, VenueProtocol } from './protocol.ts';
import type { Cancel, World } from './world.ts';

const TIMEOUT_MS = 10_000;
/** Where a request does not tell its venue's limit: no faster than any of them allows. */
const RULE: RateRule = { limit: 1200, windowMs: 60_000 };
const SUGGESTIONS = 5;

/**
 * The instruments of these names, each once, in the order asked for. Our names, or the venue's own symbols where only one
 * instrument has it; case does not matter. Throws `not-found` with names that are near, `bad-argument` where a name is
 * ambiguous, and `venue-unreachable` where the venue does not answer, with what to try.
 */
export async function discover(
  protocol: VenueProtocol,
  names: readonly string[],
  world: World,
): Promise<FeedInstrument[]> {
  const answers = await askAll(protocol, protocol.discovery(names), world);
  const all = protocol.instruments(answers);
  return [...new Set(names.map((name) => find(protocol.venue, all, name)))];
}

/** Everything that trades, by name. Throws `venue-unreachable` as `discover` does. */
export async function listInstruments(protocol: VenueProtocol, world: World): Promise<readonly FeedInstrument[]> {
  const all = protocol.instruments(await askAll(protocol, protocol.discovery([]), world));
  return all.toSorted((a, b) => (a.instrument.name < b.instrument.name ? -1 : 1));
}

/** All answers in order; the first failure ends it. */
function askAll(protocol: VenueProtocol, requests: readonly HttpRequest[], world: World): Promise<HttpAnswer[]> {
  const governor = Governor.of(world);
  const answers = new Array<HttpAnswer>(requests.length);
  const pending = new Set<Cancel>();
  let left = requests.length;
  return new Promise((resolve, reject) => {
    const fail = (error: BookcastError): void => {
      for (const cancel of pending) cancel();
      reject(error);
    };
    if (left === 0) resolve(answers);
    requests.forEach((request, i) => {
      const take = (outcome: HttpAnswer | Error): void => {
        if (outcome instanceof Error) {
          fail(unreachable(protocol.venue, request, `does not answer: ${outcome.message}`, outcome));
          return;
        }
        const awayMs = governor.heed(request.scope, outcome);
        const handedOn = request.optional === true && awayMs === 0 && Math.floor(outcome.status / 100) === 4;
        if (outcome.status !== 200 && !handedOn) fail(refusal(protocol.venue, request, outcome, awayMs));
        else {
          answers[i] = outcome;
          if (--left === 0) resolve(answers);
        }
      };
      const rule = request.rule ?? governor.known(request.scope)?.rule ?? RULE;
      const limiter = governor.requests(request.scope, rule);
      pending.add(limiter.ask(request.weight, () => pending.add(world.transport.request(request, TIMEOUT_MS, take))));
    });
  });
}

function refusal(venue: string, request: HttpRequest, answer: HttpAnswer, awayMs: number): BookcastError {
  const { status } = answer;
  if (awayMs > 0) {
    const seconds = Math.ceil(awayMs / 1000);
    return unreachable(
      venue,
      request,
      `answered ${status}: too many requests came from this address. Wait ${seconds} s`,
    );
  }
  if (status === 403 || status === 451) {
    return unreachable(venue, request, `answered ${status}: it does not serve this region or network`);
  }
  return unreachable(venue, request, `answered ${status} where 200 was expected`);
}

function unreachable(venue: string, request: HttpRequest, what: string, cause?: Error): BookcastError {
  const { host, origin } = new URL(request.url);
  const message =
    `${venue}: ${host} ${what}. Try: whether this machine reaches ${origin} at all (network, firewall, proxy); ` +
    'another address of the venue with --base-url; or "npm start", which needs no network: it runs the simulator';
  return new BookcastError('venue-unreachable', message, { venue, host, ...(cause === undefined ? {} : { cause }) });
}

function find(venue: string, all: readonly FeedInstrument[], asked: string): FeedInstrument {
  const name = asked.trim().toUpperCase();
  const exact = all.find(({ instrument }) => instrument.name.toUpperCase() === name);
  if (exact !== undefined) return exact;
  const bySymbol = all.filter(({ symbol }) => symbol.toUpperCase() === name);
  if (bySymbol.length === 1) return bySymbol[0];
  if (bySymbol.length > 1) {
    const names = bySymbol.map(({ instrument }) => instrument.name).join(', ');
    throw new BookcastError('bad-argument', `${asked} trades on several markets of ${venue}: say which of ${names}`, {
      name: asked,
    });
  }
  const near = nearest(all, name);
  const hint = near.length === 0 ? '' : `; there is ${near.join(', ')}`;
  throw new BookcastError('not-found', `${venue} has no instrument "${asked}" that trades${hint}`, {
    name: asked,
    near,
  });
}

/** Names like it: those that differ in marks alone first, then those it is the beginning of, then those few changes away. */
function nearest(all: readonly FeedInstrument[], name: string): string[] {
  const plain = letters(name);
  const ranked = all.map(({ instrument }) => {
    const other = letters(instrument.name);
    const changes = editDistance(plain, other);
    const rank =
      other === plain ? 0 : other.startsWith(plain) ? 1 : changes <= Math.max(1, plain.length / 4) ? 1 + changes : 99;
    return { name: instrument.name, rank };
  });
  return ranked
    .filter(({ rank }) => rank < 99)
    .sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, SUGGESTIONS)
    .map((candidate) => candidate.name);
}

function letters(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '');
}
