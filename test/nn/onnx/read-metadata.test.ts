import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY, Graph, readModel } from '../../../src/nn/index.ts';
import { encodeModel } from '../../../src/nn/onnx/encode.ts';

function model(metadata: Record<string, string> = {}): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [5, ANY, 3]);
  graph.input('state.h', [1, 1, 8]);
  const w = graph.constant(new Float32Array(1000).fill(0.5), [1000]);
  const [y] = graph.emit('ReduceSum', [w], [{ shape: [] }]);
  const [z] = graph.emit('Add', [x, y], [{ shape: x.shape }]);
  graph.output('sum', z);
  return encodeModel(graph, { metadata });
}

/** A file with fields that are not read among those that are: a tensor with an open and a named size, and a sequence of maps. */
function foreign(): Uint8Array {
  const writer = new BinaryWriter();
  const text = (field: number, value: string) => writer.tag(field, WireType.LengthDelimited).string(value);
  const within = (field: number, write: () => void): void => {
    writer.tag(field, WireType.LengthDelimited).fork();
    write();
    writer.join();
  };
  const number = (field: number, value: number) => writer.tag(field, WireType.Varint).int64(value);
  number(1, 8);
  text(2, 'another');
  number(5, 3);
  text(6, 'a note');
  within(8, () => {
    text(1, 'ai.onnx.ml');
    number(2, 99);
  });
  within(8, () => {
    text(1, '');
    number(2, 15);
    number(7, 1);
  });
  within(14, () => {
    text(1, 'key');
    text(9, 'of a later version');
  });
  within(7, () => {
    text(2, 'graph');
    number(99, 1);
    within(11, () => {
      text(1, 'rows');
      text(3, 'a note');
      within(2, () => {
        text(6, 'denotation');
        within(1, () => {
          number(1, 7);
          number(5, 1);
          within(2, () => {
            within(1, () => text(2, 'batch'));
            within(1, () => number(1, 4));
            within(1, () => text(3, 'denotation'));
          });
        });
      });
    });
    within(12, () => {
      text(1, 'maps');
      within(2, () => within(4, () => number(1, 1)));
    });
  });
  return writer.finish();
}

describe('readModel', () => {
  it('reads inputs, outputs, operators and metadata, and steps over the weights', () => {
    const { inputs, outputs, metadata, producer, opset } = readModel(model({ a: '1', 'bookcast.b': 'ü, ß' }), 'm.onnx');
    expect(inputs).toEqual([
      { name: 'x', shape: [5, ANY, 3], type: 1 },
      { name: 'state.h', shape: [1, 1, 8], type: 1 },
    ]);
    expect(outputs).toEqual([{ name: 'sum', shape: [5, ANY, 3], type: 1 }]);
    expect(metadata).toEqual({ a: '1', 'bookcast.b': 'ü, ß' });
    expect([producer, opset]).toEqual(['bookcast', 17]);
  });

  it('reads what other tools write: names of sizes, notes, sequences, operators of several sets', () => {
    const { inputs, outputs, metadata, opset, producer } = readModel(foreign(), 'm.onnx');
    expect(inputs).toEqual([{ name: 'rows', shape: [ANY, 4, ANY], type: 7 }]);
    expect(outputs).toEqual([{ name: 'maps', shape: [], type: 0 }]);
    expect([metadata, opset, producer]).toEqual([{ key: '' }, 15, 'another']);
  });

  it('gives back whatever metadata were written', () => {
    const odd = Object.fromEntries([['__proto__', 'x']]);
    expect(Object.entries(readModel(model(odd), 'm.onnx').metadata)).toEqual([['__proto__', 'x']]);
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(text, text), (metadata) => {
        expect({ ...readModel(model(metadata), 'm.onnx').metadata }).toEqual({ ...metadata });
      }),
    );
  });

  it.each([
    ['nothing', new Uint8Array(0), /0 bytes; it has 0 graphs/],
    ['a web page', new TextEncoder().encode('<!doctype html><html></html>'), /is no ONNX model/],
    ['numbers', new Uint8Array(200).fill(0xff), /is no ONNX model/],
  ])('refuses %s, naming the file', (_, bytes, message) => {
    expect(() => readModel(bytes, 'dir/m.onnx')).toThrow(message);
    expect(() => readModel(bytes, 'dir/m.onnx')).toThrow(/^dir\/m\.onnx is no ONNX model/);
  });

  it('refuses a file that was cut anywhere within its graph', () => {
    const whole = model();
    for (let end = 30; end < whole.length - 40; end += 97) {
      expect(() => readModel(whole.subarray(0, end), 'm.onnx'), `${end} bytes`).toThrow(/damaged/);
    }
  });
});
