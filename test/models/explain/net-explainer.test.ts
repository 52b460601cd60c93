import { expect, it, onTestFinished } from 'vitest';
import { Random, systemClock } from '../../../src/core/index.ts';
import {
  Attribution,
  EXPLAINS,
  emptyDecision,
  encodeModelMetadata,
  logitOf,
  openExplainFile,
  openServedModel,
  parseTarget,
} from '../../../src/models/index.ts';
import { explainGraph, serveGraph } from '../../../src/nn/index.ts';
import { layoutOf } from '../../../src/nn/net-builder.ts';
import { tempFile } from '../../cli/support.ts';
import { SMALL, shapeOf } from '../nets/support.ts';
import { metadataOf, namesOf, sha256 } from '../served/files.ts';

const WIDTH = 5;

function files(width = WIDTH) {
  const shape = shapeOf('gru', SMALL.gru, width);
  const weights = layoutOf(shape)
    .initialise(3)
    .map((w) => 3 * w);
  const scaler = { mean: new Float32Array(width).fill(1), deviation: new Float32Array(width).fill(2), clip: 10 };
  const metadata = encodeModelMetadata(metadataOf({ width: WIDTH, length: shape.steps }, { kind: 'gru' }));
  const model = serveGraph({ ...shape, weights, activation: 'softmax', scaler }, { metadata });
  const explain = (hash: string) =>
    explainGraph({ ...shape, weights, scaler }, { metadata: { ...metadata, [EXPLAINS]: hash } });
  return { model, explain, length: shape.steps };
}

it('explains the forecast that was served, from the file beside the model', async () => {
  const { model, explain, length } = files();
  const schema = { names: namesOf(WIDTH), hash: 'test' };
  const options = { target: parseTarget('events:10'), schema, clock: systemClock };
  const served = await openServedModel(tempFile('m.onnx', model), options);
  onTestFinished(() => served.close());
  const explainer = await openExplainFile(tempFile('e.onnx', explain(sha256(model))), served.file);
  onTestFinished(() => explainer.close());
  const random = new Random(1);
  const decision = emptyDecision(new Float64Array(WIDTH));
  const said = new Float64Array(3);
  const window = new Float32Array(length * WIDTH);
  for (let i = 0; i < length; i++) {
    expect(served.copyWindow(window)).toBe(false);
    decision.index = i;
    decision.tsNs = i * 1e6;
    for (let f = 0; f < WIDTH; f++) decision.row[f] = 2 * random.normal();
    served.predict(decision, said);
  }
  expect(served.copyWindow(window)).toBe(true);
  expect(window.at(-1)).toBe(Math.fround(decision.row[WIDTH - 1]));
  const out = new Attribution(length, WIDTH);
  for (let k = 0; k < 3; k++) {
    explainer.explain(window, k, out);
    expect(out.value).toBeCloseTo(logitOf(said, k), 4);
    expect(Math.abs(out.remainder)).toBeLessThan(0.01 * Math.abs(out.value - out.baseline));
  }
});

it('refuses what explains another model, another width, or nothing', async () => {
  const { model, explain } = files();
  const metadata = metadataOf({ width: WIDTH, length: 12 }, { kind: 'gru' });
  const file = { path: 'm.onnx', hash: sha256(model), metadata };
  await expect(openExplainFile('/none/e.onnx', file)).rejects.toThrow('no such file');
  await expect(openExplainFile(tempFile('a.onnx', explain('0'.repeat(64))), file)).rejects.toThrow(
    'explains the model',
  );
  await expect(openExplainFile(tempFile('b.onnx', model), file)).rejects.toThrow('explains the model none');
  const wide = files(WIDTH + 1).explain(sha256(model));
  await expect(openExplainFile(tempFile('c.onnx', wide), file)).rejects.toThrow('reads input');
});
