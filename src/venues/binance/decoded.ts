/** What a message turned out to be. */
export const Decoded = {
  /** No message of Binance's, or one whose values are not what they must be: `problem` says why. No rows. */
  UNREADABLE: 0,
  DIFF: 1,
  SNAPSHOT: 2,
  TRADE: 3,
  /** A trade of size 0, which only keeps the ids without a gap. No rows. */
  PLACEHOLDER: 4,
  TICKER: 5,
  /** Nothing of this book, and nothing wrong. No rows. */
  OTHER: 6,
} as const;
export type Decoded = (typeof Decoded)[keyof typeof Decoded];
