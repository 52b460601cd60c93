import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { PROFILE_TRADES, VolumeProfile } from './volume-profile.ts';

export const profileBalance: SignalDefinition = {
  name: 'profile_balance',
  family: 'liquidity',
  title: 'Balance of the volume profile',
  meaning:
    'Whether the latest trades changed hands below the mid (1: buyers of late are in profit) or above it (−1: they are under water). NaN before enough trades and where a side is empty.',
  tex: String.raw`\frac{\sum_i v_i\, \operatorname{sgn}(M - P_i)}{\sum_i v_i}`,
  formula: `(lots traded below M - lots traded above M) / lots, over the last ${PROFILE_TRADES} trades with a price in ticks; M = mid`,
  warmup: `${PROFILE_TRADES} trades`,
  cost: 'two binary searches a trade; a row: a division and a step for every traded price that the mid has passed',
  source: 'definition: share of the volume profile below the price',
  needs: [],
  dependencies: ['volume profile'],
  version: 1,
  columns: () => [{ name: 'profile_balance', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: (context) => new ProfileBalance(context),
};

class ProfileBalance implements Signal {
  readonly source: Versioned;
  readonly #profile: VolumeProfile;

  constructor(context: SignalContext) {
    this.#profile = context.share(VolumeProfile);
    this.source = this.#profile;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = this.#profile.isFull && view.has(1);
    out[at] = known ? this.#profile.balance(view.midTicks) : Number.NaN;
  }

  reset(): void {}
}
