import { type Static, Type } from 'typebox';
import { dense, lastStep, type NetBuilder, type NetFunction, type Value } from '../../nn/index.ts';
import { dropoutKey, hiddenKey, layersKey, lengthKey } from './keys.ts';
import { defineNet, type Net } from './net.ts';

const config = Type.Object(
  {
    length: lengthKey(50, 2),
    hidden: hiddenKey(128),
    layers: layersKey(2, 'recurrent layers, one on the other'),
    dropout: dropoutKey(0.1, 'between layers and before the head'),
  },
  { additionalProperties: false },
);

type Layer = (net: NetBuilder, place: string, x: Value, hidden: number) => Value;

/** Recurrent layers one on the other, read at the last row. Served as a stream, it goes on from the state that the last row left. */
function stacked(
  name: string,
  layer: Layer,
  { hidden, layers, dropout }: Static<typeof config>,
  outputs: number,
): NetFunction {
  return (net, x) => {
    let h = x; // (T, B, F)
    for (let i = 1; i <= layers; i++) {
      h = layer(net, `${name} ${i}`, h, hidden); // (T, B, hidden)
      if (i < layers) h = net.dropout(h, dropout);
    }
    const last = net.dropout(lastStep(h), dropout); // (B, hidden)
    return dense(net, 'head', last, outputs); // (B, outputs)
  };
}

/** The net of one kind of recurrent layer. */
export function recurrentNet(name: string, title: string, layer: Layer): Net {
  return defineNet({
    name,
    title,
    config,
    streams: true,
    length: ({ length }) => length,
    build: (c, _, outputs) => stacked(name, layer, c, outputs),
  });
}
