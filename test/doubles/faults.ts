import { Random } from '../../src/core/index.ts';

/**
 * Everything that goes wrong on a double, and per what its rate counts. Only what the venue's protocol can reveal may be silent:
 * Coinbase's `level2_batch` numbers nothing, so inside an open connection its book messages are never dropped, held back
 * or repeated late there (the venue vouches for delivery, and TCP does so for the rest).
 */
export const FAULT_KINDS = {
  drop: 'message',
  duplicate: 'message',
  /** A message comes after its successor. */
  reorder: 'message',
  malformed: 'message',
  truncated: 'message',
  /** Kraken: a frame with another checksum than that of its book. */
  checksum: 'message',
  /** The connection ends without a word. */
  disconnect: 'second',
  /** Nothing arrives any more, and nobody says so. */
  halfOpen: 'second',
  /** The venue's front answers pings, and what is behind it sends nothing. */
  stalled: 'second',
  /** The venue closes a client that it finds too slow. */
  slowClose: 'second',
  /** The venue says that it goes down, and goes a while later. */
  shutdown: 'second',
  /** The venue restarts, and its numbers begin anew: all connections end; those of Coinbase Advanced (from 0) and OKX stay. */
  renumber: 'second',
  refuse: 'connect',
  subscribeError: 'subscription',
  /** 429 with Retry-After, then without. */
  tooMany: 'request',
  tooManySilent: 'request',
  /** 418 with Retry-After. */
  ban: 'request',
  serverError: 'request',
  /** A request that is never answered. */
  noAnswer: 'request',
  /** 200, and the body is no JSON. */
  badBody: 'request',
  lateSnapshot: 'request',
  /** From a cache: older than what the stream told when it was asked for. */
  staleSnapshot: 'request',
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

/** Rates at which faults strike within a window of the double's time, drawn from a seed; and how often each did. */
export class FaultPlan {
  readonly rates: Partial<Record<FaultKind, number>>;
  readonly struck: Partial<Record<FaultKind, number>> = {};
  /** The network obeys connections, messages and answers of the plan from `fromMs` to `untilMs` only. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly random: Random;
  /** Nothing strikes for now. */
  paused = false;

  constructor(
    seed: number,
    rates: Partial<Record<FaultKind, number>>,
    window: { fromMs?: number; untilMs?: number } = {},
  ) {
    this.rates = rates;
    this.fromMs = window.fromMs ?? 0;
    this.untilMs = window.untilMs ?? Number.POSITIVE_INFINITY;
    this.random = new Random(seed);
  }

  strikes(kind: FaultKind, nowMs: number): boolean {
    const rate = this.rates[kind] ?? 0;
    if (rate === 0 || this.paused || nowMs < this.fromMs || nowMs >= this.untilMs || !this.random.bernoulli(rate))
      return false;
    this.struck[kind] = (this.struck[kind] ?? 0) + 1;
    return true;
  }
}

const TYPICAL: Readonly<Record<(typeof FAULT_KINDS)[FaultKind], number>> = {
  message: 0.02,
  second: 0.06,
  connect: 0.3,
  subscription: 0.3,
  request: 0.25,
};

/** A few kinds of fault, as often as is usual for their kind or up to three times so. */
export function drawFaults(random: Random, allowed: readonly FaultKind[]): Partial<Record<FaultKind, number>> {
  const rates: Partial<Record<FaultKind, number>> = {};
  const left = [...allowed];
  for (let n = 1 + random.below(5); n > 0 && left.length > 0; n--) {
    const [kind] = left.splice(random.below(left.length), 1);
    rates[kind] = TYPICAL[FAULT_KINDS[kind]] * (0.5 + random.float() * 2.5);
  }
  return rates;
}

/** `drop=0.01,halfOpen` → rates; a kind without a number gets the usual one. Throws on an unknown kind, naming all. */
export function parseFaults(text: string): Partial<Record<FaultKind, number>> {
  const rates: Partial<Record<FaultKind, number>> = {};
  for (const part of text.split(',').filter((entry) => entry !== '')) {
    const [name, rate] = part.split('=');
    if (!Object.hasOwn(FAULT_KINDS, name)) {
      throw new Error(`no fault is called "${name}"; there are ${Object.keys(FAULT_KINDS).join(', ')}`);
    }
    const kind = name as FaultKind;
    rates[kind] = rate === undefined ? TYPICAL[FAULT_KINDS[kind]] : Number(rate);
    if (!(rates[kind]! >= 0 && rates[kind]! <= 1)) throw new Error(`the rate of ${name} is from 0 to 1, not "${rate}"`);
  }
  return rates;
}
