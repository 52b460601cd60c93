import { encodeModelMetadata } from '../../src/models/index.ts';
import { Booster } from '../../src/models/trees/booster.ts';
import { encodeTrees } from '../../src/models/trees/onnx.ts';
import { serveGraph } from '../../src/nn/index.ts';
import { noisyClasses } from '../gbdt/noisy-classes.ts';
import { type RacedNet, racedNets } from './cases.ts';

/** A model's file as a training writes it, on rows of `features` columns `x_0`, `x_1`, …, of the schema `bench`. */
export interface ServedFile {
  readonly title: string;
  readonly features: number;
  readonly bytes: Uint8Array;
  /** The net that reads whole windows, for rivals; null of a stream, and of trees. */
  readonly net: RacedNet | null;
}

const CLASSES = ['down', 'flat', 'up'];
/** Trees of the raced ensemble: rounds times classes. */
const ROUNDS = 100;

interface Shape {
  readonly kind: string;
  readonly features: number;
  readonly length: number;
  readonly streams: boolean;
}

export function columnsOf(features: number): string[] {
  return Array.from({ length: features }, (_, f) => `x_${f}`);
}

function metadataOf({ kind, features, length, streams }: Shape): Record<string, string> {
  const rows = { schemaHash: 'bench', signals: columnsOf(features), fit: null, clock: 'burst', learnt: null };
  const prior = CLASSES.map(() => 1 / CLASSES.length);
  return encodeModelMetadata({ kind, target: 'events:10', classes: CLASSES, length, streams, prior, ...rows });
}

/** The nets of the training race with the same seeded weights, the LSTM also as a stream, and an ensemble of trees. */
export function servedFiles(smoke: boolean): ServedFile[] {
  const files: ServedFile[] = [];
  for (const net of racedNets(1, smoke)) {
    const { function: built, steps, features, outputs, weights, title } = net;
    for (const streaming of net.net === 'lstm' ? [true, false] : [false]) {
      const metadata = metadataOf({ kind: net.net, features, length: steps, streams: streaming });
      const spec = { net: built, steps, features, outputs, weights, activation: 'softmax', scaler: null } as const;
      const note = streaming ? ', streaming: one row a run' : '';
      const bytes = serveGraph({ ...spec, streaming }, { metadata });
      files.push({ title: `${title}${note}`, features, bytes, net: streaming ? null : net });
    }
  }
  files.push(treesFile(smoke));
  return files;
}

function treesFile(smoke: boolean): ServedFile {
  const features = 40;
  const rounds = smoke ? 3 : ROUNDS;
  const { data, width, labels } = noisyClasses(3, smoke ? 500 : 20_000, features);
  const rows = Int32Array.from(labels, (_, i) => i);
  const booster = new Booster(
    { data, width, rows, labels },
    {
      classes: CLASSES.length,
      learningRate: 0.1,
      leaves: 31,
      depth: 0,
      bins: 255,
      rowShare: 1,
      featureShare: 1,
      monotone: new Int8Array(features),
      seed: 1,
      l2: 1,
      minWeight: 1e-3,
      minSamples: 20,
      minGain: 0,
    },
  );
  while (booster.rounds < rounds) booster.round();
  const metadata = metadataOf({ kind: 'gbdt', features, length: 1, streams: false });
  const title = `gradient-boosted trees, ${booster.ensemble.trees} of 31 leaves, F=${features}`;
  return { title, features, net: null, bytes: encodeTrees(booster.ensemble, metadata) };
}
