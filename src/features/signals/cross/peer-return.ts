import { assert } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { PeerTime } from './peer-time.ts';

const TAUS = [0.1, 1];
const VARIANCE_TAU = 10;

export const peerReturn: SignalDefinition = {
  name: 'peer_return',
  family: 'cross',
  title: 'Return of the other instrument',
  meaning:
    'Moves of the other instrument’s mid, faded with time, in standard deviations of such a sum for a random walk of its volatility: what the slower of two markets has yet to follow. NaN where one of its sides is empty, and while its mid has never moved.',
  tex: String.raw`\frac{\sum_n \Delta M'_n\, e^{-(t-t_n)/\tau}}{\sigma'\sqrt{\tau/2}},\quad \sigma'^2 = \frac{\sum_n (\Delta M'_n)^2\, e^{-(t-t_n)/10}}{10\,(1-e^{-T/10})}`,
  formula:
    "sum of the peer's mid moves exp(-age / tau) / (sigma' sqrt(tau / 2)); sigma'^2 = sum of its squared moves exp(-age / 10 s) / (10 s (1 - exp(-T / 10 s))), T = time since both books are known",
  warmup: '10 s since both books are known',
  cost: 'three multiplications a move of the peer; a square root and two divisions a row',
  source: 'de Jong and Nijman (1997), High frequency analysis of lead-lag relationships between financial markets',
  needs: ['peer'],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `peer_return_${tauName(tau)}`,
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new PeerReturn(context),
};

class PeerReturn implements Signal {
  readonly #peer: MarketView;
  readonly #time: PeerTime;
  readonly #moves: readonly DecayedSum[];
  readonly #squares: DecayedSum;

  constructor(context: SignalContext) {
    assert(context.peer !== null, 'a cross-instrument signal has a peer');
    this.#peer = context.peer;
    this.#time = context.share(PeerTime);
    this.#moves = context.decays.sums(TAUS);
    this.#squares = context.decays.sum(VARIANCE_TAU);
  }

  onPeerStart(): void {
    for (let c = 0; c < this.#moves.length; c++) this.#moves[c].clear();
    this.#squares.clear();
  }

  onPeerBook(_view: MarketView, peer: MarketView): void {
    const move = peer.moveTicks;
    if (move === 0) return;
    for (let c = 0; c < this.#moves.length; c++) this.#moves[c].add(move);
    this.#squares.add(move * move);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const squares = this.#squares.value;
    const known = squares > 0 && this.#peer.has(1) && this.#time.ready(view, VARIANCE_TAU);
    // 1 / σ′: a sum that fades with τ has the variance σ′² τ / 2.
    const scale = known ? Math.sqrt((VARIANCE_TAU * this.#time.watched) / squares) : Number.NaN;
    for (let c = 0; c < this.#moves.length; c++) out[at + c] = this.#moves[c].value * scale * ROOTS[c];
  }

  reset(): void {}
}

/** 1 / √(τ / 2). */
const ROOTS: readonly number[] = TAUS.map((tau) => Math.sqrt(2 / tau));
