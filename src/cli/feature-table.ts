import { assert } from '../core/index.ts';
import type { FeatureFit, FeatureSchema, SampledRow } from '../features/index.ts';
import type { EventSource } from '../market/index.ts';
import type { Block, Column, TableSchema } from '../store/index.ts';
import type { SourceFile } from './source-files.ts';

/** Goes up when columns or metadata change their meaning. */
const FORMAT = '1';
const BLOCK_ROWS = 8192;

/** Of every row, before its signals. */
const HEAD: readonly Column[] = [
  { name: 'time', type: 'timestamp' },
  { name: 'received', type: 'timestamp' },
  { name: 'sequence', type: 'double' },
  { name: 'mid_ticks', type: 'double' },
  { name: 'bid_ticks', type: 'integer' },
  { name: 'ask_ticks', type: 'integer' },
];

/** Those of the signals alone. */
export function signalColumns(table: TableSchema): readonly Column[] {
  return table.columns.slice(HEAD.length);
}

export interface FeatureOrigin {
  readonly version: string;
  readonly schema: FeatureSchema;
  readonly source: EventSource;
  readonly peer: EventSource | null;
  readonly clock: string;
  readonly fit: FeatureFit | null;
  readonly files: readonly SourceFile[];
  /** Signals as doubles: twice the size, and not one bit lost. */
  readonly double: boolean;
}

/**
 * The table of an export: `time` and `received` (ns since 1970 UTC), `sequence` (NaN before the first snapshot), `mid_ticks` (NaN where
 * the book is not trusted), `bid_ticks` and `ask_ticks` (`NO_PRICE`, −2³¹, there), then a column for each of the schema's. The metadata
 * say all that a reader needs to make the same rows again.
 */
export function featureTable(origin: FeatureOrigin): TableSchema {
  const { version, schema, source, peer, clock, fit, files, double } = origin;
  const used = schema.fit === null ? null : fit;
  const type = double ? 'double' : 'float';
  return {
    columns: [...HEAD, ...schema.names.map((name): Column => ({ name, type }))],
    metadata: {
      'bookcast.format': FORMAT,
      'bookcast.version': version,
      'bookcast.schema_hash': schema.hash,
      'bookcast.columns': JSON.stringify(schema.columns),
      'bookcast.instrument': JSON.stringify(source.instrument),
      ...(peer === null ? {} : { 'bookcast.peer': JSON.stringify(peer.instrument) }),
      'bookcast.clock': clock,
      'bookcast.fit': used?.hash ?? '',
      'bookcast.fit_until': used?.until ?? '',
      'bookcast.origin': peer?.origin === 'simulated' ? peer.origin : source.origin,
      'bookcast.sources': JSON.stringify(files),
    },
  };
}

const NS_PER_DAY = 86_400_000_000_000n;

function epochNs(ns: number, day: number): bigint {
  return BigInt(day) * NS_PER_DAY + BigInt(ns);
}

/** A row's own time, ns since its day: the venue's, or ours where the venue gave none. */
export function rowNs({ tsEventNs, tsRecvNs }: SampledRow): number {
  return Number.isFinite(tsEventNs) ? tsEventNs : tsRecvNs;
}

/** Rows as they are handed out → blocks of columns. */
export class RowBlocks {
  readonly #width: number;
  readonly #double: boolean;
  readonly #full: Filling[] = [];
  readonly #free: Filling[] = [];
  #filling: Filling;

  constructor(width: number, double: boolean) {
    this.#width = width;
    this.#double = double;
    this.#filling = this.#empty();
  }

  add(sampled: SampledRow): void {
    const { tsRecvNs, day, sequence, midTicks, bidTicks, askTicks, row } = sampled;
    const ns = rowNs(sampled);
    const filling = this.#filling;
    const at = filling.length++;
    const { time, received, signals } = filling;
    time[at] = epochNs(ns, day);
    received[at] = tsRecvNs === ns ? time[at] : epochNs(tsRecvNs, day);
    filling.sequence[at] = sequence;
    filling.midTicks[at] = midTicks;
    filling.bidTicks[at] = bidTicks;
    filling.askTicks[at] = askTicks;
    for (let column = 0; column < signals.length; column++) signals[column][at] = row[column];
    if (filling.length < BLOCK_ROWS) return;
    this.#full.push(filling);
    this.#filling = this.#free.pop() ?? this.#empty();
  }

  /** What is whole by now; with `last`, all that there is. Each block is good until the next one is taken. */
  *take(last: boolean): Generator<Block> {
    if (last) this.#full.push(this.#filling);
    for (let filling = this.#full.shift(); filling !== undefined; filling = this.#full.shift()) {
      const { length, time, received, sequence, midTicks, bidTicks, askTicks, signals } = filling;
      yield { length, columns: [time, received, sequence, midTicks, bidTicks, askTicks, ...signals] };
      filling.length = 0;
      this.#free.push(filling);
    }
  }

  #empty(): Filling {
    assert(this.#width > 0, 'a row has signals');
    const signal = (): Float32Array | Float64Array =>
      this.#double ? new Float64Array(BLOCK_ROWS) : new Float32Array(BLOCK_ROWS);
    return {
      length: 0,
      time: new BigInt64Array(BLOCK_ROWS),
      received: new BigInt64Array(BLOCK_ROWS),
      sequence: new Float64Array(BLOCK_ROWS),
      midTicks: new Float64Array(BLOCK_ROWS),
      bidTicks: new Int32Array(BLOCK_ROWS),
      askTicks: new Int32Array(BLOCK_ROWS),
      signals: Array.from({ length: this.#width }, signal),
    };
  }
}

interface Filling {
  length: number;
  readonly time: BigInt64Array;
  readonly received: BigInt64Array;
  readonly sequence: Float64Array;
  readonly midTicks: Float64Array;
  readonly bidTicks: Int32Array;
  readonly askTicks: Int32Array;
  readonly signals: readonly (Float32Array | Float64Array)[];
}
