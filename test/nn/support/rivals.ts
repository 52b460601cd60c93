import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const PYTHON = resolve(import.meta.dirname, '../../../.venv/bin/python');

/** A Python with ONNX and its runtime, or null. */
export const ONNX_PYTHON: string | null =
  existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import numpy, onnx, onnxruntime']).status === 0 ? PYTHON : null;

/** What to add to the title of a test that needs it, so that a skipped one says why. */
export const needsOnnxPython =
  ONNX_PYTHON === null ? ' [skipped: no .venv with numpy, onnx, onnxruntime; see scripts/python-env.sh]' : '';

/**
 * Opens a model in Python: `onnx.checker` with shape inference, then ONNX Runtime on the feeds (flat numbers with their shapes). Returns what
 * it printed, as JSON: the file's metadata and each output.
 */
export function openInPython(
  model: Uint8Array,
  feeds: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>>,
): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly producer: string;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: Readonly<Record<string, { shape: number[]; data: number[] }>>;
} {
  const input = JSON.stringify({
    model: Buffer.from(model).toString('base64'),
    feeds: Object.entries(feeds).map(([name, { shape, data }]) => ({ name, shape, data: Array.from(data) })),
  });
  return JSON.parse(execFileSync(ONNX_PYTHON as string, ['-c', PROGRAM], { input, encoding: 'utf8' }));
}

const PROGRAM = `
import base64, json, sys
import numpy as np, onnx, onnxruntime
said = json.load(sys.stdin)
data = base64.b64decode(said["model"])
model = onnx.load_model_from_string(data)
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
feeds = {f["name"]: np.array(f["data"], dtype=np.float32).reshape(f["shape"]) for f in said["feeds"]}
names = [o.name for o in session.get_outputs()]
outputs = session.run(names, feeds)
print(json.dumps({
    "metadata": {p.key: p.value for p in model.metadata_props},
    "producer": model.producer_name + " " + model.producer_version,
    "inputs": {i.name: i.shape for i in session.get_inputs()},
    "outputs": {n: {"shape": list(o.shape), "data": np.asarray(o, dtype=np.float64).ravel().tolist()} for n, o in zip(names, outputs)},
}))
`;
