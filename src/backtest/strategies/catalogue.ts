import { type Static, type TObject, Type } from 'typebox';
import { NS_PER_SECOND } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import type { Strategy } from '../strategy.ts';
import { BuyAndHold } from './buy-and-hold.ts';
import { Execution } from './execution.ts';
import { MarketMaker } from './market-maker.ts';
import { almgrenChriss, forecastTimed, pov, type Schedule, twap, vwap } from './schedule.ts';
import { createSignal, type SignalKind } from './signal.ts';
import { ThresholdTaker } from './threshold-taker.ts';

const SignalSchema = Type.Union([Type.Literal('forecast'), Type.Literal('coin'), Type.Literal('none')], {
  default: 'forecast',
  description: 'forecast, coin (the forecast with a sign by chance: no skill) or none',
});
const lots = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 1e12, default: value, description });
const positive = (value: number, description: string) =>
  Type.Number({ exclusiveMinimum: 0, default: value, description });

const TakerSchema = Type.Object({
  kind: Type.Literal('taker'),
  signal: SignalSchema,
  threshold: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.3,
    description: 'how far p(up) and p(down) must differ, above 0 and at most 1',
  }),
  quantityLots: lots(1, 'lots that it holds, long or short'),
  holdSeconds: positive(1, 'seconds that a position is held after the last signal in its favour'),
});

const MakerSchema = Type.Object({
  kind: Type.Literal('maker'),
  signal: SignalSchema,
  skewTicks: Type.Number({
    minimum: 0,
    default: 1,
    description: 'ticks by which p(up) − p(down) = 1 moves the price that it quotes around, 0 or more',
  }),
  quotes: Type.Union([Type.Literal('glft'), Type.Literal('avellaneda-stoikov')], {
    default: 'glft',
    description: 'glft or avellaneda-stoikov',
  }),
  riskAversion: positive(0.01, 'γ, 1 a tick, above 0'),
  horizonSeconds: positive(10, 'τ of Avellaneda and Stoikov, seconds, above 0'),
  quantityLots: lots(1, 'lots of one quote'),
  maxPositionLots: lots(5, 'lots that it holds at most, long or short'),
  toleranceTicks: Type.Number({
    minimum: 0,
    default: 0,
    description: 'ticks that a quote may be off before it is moved, 0 or more',
  }),
  requote: Type.Union([Type.Literal('replace'), Type.Literal('cancel')], {
    default: 'replace',
    description: 'replace (in one step, where the venue can) or cancel (and place a new order once it is gone)',
  }),
  start: Type.Union([Type.Literal('wait'), Type.Literal('join')], {
    default: 'wait',
    description: 'until the market was seen to trade and move: wait, or join the best prices',
  }),
  halfLifeSeconds: positive(60, 'seconds in which the weight of the past in volatility and trading halves, above 0'),
});

const ExecutionSchema = Type.Object({
  kind: Type.Literal('execution'),
  signal: SignalSchema,
  algorithm: Type.Union(
    [
      Type.Literal('twap'),
      Type.Literal('vwap'),
      Type.Literal('pov'),
      Type.Literal('almgren-chriss'),
      Type.Literal('forecast-timed'),
    ],
    { default: 'twap', description: 'twap, vwap, pov, almgren-chriss or forecast-timed' },
  ),
  side: Type.Union([Type.Literal('buy'), Type.Literal('sell')], { default: 'buy', description: 'buy or sell' }),
  quantityLots: lots(1000, 'lots of the whole order'),
  afterSeconds: Type.Number({
    minimum: 0,
    default: 0,
    description: 'seconds from the first trusted book to its start',
  }),
  seconds: positive(120, 'seconds from its start to its end'),
  slices: Type.Integer({ minimum: 1, maximum: 1e6, default: 120, description: 'steps that it works in, 1 or more' }),
  style: Type.Union([Type.Literal('take'), Type.Literal('post')], { default: 'post', description: 'take or post' }),
  share: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.1,
    description: 'pov: share of the market’s volume, above 0 and at most 1',
  }),
  curvature: Type.Number({ minimum: 0, maximum: 20, default: 2, description: 'almgren-chriss: κT, 0 to 20' }),
  band: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.1,
    description: 'forecast-timed: share of the order, 0 to 1',
  }),
  profile: Type.Optional(
    Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
      minItems: 1,
      description: 'vwap: usual volume in equal parts of the time',
    }),
  ),
});

