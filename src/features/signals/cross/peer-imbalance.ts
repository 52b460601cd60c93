import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const LEVELS = [1, 5];

export const peerImbalance: SignalDefinition = {
  name: 'peer_imbalance',
  family: 'cross',
  title: 'Queue imbalance of the other instrument',
  meaning:
    'Lots on the best levels of the other instrument’s bid less those on its ask, as a part of both: where its next move is likely to go, and this one’s after it. NaN where it has fewer levels.',
  tex: String.raw`\frac{\sum_{m\le n} q'^b_m - \sum_{m\le n} q'^a_m}{\sum_{m\le n} q'^b_m + \sum_{m\le n} q'^a_m}`,
  formula: "(B' - A') / (B' + A'); B', A' = lots on the peer's n best bid and ask levels",
  warmup: 'none, once both books are known',
  cost: 'a division a column a row',
  source: 'Gould and Bonart (2016), Queue imbalance as a one-tick-ahead price predictor, of the other instrument',
  needs: ['peer'],
  dependencies: [],
  version: 1,
  columns: () =>
    LEVELS.map((n) => ({
      name: `peer_imbalance_${n}`,
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: n === 1 ? 'the best level' : `the best ${n} levels`,
    })),
  create: (context) => new PeerImbalance(context),
};

class PeerImbalance implements Signal {
  readonly #peer: MarketView;

  constructor({ peer }: SignalContext) {
    assert(peer !== null, 'a cross-instrument signal has a peer');
    this.#peer = peer;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const peer = this.#peer;
    for (let c = 0; c < LEVELS.length; c++) {
      const n = LEVELS[c];
      if (peer.has(n)) {
        const bid = peer.bidSumLots[n - 1];
        const ask = peer.askSumLots[n - 1];
        out[at + c] = (bid - ask) / (bid + ask);
      } else out[at + c] = Number.NaN;
    }
  }

  reset(): void {}
}
