import { readFile } from 'node:fs/promises';
import { BookcastError } from '../../core/index.ts';
import { explainLayout, type RuntimeOptions, readModel } from '../../nn/index.ts';
import type { ModelFile } from '../served/model-file.ts';
import { SyncSession } from '../served/sync-session.ts';
import type { Explainer } from './attribution.ts';
import { IntegratedGradients } from './integrated-gradients.ts';

/** Key of the metadata of a file that explains: SHA-256 of the file of the model that it explains. */
export const EXPLAINS = 'bookcast.explains';

/** The graph of `explainGraph`, ready to explain in a thread of its own. Throws what `openSession` throws. */
export async function openNetExplainer(
  graph: Uint8Array,
  { rows, inputs, classes }: Pick<Explainer, 'rows' | 'inputs' | 'classes'>,
  options: RuntimeOptions = {},
): Promise<IntegratedGradients> {
  const layout = explainLayout({ steps: rows, features: inputs, outputs: classes });
  const session = await SyncSession.open({
    model: graph,
    input: { name: 'input', shape: [layout.input] },
    output: { name: 'attribution', shape: [layout.output] },
    states: [],
    options,
  });
  return new IntegratedGradients(session, rows, inputs, classes);
}

/**
 * Opens the file beside a served model that explains its forecasts (`explain.onnx`). Throws `not-found`, `bad-input` for what is no such file, and
 * `schema-mismatch` for one that explains another model: an explanation of another model's forecasts would look just as good.
 */
export async function openExplainFile(
  path: string,
  model: Pick<ModelFile, 'path' | 'hash' | 'metadata'>,
  options: RuntimeOptions = {},
): Promise<IntegratedGradients> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new BookcastError('not-found', `${path}: no such file; "bookcast train" writes it beside the model`, {
      path,
      cause,
    });
  }
  const { metadata, inputs } = readModel(bytes, path);
  const explained = metadata[EXPLAINS] ?? 'none';
  if (explained !== model.hash) {
    throw new BookcastError(
      'schema-mismatch',
      `${path} explains the model ${explained}, and ${model.path} is ${model.hash}: give the two files of one training`,
      { path, found: explained, expected: model.hash },
    );
  }
  const { length, signals, classes } = model.metadata;
  const sizes = { rows: length, inputs: signals.length, classes: classes.length };
  const wanted = explainLayout({ steps: sizes.rows, features: sizes.inputs, outputs: sizes.classes }).input;
  const [found] = inputs;
  if (inputs.length !== 1 || found.name !== 'input' || found.shape.join() !== String(wanted)) {
    throw new BookcastError(
      'bad-input',
      `${path} reads ${inputs.map(({ name, shape }) => `${name} (${shape.join(', ')})`).join(', ')}, and an explanation of ${model.path} reads input (${wanted}): train the model again`,
      { path },
    );
  }
  return openNetExplainer(bytes, sizes, options);
}
