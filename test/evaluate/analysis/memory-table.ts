import { type ColumnSchema, schemaHash } from '../../../src/features/index.ts';
import type { Block, ColumnData, TableReader } from '../../../src/store/index.ts';
import { instrumentOf } from '../../features/random-market.ts';

const START_NS = 1_340_285_400_000_000_000n;

export interface MemoryColumn {
  name: string;
  values: ArrayLike<number>;
  family?: string;
  unit?: string;
}

export interface MemoryTableOptions {
  midTicks: ArrayLike<number>;
  columns: readonly MemoryColumn[];
  /** Nanoseconds since 2012-06-21T13:30:00Z; a second a row where absent. */
  timeNs?: ArrayLike<number>;
  /** Replaces what would travel with the table; undefined takes it away. */
  metadata?: Record<string, string | undefined>;
  /** Columns that the table does not have, though its schema names them. */
  without?: readonly string[];
}

/** A file of features that lies in memory, in blocks of 1,000 rows. */
export function memoryTable(options: MemoryTableOptions): TableReader {
  const { midTicks, columns, timeNs } = options;
  const rows = midTicks.length;
  const times = BigInt64Array.from({ length: rows }, (_, i) => START_NS + BigInt(timeNs?.[i] ?? i * 1e9));
  const data = new Map<string, ColumnData>([
    ['time', times],
    ['mid_ticks', Float64Array.from(midTicks)],
  ]);
  for (const { name, values } of columns) data.set(name, Float32Array.from(values));
  for (const name of options.without ?? []) data.delete(name);
  const schema = columns.map(({ name, family = 'order-flow', unit = '1' }) => columnSchema(name, family, unit));
  const metadata: Record<string, string | undefined> = {
    'bookcast.schema_hash': schemaHash(schema, null),
    'bookcast.columns': JSON.stringify(schema),
    'bookcast.instrument': JSON.stringify(instrumentOf()),
    'bookcast.clock': 'event',
    'bookcast.origin': 'recorded',
    'bookcast.fit': '',
    'bookcast.fit_until': '',
    ...options.metadata,
  };
  const present = Object.entries(metadata).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return {
    schema: {
      columns: [...data.keys()].map((name) => ({ name, type: typeOf(name) })),
      metadata: Object.fromEntries(present),
    },
    rows,
    async *read(names): AsyncGenerator<Block> {
      for (let from = 0; from < rows; from += 1000) {
        const to = Math.min(rows, from + 1000);
        const parts = names.map((name) => (data.get(name) as Float32Array).subarray(from, to));
        yield { length: to - from, columns: parts };
      }
    },
    close: async () => {},
  };
}

function typeOf(name: string): 'timestamp' | 'double' | 'float' {
  return name === 'time' ? 'timestamp' : name === 'mid_ticks' ? 'double' : 'float';
}

export function columnSchema(name: string, family = 'order-flow', unit = '1'): ColumnSchema {
  return {
    name,
    signal: name,
    family: family as ColumnSchema['family'],
    unit,
    mirror: 'odd',
    ticks: 0,
    lots: 0,
    formula: name,
    warmup: 'none',
    source: 'definition',
    needs: [],
    dependencies: [],
    version: 1,
    fitted: false,
  };
}
