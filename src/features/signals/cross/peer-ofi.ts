import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { PeerTime } from './peer-time.ts';

const TAUS = [0.1, 1];

export const peerOfi: SignalDefinition = {
  name: 'peer_ofi',
  family: 'cross',
  title: 'Order flow imbalance of the other instrument',
  meaning:
    'Lots that joined the other instrument’s best bid less those that joined its best ask, faded with time, in its average levels: pressure there moves prices here where that market leads. NaN where one of its sides is empty.',
  tex: String.raw`\frac{1}{Q'}\sum_n e'_n\, e^{-(t-t_n)/\tau}`,
  formula:
    "sum over the peer's book messages of e' exp(-age / tau) / Q'; e' = its order flow at the touch, Q' = its average level",
  warmup: 'the decay time since both books are known',
  cost: 'an addition a message of the peer and decay time, a division a column a row',
  source: 'Cont, Cucuringu and Zhang (2023), Cross-impact of order flow imbalance in equity markets',
  needs: ['peer'],
  dependencies: ['average level size', 'decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `peer_ofi_${tauName(tau)}`,
      unit: 'average levels of the peer',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new PeerOfi(context),
};

class PeerOfi implements Signal {
  readonly #peer: MarketView;
  readonly #time: PeerTime;
  readonly #lots: readonly DecayedSum[];

  constructor(context: SignalContext) {
    assert(context.peer !== null, 'a cross-instrument signal has a peer');
    this.#peer = context.peer;
    this.#time = context.share(PeerTime);
    this.#lots = context.decays.sums(TAUS);
  }

  onPeerStart(): void {
    for (let c = 0; c < this.#lots.length; c++) this.#lots[c].clear();
  }

  onPeerBook(_view: MarketView, peer: MarketView): void {
    for (let c = 0; c < this.#lots.length; c++) this.#lots[c].add(peer.flowLots[0]);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = this.#peer.has(1);
    for (let c = 0; c < this.#lots.length; c++) {
      const lots = this.#lots[c];
      out[at + c] = known && this.#time.ready(view, lots.tau) ? lots.value / this.#peer.meanLots : Number.NaN;
    }
  }

  reset(): void {}
}
