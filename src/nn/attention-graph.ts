import { Graph, type Value } from './graph.ts';
import type { ParameterLayout, Tap } from './net.ts';
import { buildNet, layoutOf, type NetShape } from './net-builder.ts';
import { encodeModel } from './onnx/encode.ts';
import { gather, reshape, softmax, transpose } from './ops/index.ts';

export interface AttentionSpec extends NetShape {
  readonly weights: Float32Array;
  /** Windows a run. */
  readonly batch: number;
}

/** An attention map of a net, as an output of its graph: (B, heads, queries, keys), 1 over the keys. */
export interface DeclaredMap {
  /** Where it stands in the net, such as `temporal 1/attention/rows`. */
  readonly name: string;
  readonly over: 'rows' | 'columns';
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
}

/**
 * The net with its attention maps as further outputs: `x` (T, B, F) scaled and, for each map, `order.I` (int64, its keys) in; `probabilities`
 * (B, outputs) and `map.I` (B, heads, queries, keys) out. The net goes on with each map's keys in the given order: in another order than the
 * map's own, each value is weighted by what another was meant to get.
 */
export function attentionGraph(spec: AttentionSpec): { file: Uint8Array<ArrayBuffer>; maps: readonly DeclaredMap[] } {
  const { steps, features, batch, weights } = spec;
  const layout = layoutOf(spec);
  const graph = new Graph();
  const x = graph.input('x', [steps, batch, features]);
  const maps: DeclaredMap[] = [];
  const tap: Tap = (kind, name, value) => {
    if (kind !== 'attention') return value;
    const pooled = value.shape.length === 3;
    const keys = pooled ? value.shape[0] : value.shape[3];
    const over = name.endsWith('columns') ? 'columns' : 'rows';
    const [heads, queries] = pooled ? [1, 1] : value.shape.slice(1, 3);
    const order = graph.input(`order.${maps.length}`, [keys], 'int64');
    graph.output(`map.${maps.length}`, pooled ? headed(value) : value);
    maps.push({ name, over, heads, queries, keys });
    return gather(value, order, pooled ? 0 : 3);
  };
  const source = ({ name, shape, offset }: ParameterLayout['specs'][number]): Value => {
    const size = shape.reduce((n, axis) => n * axis, 1);
    return graph.constant(weights.slice(offset, offset + size), shape, name);
  };
  const { outputs } = buildNet(spec, layout, source, { mode: 'evaluate', x, tap });
  graph.output('probabilities', softmax(outputs));
  return { file: encodeModel(graph, { name: 'attention' }), maps };
}

/** (T, B, 1) as (B, 1, 1, T). */
function headed(map: Value): Value {
  const [keys, batch] = map.shape;
  return transpose(reshape(map, [keys, batch, 1, 1]), [1, 2, 3, 0]);
}
