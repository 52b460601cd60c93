import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MoveGrid } from './move-grid.ts';

/** Cells of 100 ms: 10 s. */
const WARMUP_CELLS = 100;

export const leadLag: SignalDefinition = {
  name: 'lead_lag',
  family: 'cross',
  title: 'Lead and lag',
  meaning:
    'Who follows whom over 100 ms: the correlation of this instrument’s moves with the other’s moves one cell before, less the reverse. Above 0 the other one leads. NaN while one of the two does not move.',
  tex: String.raw`\frac{\sum_k w_k\left(r_k\, r'_{k-1} - r'_k\, r_{k-1}\right)}{\sqrt{\sum_k w_k r_k^2\,\sum_k w_k r'^2_k}},\quad w_k = e^{-(K-k)/100}`,
  formula:
    "(sum r_k r'_(k-1) - sum r'_k r_(k-1)) / sqrt(sum r_k^2 sum r'_k^2), weights exp(-age in cells / 100); r, r' = moves of the two mids over closed cells of 100 ms",
  warmup: '10 s since both books are known',
  cost: 'ten multiplications every 100 ms; two roots and a division a row',
  source:
    'Huth and Abergel (2014), High frequency lead/lag relationships: empirical facts; on closed cells, and as a difference',
  needs: ['peer'],
  dependencies: ['grid of moves'],
  version: 1,
  columns: () => [{ name: 'lead_lag', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new LeadLag(context),
};

class LeadLag implements Signal {
  readonly #grid: MoveGrid;
  readonly #peer: MarketView;

  constructor(context: SignalContext) {
    assert(context.peer !== null, 'a cross-instrument signal has a peer');
    this.#grid = context.share(MoveGrid);
    this.#peer = context.peer;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { cells, own2, peer2, ownAfterPeer, peerAfterOwn } = this.#grid;
    const known = cells >= WARMUP_CELLS && view.has(1) && this.#peer.has(1) && own2 > 0 && peer2 > 0;
    // Two roots and not one of the product, which is too small a number after a long silence.
    out[at] = known ? (ownAfterPeer - peerAfterOwn) / (Math.sqrt(own2) * Math.sqrt(peer2)) : Number.NaN;
  }

  reset(): void {}
}
