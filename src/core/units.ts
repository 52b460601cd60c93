/** No price: an empty side of a book, or an event that carries none. Never a valid tick count. */
export const NO_PRICE = -2147483648;

/** Largest price that a column can hold, in ticks. Asserted when an instrument's prices are decoded. */
export const MAX_PRICE_TICKS = 2147483647;

/** Largest size, sequence number or order id that a `Float64` holds exactly. */
export const MAX_EXACT = Number.MAX_SAFE_INTEGER;
