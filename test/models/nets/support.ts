import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Random } from '../../../src/core/index.ts';
import { NETS, type Net } from '../../../src/models/nets/index.ts';
import type { NetShape } from '../../../src/nn/index.ts';

/** Windows of 12 rows of 8 columns, which every net reads in a fraction of a second, except for DeepLOB, which needs 19. */
export const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  linear: { length: 12 },
  mlp: { length: 12, hidden: [32, 16] },
  lstm: { length: 12, hidden: 24 },
  gru: { length: 12, hidden: 24 },
  'attention-lstm': { length: 12, hidden: 24, attention: 8 },
  transformer: { length: 12, width: 16, heads: 2, layers: 2, inner: 32 },
  tlob: { length: 12, width: 16, heads: 2, layers: 1 },
  mlplob: { length: 12, width: 16, blocks: 2 },
  deeplob: { length: 22, channels: 6, inception: 8, hidden: 24 },
  ctabl: { length: 12, features1: 24, steps1: 10, features2: 16, steps2: 5 },
  'bin-ctabl': { length: 12, features1: 24, steps1: 10, features2: 16, steps2: 5 },
};

export function netCalled(name: string): Net {
  const net = NETS.find((candidate) => candidate.name === name);
  if (net === undefined) throw new Error(`there is no net ${name}`);
  return net;
}

/** The keys given, defaults elsewhere. */
export function configured(schema: TSchema, keys: Record<string, unknown>): unknown {
  return Value.Default(schema, { ...keys });
}

export function shapeOf(name: string, keys: Record<string, unknown>, features: number, outputs = 3): NetShape {
  const net = netCalled(name);
  const config = configured(net.config, keys);
  return { net: net.build(config, features, outputs), steps: net.length(config), features, outputs };
}

/** Numbers of a standard normal. */
export function noise(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.normal());
}
