import { assert, NS_PER_MS } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

const CELL_NS = 100 * NS_PER_MS;
/** Products forget with so many cells: 10 s. */
const MEMORY_CELLS = 100;
const KEEP = Math.exp(-1 / MEMORY_CELLS);

/**
 * Moves of both mids over closed cells of 100 ms, counted from when both books are known, and the decaying sums of their
 * products. A cell is closed by the first message behind its end, with the mids as of that end; a mid that is not there counts as
 * not moved.
 */
export class MoveGrid implements Part {
  /** Cells closed. */
  cells = 0;
  /** Σ of own², peer², own × peer of one cell, own × peer of the cell before, and peer × own of the cell before. */
  own2 = 0.5;
  peer2 = 0.5;
  same = 0.5;
  ownAfterPeer = 0.5;
  peerAfterOwn = 0.5;
  readonly #peer: MarketView;
  #nextNs = Number.NaN;
  #ownTicks = Number.NaN;
  #peerTicks = Number.NaN;
  #lastOwn = 0.5;
  #lastPeer = 0.5;

  constructor({ peer }: SignalContext) {
    assert(peer !== null, 'a cross-instrument signal has a peer');
    this.#peer = peer;
    this.reset();
  }

  onPeerStart(view: MarketView, peer: MarketView): void {
    this.reset();
    this.#nextNs = view.nowNs + CELL_NS;
    this.#ownTicks = view.midTicks;
    this.#peerTicks = peer.midTicks;
  }

  onTime(view: MarketView): void {
    const lateNs = view.nowNs - this.#nextNs;
    if (!(lateNs > 0)) return;
    const cells = Math.ceil(lateNs / CELL_NS);
    this.#nextNs += cells * CELL_NS;
    this.cells += cells;
    this.#close(view.midTicks, this.#peer.midTicks);
    if (cells === 1) return;
    // Nothing moved in the cells after the first.
    this.#fade(KEEP ** (cells - 1));
    this.#lastOwn = 0;
    this.#lastPeer = 0;
  }

  #close(ownTicks: number, peerTicks: number): void {
    const own = moved(this.#ownTicks, ownTicks);
    const peer = moved(this.#peerTicks, peerTicks);
    if (!Number.isNaN(ownTicks)) this.#ownTicks = ownTicks;
    if (!Number.isNaN(peerTicks)) this.#peerTicks = peerTicks;
    this.#fade(KEEP);
    this.own2 += own * own;
    this.peer2 += peer * peer;
    this.same += own * peer;
    this.ownAfterPeer += own * this.#lastPeer;
    this.peerAfterOwn += peer * this.#lastOwn;
    this.#lastOwn = own;
    this.#lastPeer = peer;
  }

  #fade(fade: number): void {
    this.own2 *= fade;
    this.peer2 *= fade;
    this.same *= fade;
    this.ownAfterPeer *= fade;
    this.peerAfterOwn *= fade;
  }

  reset(): void {
    this.cells = 0;
    this.#nextNs = Number.NaN;
    this.own2 = 0;
    this.peer2 = 0;
    this.same = 0;
    this.ownAfterPeer = 0;
    this.peerAfterOwn = 0;
    this.#lastOwn = 0;
    this.#lastPeer = 0;
  }
}

function moved(beforeTicks: number, ticks: number): number {
  return Number.isNaN(beforeTicks) || Number.isNaN(ticks) ? 0 : ticks - beforeTicks;
}
