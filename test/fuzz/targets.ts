import type { DoubleVenue } from '../doubles/products.ts';
import { DOUBLE_VENUES } from '../doubles/products.ts';
import { conversationTarget, discoveryTarget } from './conversations.ts';
import { RECORDING_TARGETS } from './recordings.ts';
import type { FuzzTarget } from './target.ts';

/** Venues whose list of what trades is not another's. */
const DISCOVERED: readonly DoubleVenue[] = [
  'binance-spot',
  'binance-usdm',
  'binance-coinm',
  'coinbase',
  'coinbase-exchange',
  'kraken',
  'okx',
];

/** Decoders of what comes over the network. */
export const MESSAGE_TARGETS: readonly FuzzTarget[] = [
  ...DOUBLE_VENUES.map(conversationTarget),
  ...DISCOVERED.map(discoveryTarget),
];

/** Every decoder that takes bytes from outside. */
export const TARGETS: readonly FuzzTarget[] = [...MESSAGE_TARGETS, ...RECORDING_TARGETS];
