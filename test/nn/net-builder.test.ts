import { describe, expect, it } from 'vitest';
import { gradients } from '../../src/nn/autodiff.ts';
import { encodeModel, Graph, type NetFunction, openSession, ops } from '../../src/nn/index.ts';
import { buildNet, layoutOf } from '../../src/nn/net-builder.ts';
import { linearNet, smallNet } from './support/nets.ts';
import { relativeError } from './support/run.ts';

const SHAPE = { steps: 2, features: 3, outputs: 2 };
const shaped = (net: NetFunction) => ({ ...SHAPE, net });

/** The net with parameters as inputs, in a graph of its own. */
function built(net: NetFunction, mode: 'train' | 'evaluate' | 'serve', streaming = false) {
  const graph = new Graph();
  const x = graph.input('x', [streaming ? 1 : SHAPE.steps, 4, SHAPE.features]);
  const layout = layoutOf(shaped(net));
  return buildNet(shaped(net), layout, ({ name, shape }) => graph.input(`p.${name}`, shape), { mode, x, streaming });
}

describe('a net’s parameters', () => {
  it('stand one behind the other, under the names of their places', () => {
    const layout = layoutOf(shaped(smallNet(2)));
    expect(layout.specs.map(({ name, offset, decays }) => [name, offset, decays])).toEqual([
      ['small/w', 0, true],
      ['small/b', 24, false],
      ['small/u', 32, true],
    ]);
    expect(layout.size).toBe(48);
  });

  it('begin as they say, the same for the same seed', () => {
    const layout = layoutOf(shaped(smallNet(2)));
    const [first, again, other] = [layout.initialise(1), layout.initialise(1), layout.initialise(2)];
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect([...first.subarray(24, 32)].every((x) => x === Math.fround(0.1))).toBe(true);
    expect([...first.subarray(32)].every((x) => Math.abs(x) <= 0.4)).toBe(true);
  });

  it('must be the same in every mode, of whole sizes, each called once, and at least one', () => {
    const more: NetFunction = (net, x) => {
      if (net.mode === 'train') net.parameter('extra', [1], { fill: 0 });
      return linearNet(2)(net, x);
    };
    expect(() => built(more, 'train')).toThrow('the same parameters in every mode');
    const less: NetFunction = (net, x) => {
      const y = linearNet(2)(net, x);
      if (net.mode !== 'train') net.parameter('extra', [1], { fill: 0 });
      return y;
    };
    expect(() => built(less, 'train')).toThrow('the same parameters in every mode');
    const odd: NetFunction = (net) => net.within('head', () => net.parameter('w', [3, 0.5], { fill: 0 }));
    expect(() => layoutOf(shaped(odd))).toThrow('head: the parameter w has shape (3, 0.5)');
    const twice: NetFunction = (net, x) => {
      linearNet(2)(net, x);
      return linearNet(2)(net, x);
    };
    expect(() => layoutOf(shaped(twice))).toThrow('one parameter is called w');
    const none: NetFunction = (_net, x) => ops.mean(ops.slice(x, 2, 0, 2), [0]);
    expect(() => layoutOf(shaped(none))).toThrow('the net has no parameters');
  });
});

describe('a net', () => {
  it('gives a row of outputs a window', () => {
    expect(() => layoutOf(shaped(linearNet(5)))).toThrow(
      'the net gives (1, 5); it must give (1, 2): a row of outputs a window',
    );
  });

  it('drops out in training alone', () => {
    const masks = (mode: 'train' | 'evaluate' | 'serve') => built(smallNet(2, 0.25), mode).masks;
    expect(masks('evaluate')).toEqual([]);
    expect(masks('serve')).toEqual([]);
    expect(masks('train').map(({ input, share }) => [input.name, input.shape, input.dtype, share])).toEqual([
      ['mask.0', [2, 4, 8], 'bool', 0.25],
      ['mask.1', [4, 8], 'bool', 0.25],
    ]);
    expect(() => layoutOf(shaped(smallNet(2, 1)))).toThrow('small: dropout: the share lies in [0, 1), and 1 does not');
  });

  it('scales up what dropout keeps, and so its gradient', async () => {
    const net: NetFunction = (builder, x) => {
      const w = builder.parameter('w', [3, 2], { normal: 1 });
      return builder.dropout(ops.matmul(ops.reshape(ops.slice(x, 0, 1), [builder.batch, 3]), w), 0.25);
    };
    const graph = new Graph();
    const x = graph.input('x', [2, 4, 3]);
    const shape = shaped(net);
    const { outputs, parameters } = buildNet(shape, layoutOf(shape), (spec) => graph.input(spec.name, spec.shape), {
      mode: 'train',
      x,
    });
    graph.output('y', outputs);
    graph.output('slope', gradients(ops.sum(outputs), parameters)[0]);
    const rows = Float32Array.from({ length: 24 }, (_, i) => i - 11);
    const w = Float32Array.of(1, 2, 3, 4, 5, 6);
    const kept = Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 1);
    const session = await openSession(encodeModel(graph));
    const found = await session.run(
      {
        x: session.tensor(rows, [2, 4, 3]),
        w: session.tensor(w, [3, 2]),
        'mask.0': session.tensor(kept, [4, 2]),
      },
      ['y', 'slope'],
    );
    const last = (b: number, f: number): number => rows[12 + 3 * b + f];
    const [y, slope] = [new Float32Array(8), new Float32Array(6)];
    for (let b = 0; b < 4; b++)
      for (let k = 0; k < 2; k++)
        for (let f = 0; f < 3; f++) {
          const share = kept[2 * b + k] / 0.75;
          y[2 * b + k] += share * last(b, f) * w[2 * f + k];
          slope[2 * f + k] += share * last(b, f);
        }
    expect(relativeError(found.y.data as Float32Array, y)).toBeLessThan(1e-6);
    expect(relativeError(found.slope.data as Float32Array, slope)).toBeLessThan(1e-6);
    await session.close();
  });

  it('carries each state once, in its shape, and only in a stream', () => {
    const stateful =
      (carry: (net: Parameters<NetFunction>[0], x: Parameters<NetFunction>[1]) => void): NetFunction =>
      (net, x) => {
        if (net.streaming) carry(net, x);
        return linearNet(2)(net, x);
      };
    const good = stateful((net, x) => net.within('cell', () => net.carry('h', ops.neg(net.state('h', x.shape)))));
    expect(built(good, 'serve', true).carried.map(({ name }) => name)).toEqual(['cell/h']);
    expect(built(good, 'serve').carried).toEqual([]);
    const forgotten = stateful((net, x) => net.state('h', x.shape));
    expect(() => built(forgotten, 'serve', true)).toThrow('the state h is carried on');
    const bent = stateful((net, x) => {
      net.state('h', [2, 2]);
      net.carry('h', x);
    });
    expect(() => built(bent, 'serve', true)).toThrow('the state h has shape (2, 2), and (1, 4, 3) is carried on');
    const unasked = stateful((net, x) => net.carry('h', x));
    expect(() => built(unasked, 'serve', true)).toThrow('h is carried once, after it was asked for');
    const eager: NetFunction = (net, x) => net.state('h', x.shape);
    expect(() => built(eager, 'evaluate')).toThrow('a net carries state where it is streaming');
  });
});
