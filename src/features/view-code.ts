import {
  assemble,
  type Code,
  type Frame,
  f64,
  give,
  i32,
  type Local,
  PAGE_BYTES,
  v128,
  type WasmFunction,
  wasmFunction,
  when,
} from '../wasm/index.ts';
import { FLOW_KEEP, type SidePlace, Task, type ViewPlace, viewPlace } from './view-memory.ts';

/** Addresses are constants, each an offset from 0. */
const BASE = i32.const(0);

/** A side's registers. */
interface Registers {
  readonly isBid: boolean;
  readonly ticks: Local<'v128'>;
  readonly next: Local<'v128'>;
  readonly worse: Local<'v128'>;
  readonly better: Local<'v128'>;
  readonly old: Local<'v128'>;
  readonly lots: Local<'v128'>;
  readonly best: Local<'f64'>;
  readonly size: Local<'f64'>;
  readonly sum: Local<'f64'>;
  readonly reach: Local<'f64'>;
  /** 1 where the best level changed. */
  readonly touch: Local<'i32'>;
  /** What joined less what left, two levels each; 0 until set. */
  readonly flow: readonly Local<'v128'>[];
}

/** `ViewMemory.step` as a WebAssembly module, for a view of so many levels: two to four of them at a time, and no loops. */
export function viewModule(depth: number): Uint8Array<ArrayBuffer> {
  const place = viewPlace(depth);
  return assemble([stepFunction(place, depth)], Math.ceil(place.bytes / PAGE_BYTES));
}

function stepFunction(place: ViewPlace, depth: number): WasmFunction {
  return wasmFunction('step', (frame) => {
    const bidTask = frame.param('i32');
    const askTask = frame.param('i32');
    const bid = registers(frame, depth, true);
    const ask = registers(frame, depth, false);
    const keep = frame.local('v128');
    const total = frame.local('v128');
    return [
      moveSide(place.bid, depth, bidTask, bid),
      moveSide(place.ask, depth, askTask, ask),
      keep.set(v128.splatF64(f64.const(FLOW_KEEP))),
      ...bid.flow.flatMap((flow, k) => {
        const faded = place.fadedLots + 16 * k;
        return [
          flow.set(v128.subF64(flow, ask.flow[k])),
          v128.store(BASE, flow, place.flowLots + 16 * k),
          v128.store(BASE, v128.addF64(v128.mulF64(v128.load(BASE, faded), keep), flow), faded),
          total.set(v128.addF64(total, flow)),
        ];
      }),
      f64.store(BASE, f64.add(v128.lowF64(total), v128.highF64(total)), place.totalLots),
      give(i32.or(bid.touch, i32.shl(ask.touch, i32.const(1)))),
    ];
  });
}

function registers(frame: Frame, depth: number, isBid: boolean): Registers {
  const word = (): Local<'v128'> => frame.local('v128');
  const number = (): Local<'f64'> => frame.local('f64');
  return {
    isBid,
    ...{ ticks: word(), next: word(), worse: word(), better: word(), old: word(), lots: word() },
    ...{ best: number(), size: number(), sum: number(), reach: number() },
    touch: frame.local('i32'),
    flow: Array.from({ length: Math.ceil(depth / 2) }, word),
  };
}

function moveSide(place: SidePlace, depth: number, task: Code<'i32'>, side: Registers): Code {
  const renew = [...renewLevels(place, depth, side), ...sumLevels(place, depth, side)];
  const age = [
    ...copy(place.ticks, place.oldTicks, Math.ceil(depth / 4)),
    ...copy(place.lots, place.oldLots, Math.ceil(depth / 2)),
  ];
  return when(i32.eq(task, i32.const(Task.RENEW)), renew, [when(i32.eq(task, i32.const(Task.AGE)), age)]);
}

function copy(from: number, to: number, words: number): Code[] {
  return Array.from({ length: words }, (_, k) => v128.store(BASE, v128.load(BASE, from + 16 * k), to + 16 * k));
}

/** Levels of now become those before, the next ones those of now; the flow between them, and whether the best one changed. */
function renewLevels(place: SidePlace, depth: number, side: Registers): Code[] {
  const { isBid, ticks, next, worse, better, old, lots, flow } = side;
  const words = Array.from({ length: Math.ceil(depth / 4) }, (_, w) => 16 * w);
  const touch = i32.or(
    i32.ne(i32.load(BASE, place.ticks), i32.load(BASE, place.nextTicks)),
    f64.ne(f64.load(BASE, place.lots), f64.load(BASE, place.nextLots)),
  );
  return [
    side.touch.set(touch),
    ...words.flatMap((at, w) => [
      ticks.set(v128.load(BASE, place.ticks + at)),
      next.set(v128.load(BASE, place.nextTicks + at)),
      v128.store(BASE, ticks, place.oldTicks + at),
      v128.store(BASE, next, place.ticks + at),
      worse.set(isBid ? v128.ltI32(next, ticks) : v128.gtI32(next, ticks)),
      better.set(isBid ? v128.gtI32(next, ticks) : v128.ltI32(next, ticks)),
      ...flow.slice(2 * w, 2 * w + 2).flatMap((pair, half) => {
        const widen = half === 0 ? v128.lowToI64 : v128.highToI64;
        const atPair = 2 * at + 16 * half;
        return [
          old.set(v128.load(BASE, place.lots + atPair)),
          lots.set(v128.load(BASE, place.nextLots + atPair)),
          v128.store(BASE, old, place.oldLots + atPair),
          v128.store(BASE, lots, place.lots + atPair),
          // Where the price got worse nothing joined, and where it got better nothing left.
          pair.set(v128.subF64(v128.andNot(lots, widen(worse)), v128.andNot(old, widen(better)))),
        ];
      }),
    ]),
  ];
}

/** The running sums of the next levels. */
function sumLevels(place: SidePlace, depth: number, side: Registers): Code[] {
  const { isBid, best, size, sum, reach } = side;
  const price = (m: number): Code<'f64'> => f64.fromI32(i32.load(BASE, place.nextTicks + 4 * m));
  const levels = Array.from({ length: depth }, (_, m) => m);
  return [
    best.set(price(0)),
    sum.set(f64.const(0)),
    reach.set(f64.const(0)),
    ...levels.flatMap((m) => [
      size.set(f64.load(BASE, place.nextLots + 8 * m)),
      sum.set(f64.add(sum, size)),
      reach.set(f64.add(reach, f64.mul(size, isBid ? f64.sub(best, price(m)) : f64.sub(price(m), best)))),
      f64.store(BASE, sum, place.sumLots + 8 * m),
      f64.store(BASE, reach, place.sumReach + 8 * m),
    ]),
  ];
}
