import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { PROFILE_TRADES, VolumeProfile } from './volume-profile.ts';

export const pointOfControl: SignalDefinition = {
  name: 'point_of_control',
  family: 'liquidity',
  title: 'Distance from the point of control',
  meaning:
    'How far the mid stands above the price at which most was traded of late, the magnet of a volume profile. NaN before enough trades and where a side is empty.',
  tex: String.raw`M - \arg\max_p \sum_{i\,:\,P_i = p} v_i`,
  formula: `M - p; p = price with the most lots among the last ${PROFILE_TRADES} trades with a price in ticks, of several the one traded last`,
  warmup: `${PROFILE_TRADES} trades`,
  cost: 'two binary searches a trade, rarely a pass over the traded prices',
  source: 'Steidlmayer and Koy (1986), Markets and market logic: market profile, by volume',
  needs: [],
  dependencies: ['volume profile'],
  version: 1,
  columns: () => [{ name: 'point_of_control', unit: 'ticks from it', mirror: 'odd', ticks: 1, lots: 0 }],
  create: (context) => new PointOfControl(context),
};

class PointOfControl implements Signal {
  readonly source: Versioned;
  readonly #profile: VolumeProfile;

  constructor(context: SignalContext) {
    this.#profile = context.share(VolumeProfile);
    this.source = this.#profile;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#profile.isFull ? view.midTicks - this.#profile.controlTicks : Number.NaN;
  }

  reset(): void {}
}
