import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MoveGrid } from './move-grid.ts';

/** Cells of 100 ms: 10 s. */
const WARMUP_CELLS = 100;

export const peerCorrelation: SignalDefinition = {
  name: 'peer_correlation',
  family: 'cross',
  title: 'Correlation with the other instrument',
  meaning:
    'How closely the two mids move together over cells of 100 ms: what the other’s signals are worth here just now. NaN while one of the two does not move.',
  tex: String.raw`\frac{\sum_k w_k\, r_k\, r'_k}{\sqrt{\sum_k w_k r_k^2\,\sum_k w_k r'^2_k}},\quad w_k = e^{-(K-k)/100}`,
  formula:
    "sum r_k r'_k / sqrt(sum r_k^2 sum r'_k^2), weights exp(-age in cells / 100); r, r' = moves of the two mids over closed cells of 100 ms",
  warmup: '10 s since both books are known',
  cost: 'shared with lead_lag; two roots and a division a row',
  source: 'Epps (1979), Comovements in stock prices in the very short run',
  needs: ['peer'],
  dependencies: ['grid of moves'],
  version: 1,
  columns: () => [{ name: 'peer_correlation', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new PeerCorrelation(context),
};

class PeerCorrelation implements Signal {
  readonly #grid: MoveGrid;
  readonly #peer: MarketView;

  constructor(context: SignalContext) {
    assert(context.peer !== null, 'a cross-instrument signal has a peer');
    this.#grid = context.share(MoveGrid);
    this.#peer = context.peer;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { cells, own2, peer2, same } = this.#grid;
    const known = cells >= WARMUP_CELLS && view.has(1) && this.#peer.has(1) && own2 > 0 && peer2 > 0;
    // Two roots and not one of the product, which is too small a number after a long silence.
    out[at] = known ? same / (Math.sqrt(own2) * Math.sqrt(peer2)) : Number.NaN;
  }

  reset(): void {}
}