const HoldSchema = Type.Object({
  kind: Type.Literal('hold'),
  quantityLots: lots(1, 'lots that it buys and holds'),
});

type ExecutionAlgorithm = Static<typeof ExecutionSchema>['algorithm'];

/** Settings of every strategy that comes along, told apart by `kind`; every key has a default. */
export const StrategySchema = Type.Union([MakerSchema, TakerSchema, ExecutionSchema, HoldSchema], {
  default: { kind: 'maker' },
});
export type StrategyConfig = Static<typeof StrategySchema>;

/** Kinds of strategies, for messages and help. */
export const STRATEGY_KINDS: readonly string[] = [MakerSchema, TakerSchema, ExecutionSchema, HoldSchema].map(
  (schema: TObject) => String((schema.properties.kind as { const?: unknown }).const),
);

/** A new strategy, whole settings given. `seed` is of what it draws by chance. */
export function createStrategy(config: StrategyConfig, seed: number): Strategy {
  switch (config.kind) {
    case 'taker': {
      const { threshold, quantityLots, holdSeconds } = config;
      const signal = createSignal(config.signal, seed);
      return new ThresholdTaker({ signal, threshold, quantityLots, holdNs: holdSeconds * NS_PER_SECOND });
    }
    case 'maker': {
      const { kind: _, signal, halfLifeSeconds, ...rest } = config;
      const halfLifeNs = halfLifeSeconds * NS_PER_SECOND;
      return new MarketMaker({ ...rest, signal: createSignal(signal, seed), halfLifeNs });
    }
    case 'execution':
      return createExecution(config, seed);
    case 'hold':
      return new BuyAndHold(config.quantityLots);
  }
}

function createExecution(config: Static<typeof ExecutionSchema>, seed: number): Strategy {
  const { algorithm, side, quantityLots, slices, style } = config;
  const schedules: Record<ExecutionAlgorithm, () => Schedule> = {
    twap: () => twap,
    vwap: () => vwap(config.profile ?? null),
    pov: () => pov(config.share),
    'almgren-chriss': () => almgrenChriss(config.curvature),
    'forecast-timed': () => forecastTimed(config.band),
  };
  return new Execution({
    name:
      algorithm === 'forecast-timed' && config.signal !== 'forecast' ? `${algorithm} (${config.signal})` : algorithm,
    schedule: schedules[algorithm](),
    signal: createSignal(config.signal, seed),
    side: side === 'buy' ? Side.BID : Side.ASK,
    quantityLots,
    afterNs: config.afterSeconds * NS_PER_SECOND,
    durationNs: config.seconds * NS_PER_SECOND,
    slices,
    style,
  });
}

/**
 * What a strategy is measured against: the same with a coin's signal, where it reads one (and without any signal, for a maker), and buying and holding as much.
 */
export function baselinesOf(config: StrategyConfig): readonly StrategyConfig[] {
  const hold: StrategyConfig = {
    kind: 'hold',
    quantityLots: config.kind === 'maker' ? config.maxPositionLots : config.quantityLots,
  };
  if (config.kind === 'hold') return [];
  if (config.kind === 'execution') {
    const twap: StrategyConfig = { ...config, algorithm: 'twap' };
    if (config.algorithm === 'twap') return [hold];
    // The others do not read the signal.
    const timed = config.algorithm === 'forecast-timed' && config.signal !== 'coin';
    return timed ? [{ ...config, signal: 'coin' }, twap, hold] : [twap, hold];
  }
  const others: SignalKind[] = config.kind === 'maker' ? ['none', 'coin'] : ['coin'];
  return [...others.filter((signal) => signal !== config.signal).map((signal) => ({ ...config, signal })), hold];
}
