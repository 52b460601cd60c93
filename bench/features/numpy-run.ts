import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { assert, BookcastError } from '../../src/core/index.ts';
import { FeatureEngine, findSignal, type SignalDefinition } from '../../src/features/index.ts';
import { BookSync, Effect, EventKind, LadderBook, messageEnd } from '../../src/market/index.ts';
import type { Market } from './markets.ts';

const SCRIPT = join(import.meta.dirname, 'numpy_rival.py');
const VENV = resolve(import.meta.dirname, '../../.venv/bin/python');
const TOLERANCE = 1e-6;

/** The signals of the core set that NumPy computes as well: all but the microprice, whose state is a small fitted chain. */
export const SHARED: readonly SignalDefinition[] = [
  'ofi',
  'ofi_mean',
  'imbalance',
  'spread',
  'weighted_mid',
  'depth_mid',
  'trade_flow',
  'trade_count_imbalance',
  'return',
  'volatility',
  'event_rate',
  'trade_rate',
  'mid_age',
].map(findSignal);

export interface Numpy {
  readonly python: string;
  readonly version: string;
}

/** A Python with NumPy: BOOKCAST_PYTHON, the repository's .venv, or python3; null where none has it. */
export function findNumpy(): Numpy | null {
  for (const python of [process.env.BOOKCAST_PYTHON, VENV, 'python3']) {
    if (python === undefined || (python === VENV && !existsSync(python))) continue;
    const options = { encoding: 'utf8', timeout: 20_000 } as const;
    const { status, stdout } = spawnSync(python, ['-c', 'import numpy; print(numpy.__version__)'], options);
    if (status === 0) return { python, version: stdout.trim() };
  }
  return null;
}

/** What the engine saw, row by row, for NumPy to start from, and its own rows. */
interface Seen {
  rows: number;
  ours: Float64Array[];
  arrays: Map<string, Float64Array>;
}

/** Hears of trades and bursts as every signal does. */
function probe(notes: Record<'tradeRows' | 'tradeSigns' | 'tradeLots' | 'burstMids', number[]>, now: () => number) {
  const definition: SignalDefinition = {
    ...SHARED[0],
    name: 'probe',
    columns: () => [],
    create: () => ({
      onBurst: (view) => void notes.burstMids.push(view.midTicks),
      onTrade: (_view, sign, sizeLots) => {
        notes.tradeRows.push(now());
        notes.tradeSigns.push(sign);
        notes.tradeLots.push(sizeLots);
      },
      write: () => {},
      reset: () => {},
    }),
  };
  return definition;
}

/** One row a message from the first book on; a market that loses its book is no case for columns. */
function watch({ instrument, batches }: Market): Seen {
  const notes = { tradeRows: [], tradeSigns: [], tradeLots: [], burstMids: [] } as Record<string, number[]>;
  const states: Record<string, number[]> = { t: [], book: [], events: [], bursts: [] };
  const levels = {
    bidTicks: [] as number[][],
    bidLots: [] as number[][],
    askTicks: [] as number[][],
    askLots: [] as number[][],
  };
  const ours: Float64Array[] = [];
  const engine = new FeatureEngine(instrument, { signals: [...SHARED, probe(notes as never, () => ours.length)] });
  const { view } = engine;
  assert(view.depth === 10, 'NumPy is given ten levels');
  const book = new LadderBook({ windowTicks: 1 << 17 });
  const sync = new BookSync(instrument, book);
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const [at, head] = [from, batch.kind[from]];
      from = to;
      if (head === EventKind.BBO) continue;
      const effect = sync.applyMessage(batch, at, to);
      engine.onMessage(batch, at, to, book, effect);
      assert(
        effect !== Effect.LOST && (effect !== Effect.RESYNCED || ours.length === 0),
        'the book is known all along',
      );
      if (effect === Effect.OLD || (effect === Effect.NONE && ours.length === 0)) continue;
      const row = new Float64Array(engine.schema.names.length);
      row.set(engine.row());
      ours.push(row);
      states.t.push(view.nowNs);
      states.book.push(effect === Effect.NONE ? 0 : 1);
      states.events.push(effect === Effect.CHANGED ? view.events : 0);
      states.bursts.push(notes.burstMids.length);
      for (const key of ['bidTicks', 'bidLots', 'askTicks', 'askLots'] as const) levels[key].push([...view[key]]);
    }
  }
  const arrays = new Map(Object.entries({ ...notes, ...states }).map(([key, xs]) => [key, Float64Array.from(xs)]));
  for (const [key, rows] of Object.entries(levels)) {
    arrays.set(
      key,
      Float64Array.from({ length: 10 * rows.length }, (_, i) => rows[i % rows.length][Math.floor(i / rows.length)]),
    );
  }
  return { rows: ours.length, ours, arrays };
}

/** ns a row of the shared signals, round by round, computed by NumPy on the same market; throws where its columns differ from ours. */
export function timeNumpy({ python }: Numpy, market: Market, rounds: number): number[] {
  const seen = watch(market);
  const folder = mkdtempSync(join(tmpdir(), 'bookcast-features-'));
  try {
    for (const [name, xs] of seen.arrays) writeFileSync(join(folder, `${name}.bin`), new Uint8Array(xs.buffer));
    const { status, stdout, stderr } = spawnSync(python, [SCRIPT, folder, String(rounds)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
    if (status !== 0) throw new BookcastError('bad-input', `${python} ${SCRIPT} failed:\n${stderr}`);
    const { names, ns } = JSON.parse(stdout) as { names: string[]; ns: number[] };
    const bytes = readFileSync(join(folder, 'out.bin'));
    const theirs = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
    compare(market, seen, names, theirs);
    return ns;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(market: Market, { ours, rows }: Seen, names: readonly string[], theirs: Float64Array): void {
  const own = new FeatureEngine(market.instrument, { signals: SHARED }).schema.names;
  for (const [c, name] of own.entries()) {
    const column = names.indexOf(name);
    assert(column >= 0, `NumPy has the column ${name}`);
    for (let i = 0; i < rows; i++) {
      const [x, y] = [ours[i][c], theirs[column * rows + i]];
      if (Number.isNaN(x) && Number.isNaN(y)) continue;
      const close = Math.abs(x - y) <= TOLERANCE * Math.max(1, Math.abs(x));
      assert(close, `both sides agree on ${name} of ${market.name} in row ${i}: ours ${x}, NumPy's ${y}`);
    }
  }
}
