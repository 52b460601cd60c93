import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { createParquet, openTable } from '../../src/store/index.ts';
import { cli } from './support.ts';

/** Rows of a simulated market as a file of features under `folder`; seeded. */
export async function simulatedFeatures(
  folder: string,
  mode: string,
  seed: number,
  messages: number,
  set = 'core',
): Promise<string> {
  const name = `${mode}-${seed}-${messages}-${set}`;
  const tape = join(folder, `${name}.tape`);
  const out = join(folder, `${name}.parquet`);
  for (const command of [
    ['record', '--mode', mode, '--seed', String(seed), '--messages', String(messages), '--out', tape],
    ['features', tape, '--set', set, '--out', out],
  ]) {
    const { status, err } = await cli(command);
    expect(status, err).toBe(0);
  }
  return out;
}

/** The same file with some of its numbers changed. */
export async function changedFeatures(
  path: string,
  name: string,
  change: (column: string, values: Float32Array | Float64Array, firstRow: number) => void,
): Promise<string> {
  const out = join(dirname(path), `${name}.parquet`);
  const reader = await openTable(path);
  const writer = await createParquet(out, reader.schema);
  const names = reader.schema.columns.map(({ name }) => name);
  let row = 0;
  for await (const { length, columns } of reader.read(names)) {
    columns.forEach((values, c) => {
      if (values instanceof Float32Array || values instanceof Float64Array) change(names[c], values, row);
    });
    await writer.append({ length, columns });
    row += length;
  }
  await writer.finish();
  await reader.close();
  return out;
}
