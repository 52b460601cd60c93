import type { Instrument } from '../market/index.ts';
import { Decays } from './decays.ts';
import type { FeatureFit } from './fit.ts';
import type { MarketView } from './market-view.ts';
import type { PeerMarket } from './peer-market.ts';
import { type Part, Version } from './signal.ts';

/** What a signal is made with: the market that it will see, and what it shares with other signals of the engine. */
export class SignalContext {
  readonly instrument: Instrument;
  /** Levels a side that the view shows. */
  readonly depth: number;
  readonly decays = new Decays();
  /** Fitted parameters; signals that need them are not created without. */
  readonly fit: FeatureFit | null;
  /** The other instrument; null where there is none. */
  readonly peer: MarketView | null;
  readonly peerInstrument: Instrument | null;
  /** Sources of signals that change with the best levels alone, or with trades alone. */
  readonly levels = new Version();
  readonly trades = new Version();
  readonly #parts = new Map<unknown, Part>();

  constructor(instrument: Instrument, depth: number, fit: FeatureFit | null, peer: PeerMarket | null) {
    this.instrument = instrument;
    this.depth = depth;
    this.fit = fit;
    this.peer = peer?.view ?? null;
    this.peerInstrument = peer?.instrument ?? null;
  }

  /** The engine's one part of this class, created when first asked for. */
  share<P extends Part>(part: new (context: SignalContext) => P): P {
    let shared = this.#parts.get(part);
    if (shared === undefined) {
      shared = new part(this);
      this.#parts.set(part, shared);
    }
    return shared as P;
  }

  /** Every shared part, in the order of creation: a part that asks for another one stands behind it. */
  get parts(): readonly Part[] {
    return [...this.#parts.values()];
  }
}
