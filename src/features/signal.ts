import type { SignalContext } from './context.ts';
import type { MarketView } from './market-view.ts';

export const FAMILIES = ['order-flow', 'fair-value', 'liquidity', 'queue', 'trades', 'volatility', 'cross'] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * What a signal needs besides the book by price:
 * - `orders`: a stream that names every order (`Instrument.byOrder`);
 * - `fit`: parameters fitted on training data (`FeatureFit`);
 * - `peer`: a second instrument streaming beside this one.
 */
export type Need = 'orders' | 'fit' | 'peer';

/** One column of a row. Plain data. */
export interface ColumnInfo {
  /** Lower case with underscores; begins with the signal's name; unique in a schema. */
  readonly name: string;
  /** What the number counts: `ticks`, `1/s`, or `1` where it has no dimension. */
  readonly unit: string;
  /**
   * What becomes of it when bids and asks (and buyers and sellers) are swapped: an `odd` column changes its sign, an `even` one
   * stays, and one that speaks of one side becomes the column named here.
   */
  readonly mirror: 'odd' | 'even' | (string & {});
  /** By the how-maniest power of k it grows when every price is k times as large; null where there is no such law. */
  readonly ticks: number | null;
  /** As `ticks`, when every size is k times as large. Most signals divide by an average size, so that it is 0. */
  readonly lots: number;
  /** Depends on the price itself and not only on differences of prices, as what is measured in basis points does. */
  readonly absolute?: true;
  /** What sets this column apart from its sisters, such as `level 3` or `over 10 s`; absent where there is one. */
  readonly detail?: string;
}

/** Everything a desk would want to read of a signal; `features --explain`, `docs/signals.md` and the schema are made of it. */
export interface SignalDefinition {
  /** Lower case with underscores. */
  readonly name: string;
  readonly family: Family;
  /** A short heading: `Queue imbalance`. */
  readonly title: string;
  /** One or two sentences: what it says of the market, and when it is `NaN`. */
  readonly meaning: string;
  /** The formula in LaTeX, without dollar signs. */
  readonly tex: string;
  /** The formula in plain text, in the same names. */
  readonly formula: string;
  /** What has to pass after a reset before its columns leave `NaN`; `none` where the first two-sided book is enough. */
  readonly warmup: string;
  /** What it costs a message and a row. */
  readonly cost: string;
  /** Paper (with year) or page; `definition` where it is one. */
  readonly source: string;
  readonly needs: readonly Need[];
  /** It uses a fit where there is one and does without where there is none; its hash then says which. */
  readonly fits?: 'optional';
  /** Shared parts and other signals that it is made of, by name; for readers. */
  readonly dependencies: readonly string[];
  /** Goes up with every change of the numbers; part of the schema's hash. */
  readonly version: number;
  /** Its columns for a book of `depth` levels, in the order in which the signal writes them. */
  columns(depth: number): readonly ColumnInfo[];
  create(context: SignalContext): Signal;
}

/**
 * A signal at work: it hears of what happened and writes its columns on demand.
 *
 * Hooks are called in the order of the market: `onBurst`, `onTime`, `onOrder` and `onTrade` row by row, then `onBook`. They run
 * once a message or row, so: constant time, no allocation, nothing kept of the arguments. A signal sees the market only through
 * the view (and the shared parts it asked its context for), and never past its present. `write` changes nothing, so a row may
 * be taken at any message, or never.
 */
export interface Signal {
  /**
   * What alone its columns depend on, where that changes seldom: they are written again only when its `version` has changed.
   * Absent where they depend on time, on the average level size, or on every message.
   */
  readonly source?: Versioned;
  /** The burst before this message ended; the view still shows the market as that burst left it. */
  onBurst?(view: MarketView): void;
  /** Time has moved on since the message before, by `view.elapsedNs` to `view.nowNs`. Sums of `Decays` have faded already. */
  onTime?(view: MarketView): void;
  /**
   * An order row (`EventKind.ADD`, `CANCEL`, `DELETE`, `EXECUTE`), with the book as it stood before the message. Only where
   * the stream names every order. `side` is the order's.
   */
  onOrder?(view: MarketView, kind: number, side: number, priceTicks: number, sizeLots: number, orderId: number): void;
  /**
   * A trade, with the book as it stood before the message. `sign`: 1 bought, −1 sold, 0 unknown. `priceTicks` is `NO_PRICE`
   * where it lies between ticks.
   */
  onTrade?(view: MarketView, sign: number, sizeLots: number, priceTicks: number): void;
  /** The message changed the book; the view shows it as it is now, and the flow between. */
  onBook?(view: MarketView): void;
  /**
   * Both instruments' books are known from here on, `peer` as it is now: at the start, and again whenever one of them was
   * replaced. What is kept of the peer begins anew.
   */
  onPeerStart?(view: MarketView, peer: MarketView): void;
  /** As `onBook` and `onTrade`, of the other instrument; the own view shows its own last book, and the time. */
  onPeerBook?(view: MarketView, peer: MarketView): void;
  onPeerTrade?(view: MarketView, peer: MarketView, sign: number, sizeLots: number, priceTicks: number): void;
  /** Writes its columns to `out` from `at` on; `NaN` for what is absent or still warming up. */
  write(view: MarketView, out: Float64Array, at: number): void;
  /** Back to as constructed. Sums of `Decays` and shared parts are reset by the engine. */
  reset(): void;
}

/** A number that is another one after every change that a reader could see, a reset included. */
export interface Versioned {
  readonly version: number;
}

/** A `Versioned` for its owner to raise. */
export class Version implements Versioned {
  version = 0;

  raise(): void {
    this.version++;
  }
}

/** State that several signals share, created once an engine; its hooks run before those of all signals. */
export type Part = Omit<Signal, 'write' | 'source'>;
