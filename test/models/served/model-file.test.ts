import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeModelMetadata, readModelFile } from '../../../src/models/index.ts';
import { Graph } from '../../../src/nn/index.ts';
import { encodeModel } from '../../../src/nn/onnx/encode.ts';
import { tempFile, tempFolder } from '../../cli/support.ts';
import { linearFile, lstmFile, metadataOf, namesOf, sha256 } from './files.ts';

const SPEC = { width: 4, length: 6 };

describe('readModelFile', () => {
  it('reads version, metadata and the window of a net', async () => {
    const bytes = linearFile(SPEC);
    const file = await readModelFile(tempFile('m.onnx', bytes));
    expect(file).toMatchObject({
      hash: sha256(bytes),
      metadata: { kind: 'linear', signals: namesOf(4) },
      input: { name: 'x', shape: [6, 1, 4] },
      output: { name: 'probabilities', shape: [1, 3] },
      states: [],
    });
  });

  it('finds the states of a net that streams, and what carries them', async () => {
    const { input, states } = await readModelFile(tempFile('m.onnx', lstmFile(SPEC)));
    expect(input.shape).toEqual([1, 1, 4]);
    expect(states).toEqual([
      { name: 'state.h', output: 'next.h', shape: [1, 1, 8] },
      { name: 'state.c', output: 'next.c', shape: [1, 1, 8] },
    ]);
  });

  it('takes the pinned version alone, named whole or by its first digits', async () => {
    const bytes = linearFile(SPEC);
    const path = tempFile('m.onnx', bytes);
    const hash = sha256(bytes);
    for (const pinned of [hash, hash.slice(0, 8)]) expect((await readModelFile(path, pinned)).hash).toBe(hash);
    await expect(readModelFile(path, '0'.repeat(64))).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(new RegExp(`is version ${hash}, and 0{64} is pinned`)),
    });
    await expect(readModelFile(path, 'v1')).rejects.toMatchObject({ code: 'bad-argument' });
    // One changed byte is another version, wherever it stands.
    const changed = bytes.slice();
    changed[changed.length >> 1] ^= 1;
    writeFileSync(path, changed);
    await expect(readModelFile(path, hash)).rejects.toThrow(/is pinned/);
  });

  it('says what is wrong with a file', async () => {
    await expect(readModelFile('/no/such.onnx')).rejects.toMatchObject({
      code: 'not-found',
      message: '/no/such.onnx: no such model file; "bookcast train" writes one',
    });
    await expect(readModelFile(tempFolder())).rejects.toThrow(/cannot read the model .*EISDIR/);
    const half = linearFile(SPEC).subarray(0, 150);
    await expect(readModelFile(tempFile('m.onnx', half))).rejects.toThrow(
      /no ONNX model, or a damaged one \(150 bytes/,
    );
    const graph = new Graph();
    graph.output('y', graph.input('x', [1]));
    await expect(readModelFile(tempFile('m.onnx', encodeModel(graph)))).rejects.toThrow(/not one that bookcast wrote/);
  });

  it.each([
    [
      'a window of another length',
      linearFile(SPEC, { length: 7 }),
      /its input "x" to be 7 rows of 4 columns, not "x" \(6, any, 4\)/,
    ],
    ['other columns', linearFile(SPEC, { signals: namesOf(5) }), /6 rows of 5 columns/],
    [
      'other classes',
      linearFile(SPEC, { classes: ['down', 'up'], prior: [0.5, 0.5] }),
      /an output of 2 probabilities; it gives "probabilities" \(any, 3\)/,
    ],
    ['no state', linearFile({ ...SPEC, length: 1 }, { streams: true }), /states, since it says that it streams/],
    [
      'a state',
      lstmFile({ ...SPEC, length: 1 }, { streams: false }),
      /no states, since it says that it does not stream/,
    ],
  ])('refuses a file whose metadata speak of %s', async (_, bytes, message) => {
    await expect(readModelFile(tempFile('m.onnx', bytes))).rejects.toThrow(message);
  });

  it('refuses a state that nothing carries', async () => {
    const metadata = metadataOf(SPEC);
    const graph = new Graph();
    const x = graph.input('x', [1, 1, 4]);
    graph.input('state.h', [1, 1, 8]);
    graph.output('y', x);
    const bytes = encodeModel(graph, { metadata: encodeModelMetadata({ ...metadata, streams: true }) });
    await expect(readModelFile(tempFile('m.onnx', bytes))).rejects.toThrow(
      /an output "next\.h" of the shape of the state "state\.h" \(1, 1, 8\)/,
    );
  });
});
