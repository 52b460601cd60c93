import type { MarketView } from './market-view.ts';

/** What one column of a row is, as `explain` prints it and as datasets and models carry it. Plain data. */
export interface FeatureInfo {
  /** The column: lower case with underscores; unique in a schema. */
  readonly name: string;
  readonly family: 'order-flow' | 'fair-value' | 'liquidity' | 'trades' | 'returns' | 'volatility' | 'activity';
  /** What the number counts: `ticks`, `1/s`, or `1` where it has no dimension. */
  readonly unit: string;
  /** The formula in plain text, in the names of the docstrings. */
  readonly formula: string;
  /** What has to pass after a reset before the column leaves `NaN`; `none` where the first two-sided book is enough. */
  readonly warmup: string;
  /** Paper or page. */
  readonly source: string;
  /** Swapping bids with asks (and buyers with sellers) turns the sign of an odd column and leaves an even one alone. */
  readonly parity: 'odd' | 'even';
  /** Goes up with every change of the numbers; part of the schema's hash. */
  readonly version: number;
}

/**
 * One signal, or a family that shares its sums: it hears of what happened and writes its columns on demand.
 *
 * Hooks are called in the order of the market: `onBurst`, then `onTime`, then `onTrade` for every trade of the message, then `onBook`.
 * They run once a message, so: constant time, no allocation, nothing kept of the arguments. A signal sees the market only
 * through the view and never past its present. `write` changes nothing, so a row may be taken at any message, or never.
 */
export interface Signal {
  readonly columns: readonly FeatureInfo[];
  /** The burst before this message ended; the view still shows the market as that burst left it. */
  onBurst?(view: MarketView): void;
  /** Time has moved on since the message before; see `MarketView.fades`. */
  onTime?(view: MarketView): void;
  /** A trade, with the book as it stood before the message. `sign`: 1 bought, −1 sold, 0 unknown. */
  onTrade?(view: MarketView, sign: number, sizeLots: number): void;
  /** The message changed the book; the view shows it as it is now, and the flow between. */
  onBook?(view: MarketView): void;
  /** Writes `columns.length` numbers to `out` from `at` on; `NaN` for what is absent or still warming up. */
  write(view: MarketView, out: Float64Array, at: number): void;
  /** Back to as constructed. */
  reset(): void;
}
