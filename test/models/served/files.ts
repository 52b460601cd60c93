import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../src/core/index.ts';
import { encodeModelMetadata, type ModelMetadata } from '../../../src/models/index.ts';
import { ANY, Graph, type Value } from '../../../src/nn/index.ts';
import { encodeModel } from '../../../src/nn/onnx/encode.ts';

/** Models of real files, small, with random weights: what a training writes, without the training. */
export interface FileSpec {
  readonly width: number;
  readonly length: number;
  readonly classes?: number;
  readonly hidden?: number;
  readonly seed?: number;
  /** Of the weights; default 1. */
  readonly scale?: number;
}

export const namesOf = (width: number): string[] => Array.from({ length: width }, (_, i) => `x_${i}`);

export function metadataOf(spec: FileSpec, change: Partial<ModelMetadata> = {}): ModelMetadata {
  return {
    kind: 'linear',
    target: 'events:10',
    classes: ['down', 'flat', 'up'],
    length: spec.length,
    streams: false,
    schemaHash: 'test',
    signals: namesOf(spec.width),
    prior: [0.25, 0.5, 0.25],
    fit: null,
    clock: 'burst',
    learnt: null,
    ...change,
  };
}

function weights(random: Random, n: number, scale: number): Float32Array {
  return Float32Array.from({ length: n }, () => scale * random.normal());
}

/** NaN, which is a signal that warms up, counts as 0. */
function known(graph: Graph, x: Value): Value {
  const [missing] = graph.emit('IsNaN', [x], [{ shape: x.shape, dtype: 'bool' }]);
  const [filled] = graph.emit('Where', [missing, graph.scalar(0), x], [{ shape: x.shape }]);
  return filled;
}

function softmaxOf(graph: Graph, features: Value, classes: number, random: Random, scale = 1): Value {
  const [, width] = features.shape;
  const w = graph.constant(weights(random, width * classes, scale / Math.sqrt(width)), [width, classes]);
  const shape = [features.shape[0], classes];
  const [logits] = graph.emit('MatMul', [features, w], [{ shape }]);
  const [p] = graph.emit('Softmax', [logits], [{ shape }], { axis: { int: 1 } });
  return p;
}

/** Softmax of a linear map of a window, which is (T, B, F) as all nets have it. */
export function linearFile(spec: FileSpec, change: Partial<ModelMetadata> = {}): Uint8Array {
  const { width, length, classes = 3, seed = 1, scale = 1 } = spec;
  const random = new Random(seed);
  const graph = new Graph();
  const x = known(graph, graph.input('x', [length, ANY, width])); // (T, B, F)
  const [batchFirst] = graph.emit('Transpose', [x], [{ shape: [ANY, length, width] }], { perm: { ints: [1, 0, 2] } });
  const shape = graph.integers([-1, length * width]);
  const [flat] = graph.emit('Reshape', [batchFirst, shape], [{ shape: [ANY, length * width] }]);
  graph.output('probabilities', softmaxOf(graph, flat, classes, random, scale));
  return encodeModel(graph, { metadata: encodeModelMetadata(metadataOf(spec, change)) });
}

/** One LSTM layer, `rows` rows a run: 1 with a state for the streaming file, a whole sequence from zeros for the batch path. */
export function lstmFile(spec: FileSpec & { rows?: number }, change: Partial<ModelMetadata> = {}): Uint8Array {
  const { width, classes = 3, hidden = 8, seed = 2, rows = 1 } = spec;
  const streams = rows === 1;
  const random = new Random(seed);
  const graph = new Graph();
  const x = known(graph, graph.input('x', [rows, 1, width])); // (T, B, F)
  const scale = 1 / Math.sqrt(hidden);
  const w = graph.constant(weights(random, 4 * hidden * width, scale), [1, 4 * hidden, width]);
  const r = graph.constant(weights(random, 4 * hidden * hidden, scale), [1, 4 * hidden, hidden]);
  const b = graph.constant(weights(random, 8 * hidden, scale), [1, 8 * hidden]);
  const state = { shape: [1, 1, hidden] };
  const [h0, c0] = streams ? ['h', 'c'].map((name) => graph.input(`state.${name}`, state.shape)) : [null, null];
  const [, h, c] = graph.emit('LSTM', [x, w, r, b, null, h0, c0], [{ shape: [rows, 1, 1, hidden] }, state, state], {
    hidden_size: { int: hidden },
  });
  const [last] = graph.emit('Reshape', [h, graph.integers([1, hidden])], [{ shape: [1, hidden] }]);
  graph.output('probabilities', softmaxOf(graph, last, classes, random));
  if (streams) {
    graph.output('next.h', h);
    graph.output('next.c', c);
  }
  const metadata = metadataOf(spec, { kind: 'lstm', streams, ...change });
  return encodeModel(graph, { metadata: encodeModelMetadata(metadata) });
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function writeModel(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
