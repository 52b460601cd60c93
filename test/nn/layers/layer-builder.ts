import { Graph, type Shape, type Value } from '../../../src/nn/graph.ts';
import type { NetBuilder } from '../../../src/nn/net.ts';

/** Hands out each parameter as an input of the graph, in the order in which a layer asks; no dropout, no state. */
export class LayerBuilder implements NetBuilder {
  readonly graph = new Graph();
  readonly mode: NetBuilder['mode'];
  readonly batch: number;
  readonly streaming = false;
  readonly parameters: Value[] = [];
  readonly #places: string[] = [];

  constructor(mode: NetBuilder['mode'], batch: number) {
    this.mode = mode;
    this.batch = batch;
  }

  parameter(name: string, shape: Shape): Value {
    const value = this.graph.input([...this.#places, name].join('/'), shape);
    this.parameters.push(value);
    return value;
  }

  tap(_kind: string, _name: string, value: Value): Value {
    return value;
  }

  dropout(x: Value): Value {
    return x;
  }

  within<T>(place: string, build: () => T): T {
    this.#places.push(place);
    try {
      return this.graph.within(place, build);
    } finally {
      this.#places.pop();
    }
  }

  state(): Value {
    throw new Error('a layer asks for state only where it is streaming');
  }

  carry(): void {
    throw new Error('a layer carries state only where it is streaming');
  }
}
