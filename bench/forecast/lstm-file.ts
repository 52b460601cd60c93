import { Value } from 'typebox/value';
import { encodeModelMetadata, formatTarget, type Target } from '../../src/models/index.ts';
import { NETS } from '../../src/models/nets/index.ts';
import { serveGraph } from '../../src/nn/index.ts';
import { layoutOf } from '../../src/nn/net-builder.ts';

/** The columns that the net reads, as a feature schema names them. */
interface Columns {
  readonly names: readonly string[];
  readonly hash: string;
}

/**
 * The file of an LSTM that streams, one row a run, with seeded weights: two layers of 128 units as `bookcast train --model lstm` makes it,
 * or one of 8 for a smoke run. What it forecasts is worth nothing; it takes as long as one that was trained.
 */
export function lstmFile(
  target: Target,
  { names, hash }: Columns,
  smoke: boolean,
): { title: string; bytes: Uint8Array } {
  const net = NETS.find(({ name }) => name === 'lstm')!;
  const [layers, hidden] = smoke ? [1, 8] : [2, 128];
  const config = Value.Default(net.config, { length: 50, layers, hidden, dropout: 0 }) as Record<string, number>;
  const steps = net.length(config);
  const outputs = target.classes.length;
  const shape = { net: net.build(config, names.length, outputs), steps, features: names.length, outputs };
  const scaler = {
    mean: new Float32Array(names.length),
    deviation: new Float32Array(names.length).fill(1),
    clip: 10,
  };
  const weights = layoutOf(shape).initialise(5);
  const metadata = encodeModelMetadata({
    kind: 'lstm',
    target: formatTarget(target),
    classes: [...target.classes],
    length: steps,
    streams: true,
    prior: target.classes.map(() => 1 / outputs),
    schemaHash: hash,
    signals: [...names],
    fit: null,
    clock: 'burst',
    learnt: null,
  });
  const bytes = serveGraph({ ...shape, weights, activation: 'softmax', scaler, streaming: true }, { metadata });
  return { title: `LSTM ${layers}×${hidden}`, bytes };
}
