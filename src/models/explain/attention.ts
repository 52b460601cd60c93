import { assert, Random } from '../../core/index.ts';
import {
  attentionGraph,
  type DeclaredMap,
  type NetShape,
  openSession,
  type RuntimeOptions,
  type Session,
} from '../../nn/index.ts';
import type { Windows } from '../training/contract.ts';

/** A map of some windows: weights are windows × heads × queries × keys. */
export interface AttentionMap extends DeclaredMap {
  readonly weights: Float32Array;
}

export interface AttentionReading {
  /** Windows × classes. */
  readonly probabilities: Float32Array;
  readonly maps: readonly AttentionMap[];
}

/** What shuffling one map does to the forecasts. */
export interface ShuffleCheck {
  readonly name: string;
  /** Mean over windows and shuffles of ½ Σ |p − p shuffled|, in [0, 1]. */
  readonly change: number;
  /** Share of forecasts whose top class became another. */
  readonly switched: number;
  /** False where a forecast hardly depends on which key got which weight: then the map explains nothing of it. */
  readonly explains: boolean;
  /** The same in a sentence, to stand beside the map. */
  readonly verdict: string;
}

/** A change below this is no change: half a percentage point of probability. */
const LEAST_CHANGE = 0.005;

/** The attention maps of a net's forecasts. Maps show where a net looked, and not why it said what it said: check them with `shuffleCheck`. */
export class AttentionReader {
  readonly #shape: NetShape;
  readonly #batch: number;
  readonly #session: Session;
  readonly #maps: readonly DeclaredMap[];

  private constructor(shape: NetShape, batch: number, session: Session, maps: readonly DeclaredMap[]) {
    this.#shape = shape;
    this.#batch = batch;
    this.#session = session;
    this.#maps = maps;
  }

  /** Null where the net has no attention. Throws what `openSession` throws. */
  static async open(
    spec: NetShape & { readonly weights: Float32Array },
    batch: number,
    options: RuntimeOptions = {},
  ): Promise<AttentionReader | null> {
    const { file, maps } = attentionGraph({ ...spec, batch });
    if (maps.length === 0) return null;
    return new AttentionReader(spec, batch, await openSession(file, options), maps);
  }

