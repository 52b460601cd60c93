import { assert, type Clock } from '../../src/core/index.ts';
import type { Cancel, Timers } from '../../src/feed/index.ts';

interface Task {
  /** On the monotonic clock, ns. */
  readonly dueNs: number;
  /** Tasks due at once run in the order in which they were asked for. */
  readonly order: number;
  call: (() => void) | null;
}

/**
 * Time that a test owns: the one queue of everything that will happen. Nothing runs but by `step`, `runFor` and `runUntil`, and the
 * same calls always run in the same order. The wall clock can jump; the monotonic clock, by which timers run, never does.
 */
export class VirtualTime implements Clock, Timers {
  readonly startEpochMs: number;
  #monotonicNs = 0;
  #wallOffsetMs = 0;
  #order = 0;
  #cancelled = 0;
  readonly #heap: Task[] = [];

  /** Default start: 2026-11-22 12:00 UTC. */
  constructor(startEpochMs = 1_795_348_800_000) {
    this.startEpochMs = startEpochMs;
  }

  nowMs(): number {
    return this.startEpochMs + this.#wallOffsetMs + Math.floor(this.#monotonicNs / 1e6);
  }

  monotonicNs(): number {
    return this.#monotonicNs;
  }

  /** Since the start, whatever the wall clock says; with fractions. */
  get elapsedMs(): number {
    return this.#monotonicNs / 1e6;
  }

  /** Timers that are set and not cancelled: 0 after a clean stop. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  after(ms: number, call: () => void): Cancel {
    assert(ms >= 0 && Number.isFinite(ms), 'a timer is set for a time to come');
    const task: Task = { dueNs: this.#monotonicNs + Math.round(ms * 1e6), order: this.#order++, call };
    this.#push(task);
    return () => {
      if (task.call === null) return;
      task.call = null;
      this.#cancelled++;
    };
  }

  /** The wall clock is set by `ms`, forward or back; timers do not notice. */
  jumpWallClock(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** Moves on to the next timer and calls it; false where there is none (due before `untilNs`, where given). */
  step(untilNs = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      const task = this.#heap[0];
      if (task === undefined || (task.call !== null && task.dueNs > untilNs)) return false;
      this.#pop();
      const call = task.call;
      if (call === null) {
        this.#cancelled--;
        continue;
      }
      task.call = null;
      this.#monotonicNs = task.dueNs;
      call();
      return true;
    }
  }

  /** Runs everything due up to `ms` after the start, and stands there. */
  runUntil(ms: number): void {
    const untilNs = Math.round(ms * 1e6);
    while (this.step(untilNs));
    this.#monotonicNs = Math.max(this.#monotonicNs, untilNs);
  }

  runFor(ms: number): void {
    this.runUntil(this.elapsedMs + ms);
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent], task)) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (isBefore(last, heap[child])) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.order < b.order);
}
