import { describe, expect, it } from 'vitest';
import { Attribution } from '../../../src/models/explain/attribution.ts';
import { fileExplainer } from '../../../src/models/explain/file-explainer.ts';
import { encodeModelMetadata, readModelFile } from '../../../src/models/index.ts';
import { findKind } from '../../../src/models/training.ts';
import { tempFile } from '../../cli/support.ts';
import { configured } from '../nets/support.ts';
import { linearFile, metadataOf } from '../served/files.ts';
import { quietly, toldDataset } from '../trees/support.ts';

const WIDTH = 4;

describe('fileExplainer', () => {
  it.each(['logistic', 'ridge'])('explains %s from its own file as the fitted model does', async (name) => {
    const data = toldDataset(800);
    const kind = findKind(name);
    const model = await kind.fit(data, configured(kind.config, { linear: {} }), quietly());
    const { mean, deviation, clip } = data.scaler;
    const metadata = metadataOf({ width: WIDTH, length: 1 }, { kind: name });
    const bytes = model.toOnnx({
      ...encodeModelMetadata(metadata),
      'bookcast.scaler': JSON.stringify({ mean: [...mean], deviation: [...deviation], clip }),
    });
    const own = await model.explainer!();
    const read = fileExplainer(await readModelFile(tempFile('m.onnx', bytes)))!;
    const [a, b] = [new Attribution(1, WIDTH), new Attribution(1, WIDTH)];
    for (let i = 0; i < 30; i++) {
      const row = data.matrix.data.slice(data.test.rows[i] * WIDTH, (data.test.rows[i] + 1) * WIDTH);
      own.explain(row, i % 3, a);
      read.explain(row, i % 3, b);
      expect([...b.values, b.baseline, b.value]).toEqual([...a.values, a.baseline, a.value]);
    }
  });

  it('knows what it cannot explain, and what is damaged', () => {
    const spec = { width: WIDTH, length: 1 };
    const file = (kind: string, more: Record<string, string> = {}) => {
      const metadata = metadataOf(spec, { kind });
      const bytes = linearFile(spec, { kind });
      return { path: 'm.onnx', bytes: withMetadata(bytes, more), metadata };
    };
    expect(fileExplainer(file('mlp'))).toBeNull();
    expect(fileExplainer(file('logistic'))).toBeNull();
    expect(() => fileExplainer(file('logistic', { 'bookcast.scaler': 'none' }))).toThrow('is no scaler of 4 columns');
    const narrow = JSON.stringify({ mean: [0], deviation: [1], clip: 5 });
    expect(() => fileExplainer(file('ridge', { 'bookcast.scaler': narrow }))).toThrow('is no scaler of 4 columns');
    const whole = JSON.stringify({ mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1], clip: 5 });
    expect(() => fileExplainer(file('ridge', { 'bookcast.scaler': whole }))).toThrow('holds 0 weights');
    expect(() => fileExplainer(file('gbdt'))).toThrow('holds no trees');
  });
});

/** `metadata_props` may stand anywhere in a model, also behind all else. */
function withMetadata(bytes: Uint8Array, more: Record<string, string>): Uint8Array {
  const text = (field: number, value: string): number[] => {
    const data = [...new TextEncoder().encode(value)];
    return [(field << 3) | 2, data.length, ...data];
  };
  const entries = Object.entries(more).flatMap(([key, value]) => {
    const entry = [...text(1, key), ...text(2, value)];
    return [(14 << 3) | 2, entry.length, ...entry];
  });
  return Uint8Array.from([...bytes, ...entries]);
}
