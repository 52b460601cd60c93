import { Value } from 'typebox/value';
import { Random } from '../../src/core/index.ts';
import { NETS } from '../../src/models/nets/index.ts';
import type { NetFunction } from '../../src/nn/index.ts';
import { layoutOf } from '../../src/nn/net-builder.ts';
import type { NetCase } from './torch-rival.ts';

const OUTPUTS = 3;

/** What is raced: net, rows in a window, columns, and keys that differ from the defaults. No dropout: masks differ from engine to engine. */
const NETS_RACED: readonly { net: string; title: string; features: number; keys: Record<string, number> }[] = [
  { net: 'lstm', title: 'LSTM 2×128, T=50, F=40', features: 40, keys: { length: 50, dropout: 0 } },
  { net: 'mlplob', title: 'MLPLOB d=64, 4 blocks, T=128, F=40', features: 40, keys: { length: 128, blocks: 4 } },
  {
    net: 'transformer',
    title: 'Transformer d=64, 4 heads, 2 layers, T=100, F=40',
    features: 40,
    keys: { length: 100, dropout: 0 },
  },
  { net: 'bin-ctabl', title: 'BiN-CTABL, T=10, F=40', features: 40, keys: { length: 10, dropout: 0 } },
];

export interface RacedNet extends NetCase {
  readonly title: string;
  readonly outputs: number;
  readonly function: NetFunction;
}

/** Every net at that batch, with seeded weights and one seeded batch. `short` nets are a tenth as wide, for smoke runs. */
export function racedNets(batch: number, short: boolean): RacedNet[] {
  return NETS_RACED.map(({ net: name, title, features, keys }) => {
    const net = NETS.find((one) => one.name === name)!;
    const small = short ? { length: 8, ...(name === 'lstm' ? { hidden: 8 } : {}) } : {};
    const config = Value.Default(net.config, { ...keys, ...small }) as Record<string, number>;
    const steps = net.length(config);
    const built = net.build(config, features, OUTPUTS);
    const layout = layoutOf({ net: built, steps, features, outputs: OUTPUTS });
    const random = new Random(11);
    const x = Float32Array.from({ length: steps * batch * features }, () => random.normal());
    const y = Int32Array.from({ length: batch }, () => random.below(OUTPUTS));
    const weights = layout.initialise(5);
    const sizes = { steps, batch, features, outputs: OUTPUTS };
    return { net: name, title, config, ...sizes, specs: layout.specs, weights, x, y, function: built };
  });
}
