import { BookcastError } from '../../core/index.ts';

/**
 * Where an order stands in a queue of which only the sum is told. The exchange takes trades at the price off the front itself; a model says what another
 * change of the level's size tells of the lots before us. Sizes are the tape's: our own orders are in none of them.
 */
export interface QueueModel {
  /** As `queueModelOf` reads it. */
  readonly name: string;
  /** One sentence, printed with every result. */
  readonly assumption: string;
  /** It moves with trades: on a tape without them its fills would be wrong. */
  readonly needsTrades: boolean;
  /** Lots before an order that arrives at a level of `levelLots`. */
  start(levelLots: number): number;
  /**
   * Lots before us after the venue reported a level of `before` as `after`, in whole lots or parts of one, at least 0. `front`: before us now, the trades since the report
   * before already taken off; `traded`: how much those were.
   */
  advance(front: number, before: number, after: number, traded: number): number;
}

/** The probability that what was taken back stood behind us, given the lots before and behind us. Both at least 0. */
type BehindShare = (front: number, back: number) => number;

/**
 * hftbacktest's rule (`ProbQueueModel`, hftbacktest/src/backtest/models/queue.rs): what a level lost beyond its trades was behind us with probability p, before us
 * with 1 − p; what the queue behind cannot have given came from before; and never more before us than there is.
 */
function probable(name: string, assumption: string, behind: BehindShare): QueueModel {
  return {
    name,
    assumption,
    needsTrades: true,
    start: (levelLots) => levelLots,
    advance(front, before, after, traded) {
      const lost = before - after - traded;
      if (lost <= 0) return Math.min(front, after);
      const back = Math.max(0, before - front);
      const p = behind(front, back);
      return Math.max(0, Math.min(front - (1 - p) * lost + Math.min(back - p * lost, 0), after));
    },
  };
}

/** f(back) / (f(back) + f(front)); with nothing on either side, all is taken to be behind. */
function ratio(f: (lots: number) => number): BehindShare {
  return (front, back) => {
    const [ahead, behind] = [f(front), f(back)];
    // Powers overflow where n is large: then the longer side has it all.
    if (ahead === Infinity || behind === Infinity) return front === back ? 0.5 : front > back ? 0 : 1;
    return ahead + behind > 0 ? behind / (ahead + behind) : 1;
  };
}

const RISK_AVERSE: QueueModel = {
  name: 'risk-averse',
  assumption: 'queue: risk-averse, we move forward by trades alone, and never stand behind more than the level holds',
  needsTrades: true,
  start: (levelLots) => levelLots,
  advance: (front, _before, after) => Math.min(front, after),
};

/** Rigtorp, "Estimating order queue position" (2013): each lot taken back was as likely any of those that stood there, after the trades. */
const RIGTORP: QueueModel = {
  name: 'rigtorp',
  assumption: 'queue: Rigtorp, lots taken back were before us in proportion to our place (V − d·V/Q)',
  needsTrades: true,
  start: (levelLots) => levelLots,
  advance(front, before, after, traded) {
    const stood = before - traded;
    const lost = stood - after;
    if (lost <= 0 || front <= 0) return Math.min(front, after);
    return Math.max(0, Math.min(front - lost * Math.min(1, front / stood), after));
  },
};

const LOGARITHMIC = probable(
  'logarithmic',
  'queue: logarithmic, lots taken back were behind us with probability ln(1+back) / (ln(1+back) + ln(1+front))',
  ratio((lots) => Math.log1p(lots)),
);

/** Nobody stands before us: no estimate but a bound, for sweeps. */
const FRONT: QueueModel = {
  name: 'none',
  assumption: 'queue: none, nobody stands before us: a bound that no real order attains',
  needsTrades: false,
  start: () => 0,
  advance: () => 0,
};

function power(n: number): QueueModel {
  const assumption = `queue: power, lots taken back were behind us with probability back^n / (back^n + front^n), n = ${n}`;
  return probable(
    `power:${n}`,
    assumption,
    ratio((lots) => lots ** n),
  );
}

/** What `queueModelOf` knows; `power` takes its n after a colon. */
export const QUEUE_MODELS: readonly string[] = ['risk-averse', 'rigtorp', 'logarithmic', 'power:3', 'none'];

/**
 * The queue model of a name: `risk-averse`, `rigtorp`, `logarithmic`, `power:n` (`power` alone: n = 3), `none`. Throws `bad-argument` for any other.
 */
export function queueModelOf(name: string): QueueModel {
  if (name === 'power') return power(3);
  if (name.startsWith('power:')) {
    const n = Number(name.slice(6));
    if (name.length > 6 && Number.isFinite(n) && n > 0) return power(n);
    throw new BookcastError(
      'bad-argument',
      `the power of a queue model is a number above 0, such as power:3, not "${name}"`,
      {
        name,
      },
    );
  }
  const model = [RISK_AVERSE, RIGTORP, LOGARITHMIC, FRONT].find((one) => one.name === name);
  if (model !== undefined) return model;
  throw new BookcastError('bad-argument', `no queue model "${name}"; there are ${QUEUE_MODELS.join(', ')}`, { name });
}
