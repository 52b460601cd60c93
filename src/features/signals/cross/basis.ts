import { assert } from '../../../core/index.ts';
import { priceStep } from '../../../market/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { PeerTime } from './peer-time.ts';

const BPS = 1e4;
const MEMORY_SECONDS = 10;
/** Where the view keeps what is left after a message of a memory of 10 s. */
const SCALE = 2;

export const basis: SignalDefinition = {
  name: 'basis',
  family: 'cross',
  title: 'Basis',
  meaning:
    'This instrument’s mid against the other’s, both as prices: in basis points, and less its own mean over time, which is what closes again. NaN where a side of either is empty.',
  tex: String.raw`b = 10^4\left(\frac{M}{M'} - 1\right),\qquad b - \frac{\int b_s\, e^{-(t-s)/10}\, ds}{\int e^{-(t-s)/10}\, ds}`,
  formula:
    "b = 1e4 (M / M' - 1), M and M' the two mids as prices; deviation = b less its mean over time, weights exp(-age / 10 s)",
  warmup: 'none, once both books are known; the deviation: 10 s of that',
  cost: 'a division a message and two a row',
  source: 'definition; Makarov and Schoar (2020), Trading and arbitrage in cryptocurrency markets, on how gaps close',
  needs: ['peer'],
  dependencies: [],
  version: 1,
  columns: () => [
    { name: 'basis_bps', unit: 'bps', mirror: 'odd', ticks: 0, lots: 0, absolute: true, detail: 'as it is' },
    {
      name: 'basis_deviation_10s',
      unit: 'bps',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      absolute: true,
      detail: 'less its mean over 10 s',
    },
  ],
  create: (context) => new Basis(context),
};

class Basis implements Signal {
  readonly #peer: MarketView;
  readonly #time: PeerTime;
  /** The two ticks in whole units of the finer one's decimals, so that the difference of two prices is exact. */
  readonly #tick: number;
  readonly #peerTick: number;
  /** ∫ b e^(−age/τ) ds / τ and the same of 1, over the time in which b was known. */
  #sum = 0.5;
  #weight = 0.5;

  constructor(context: SignalContext) {
    const { peer, peerInstrument, instrument } = context;
    assert(peer !== null && peerInstrument !== null, 'a cross-instrument signal has a peer');
    this.#peer = peer;
    this.#time = context.share(PeerTime);
    const [own, other] = [priceStep(instrument), priceStep(peerInstrument)];
    const scale = Math.max(own.scale, other.scale);
    this.#tick = own.step * 10 ** (scale - own.scale);
    this.#peerTick = other.step * 10 ** (scale - other.scale);
    this.reset();
  }

  onPeerStart(): void {
    this.reset();
  }

  /** The mids are still those that stood since the message before. */
  onTime(view: MarketView): void {
    const fade = view.fades[SCALE];
    const bps = this.#bps(view);
    this.#sum *= fade;
    this.#weight *= fade;
    if (Number.isNaN(bps)) return;
    this.#sum += bps * (1 - fade);
    this.#weight += 1 - fade;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const bps = this.#bps(view);
    out[at] = bps;
    const ready = this.#time.ready(view, MEMORY_SECONDS) && this.#weight > 0;
    out[at + 1] = ready ? bps - this.#sum / this.#weight : Number.NaN;
  }

  #bps(view: MarketView): number {
    const price = view.midTicks * this.#tick;
    const peerPrice = this.#peer.midTicks * this.#peerTick;
    // Prices of 0 and below have no basis points.
    return peerPrice > 0 ? (BPS * (price - peerPrice)) / peerPrice : Number.NaN;
  }

  reset(): void {
    this.#sum = 0;
    this.#weight = 0;
  }
}
