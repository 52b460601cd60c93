import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, tempFile, tempFolder } from '../cli/support.ts';
import { dataPath, needs } from '../support/data.ts';
import { needsPython, PYTHON, runPython } from '../support/python.ts';
import { usdmSession } from '../support/session.ts';

const GOOG = 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip';
const page = readFileSync(resolve(import.meta.dirname, '../../docs/guides/from-python.md'), 'utf8');

/** The page's Python, each block with what it says that it prints; '' where it prints nothing. */
const blocks = [...page.matchAll(/^```python\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm)].map((match) => ({
  code: match[1],
  printed: match[2] ?? '',
}));

/** Runs each text of the list on standard input by itself and prints the list of what they printed. */
const DRIVER = `
import contextlib, io, json, sys
printed = []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {"__name__": "__main__"})
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
`;

/** Runs the page in a folder where its files are, made of this recording. */
async function runPage(recording: string): Promise<string[]> {
  const folder = tempFolder();
  for (const name of ['goog.parquet', 'goog.duckdb']) {
    const { status, err } = await cli(['features', recording, '--out', join(folder, name)]);
    expect(status, err).toBe(0);
  }
  return JSON.parse(runPython(DRIVER, folder, JSON.stringify(blocks.map(({ code }) => code))));
}

const COMPARE = `
import csv, duckdb, numpy as np, pandas as pd, polars as pl

with open("rows.csv") as file:
    head, *lines = csv.reader(file)
# Python's own float is exact; the readers of tables are not always.
text = pd.DataFrame({name: [line[at] for line in lines] for at, name in enumerate(head)})
text = text.astype({name: float for name in head if name != "time"})
names = list(text.columns[3:])
seen = {
    "pandas": pd.read_parquet("rows.parquet"),
    "polars": pl.read_parquet("rows.parquet").to_pandas(),
    "duckdb": duckdb.sql("FROM 'rows.parquet'").to_df(),
}
doubles = pd.read_parquet("doubles.parquet")
for name, rows in seen.items():
    assert len(rows) == len(text) > 100, name
    assert list(rows.columns[6:]) == names, name
    assert (rows["time"] == pd.to_datetime(text["time"]).dt.tz_localize(None)).all(), name
    assert (rows["mid_ticks"] == text["midTicks"]).all(), name
    assert ((rows["bid_ticks"] + rows["ask_ticks"]) / 2 == rows["mid_ticks"]).all(), name
    for column in names:
        expected = text[column].to_numpy()
        np.testing.assert_array_equal(rows[column].to_numpy(), expected.astype(np.float32), f"{name} {column}")
        np.testing.assert_array_equal(doubles[column].to_numpy(), expected, column)
assert sum(seen["pandas"][column].isna().sum() for column in names) > 0
print("same")
`;

describe('signals in Python', () => {
  it('has blocks that are run', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(6);
    expect(page.split('```python').length - 1).toBe(blocks.length);
  });

  it.skipIf(PYTHON === null)(`runs as the guide has it, on any recording${needsPython}`, async () => {
    const printed = await runPage(tempFile('session.txt', usdmSession({ updates: 6000 })));
    expect(printed.map((text) => text !== '')).toEqual(blocks.map((block) => block.printed !== ''));
    expect(printed.join('')).toContain('binance BTCUSDT/USDM 0.10 burst recorded');
  });

  it.skipIf(PYTHON === null || dataPath(GOOG) === null)(
    `prints what the guide says${needsPython}${needs(GOOG)}`,
    async () => {
      const printed = await runPage(dataPath(GOOG) as string);
      expect(printed).toEqual(blocks.map((block) => block.printed));
    },
  );

  it.skipIf(PYTHON === null)(`reads to the last bit what bookcast computed${needsPython}`, async () => {
    const recording = tempFile('session.txt', usdmSession({ updates: 900 }));
    const folder = tempFolder();
    for (const flags of [['rows.csv'], ['rows.parquet'], ['doubles.parquet', '--double']]) {
      const { status, err } = await cli(['features', recording, '--out', join(folder, flags[0]), ...flags.slice(1)]);
      expect(status, err).toBe(0);
    }
    expect(runPython(COMPARE, folder)).toBe('same\n');
  });
});