  /** Maps and forecasts of `batch` windows from number `from` on. */
  read(windows: Windows, from: number): Promise<AttentionReading> {
    return this.#run(
      this.#filled(windows, from),
      this.#maps.map(({ keys }) => inOrder(keys)),
    );
  }

  /**
   * How much the forecasts of `batch` windows from number `from` on change where one map at a time gives its weights to other keys (after Jain and Wallace,
   * "Attention is not explanation", NAACL 2019, section 4.2). The same seed shuffles alike.
   */
  async shuffleCheck(windows: Windows, from: number, shuffles: number, seed: number): Promise<ShuffleCheck[]> {
    assert(shuffles >= 1, 'a map is shuffled');
    const x = this.#filled(windows, from);
    const orders = this.#maps.map(({ keys }) => inOrder(keys));
    const { probabilities } = await this.#run(x, orders);
    const random = new Random(seed);
    const checks: ShuffleCheck[] = [];
    for (let map = 0; map < this.#maps.length; map++) {
      let [change, switched] = [0, 0];
      for (let s = 0; s < shuffles; s++) {
        const shuffled = orders.with(map, shuffledOrder(orders[map], random));
        const said = compared(probabilities, (await this.#run(x, shuffled)).probabilities, this.#batch);
        change += said.change / shuffles;
        switched += said.switched / shuffles;
      }
      checks.push(checkOf(this.#maps[map].name, change, switched));
    }
    return checks;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #filled(windows: Windows, from: number): Float32Array {
    const { steps, features } = this.#shape;
    assert(
      windows.length === steps && from >= 0 && from + this.#batch <= windows.count,
      'the windows to read are there',
    );
    const x = new Float32Array(steps * this.#batch * features);
    windows.fill(null, from, this.#batch, x, this.#batch, new Int32Array(this.#batch));
    return x;
  }

  async #run(x: Float32Array, orders: readonly BigInt64Array[]): Promise<AttentionReading> {
    const { steps, features } = this.#shape;
    const session = this.#session;
    const feeds = Object.fromEntries([
      ['x', session.tensor(x, [steps, this.#batch, features])],
      ...orders.map((order, i) => [`order.${i}`, session.tensor(order, [order.length])]),
    ]);
    const found = await session.run(feeds, session.outputNames);
    return {
      probabilities: found.probabilities.data as Float32Array,
      maps: this.#maps.map((map, i) => ({ ...map, weights: found[`map.${i}`].data as Float32Array })),
    };
  }
}

function inOrder(n: number): BigInt64Array {
  return BigInt64Array.from({ length: n }, (_, i) => BigInt(i));
}

/** Fisher and Yates, again until it is another order than before, where there is one. */
function shuffledOrder(order: BigInt64Array, random: Random): BigInt64Array {
  const shuffled = order.slice();
  do {
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
    }
  } while (order.length > 1 && shuffled.every((key, i) => key === order[i]));
  return shuffled;
}

function compared(a: Float32Array, b: Float32Array, count: number): { change: number; switched: number } {
  const classes = a.length / count;
  let [change, switched] = [0, 0];
  for (let i = 0; i < count; i++) {
    let [topA, topB] = [i * classes, i * classes];
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      change += Math.abs(a[at] - b[at]) / 2 / count;
      if (a[at] > a[topA]) topA = at;
      if (b[at] > b[topB]) topB = at;
    }
    if (topA !== topB) switched += 1 / count;
  }
  return { change, switched };
}

function checkOf(name: string, change: number, switched: number): ShuffleCheck {
  const explains = change >= LEAST_CHANGE;
  const moved = `shuffling its weights moves forecasts by ${(100 * change).toFixed(1)} % of probability on average`;
  const verdict = explains
    ? `${moved}: forecasts depend on where it looks`
    : `${moved}: the forecasts hardly depend on where it looks, so the map explains nothing of them`;
  return { name, change, switched, explains, verdict };
}

/**
 * Attention rollout (Abnar and Zuidema, "Quantifying attention flow in transformers", ACL 2020) of window number `window` of a reading: how much of
 * each row of the window has reached each place, through all maps over rows, each being half its map (the mean of its heads) and half the residual
 * connection, which is not weighted. A pool at the end has no residual. Queries × rows of the window, each query's row adding up to 1; null where no map
 * is over rows.
 */
export function attentionRollout(maps: readonly AttentionMap[], window: number): Float64Array | null {
  let rolled: Float64Array | null = null;
  let rows = 0;
  for (const map of maps) {
    if (map.over !== 'rows') continue;
    const step = meanOfHeads(map, window);
    const { queries, keys } = map;
    if (queries === keys) {
      for (let i = 0; i < step.length; i++) step[i] = step[i] / 2 + (i % (keys + 1) === 0 ? 0.5 : 0);
    }
    if (rolled === null) rows = keys;
    rolled = rolled === null ? step : product(step, rolled, queries, keys, rows);
  }
  return rolled;
}

function meanOfHeads({ weights, heads, queries, keys }: AttentionMap, window: number): Float64Array {
  const size = queries * keys;
  const mean = new Float64Array(size);
  for (let h = 0; h < heads; h++) {
    const at = (window * heads + h) * size;
    for (let i = 0; i < size; i++) mean[i] += weights[at + i] / heads;
  }
  return mean;
}

function product(a: Float64Array, b: Float64Array, rows: number, inner: number, columns: number): Float64Array {
  assert(b.length === inner * columns, 'one map’s queries are the next one’s keys');
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < columns; j++) out[i * columns + j] += a[i * inner + k] * b[k * columns + j];
  return out;
}
