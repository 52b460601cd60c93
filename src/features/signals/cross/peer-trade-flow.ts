import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { PeerTime } from './peer-time.ts';

const TAUS = [0.1, 1];

export const peerTradeFlow: SignalDefinition = {
  name: 'peer_trade_flow',
  family: 'cross',
  title: 'Signed trade flow of the other instrument',
  meaning:
    'Lots bought less lots sold of the other instrument, faded with time, in its average levels: who trades the perpetual first buys spot next. NaN where one of its sides is empty.',
  tex: String.raw`\frac{1}{Q'}\sum_i s'_i\, v'_i\, e^{-(t-t_i)/\tau},\quad s'_i = \pm 1`,
  formula: "sum over the peer's trades of sign q' exp(-age / tau) / Q'; sign 1 bought, -1 sold; Q' = its average level",
  warmup: 'the decay time since both books are known',
  cost: 'an addition a trade of the peer and decay time, a division a column a row',
  source: 'Hasbrouck and Seppi (2001), Common factors in prices, order flows, and liquidity',
  needs: ['peer'],
  dependencies: ['average level size', 'decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `peer_trade_flow_${tauName(tau)}`,
      unit: 'average levels of the peer',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new PeerTradeFlow(context),
};

class PeerTradeFlow implements Signal {
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

  onPeerTrade(_view: MarketView, _peer: MarketView, sign: number, sizeLots: number): void {
    for (let c = 0; c < this.#lots.length; c++) this.#lots[c].add(sign * sizeLots);
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
