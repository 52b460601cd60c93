/** What an optimal quote depends on. Prices in ticks, time in seconds, inventory in units of one quote's quantity. */
export interface QuoteInput {
  /** Held now, in quotes; below 0 where short. */
  readonly inventory: number;
  /** Variance of the mid, ticks² a second. */
  readonly variance: number;
  /** A: trades a second that reach a quote at the mid. */
  readonly tradeRate: number;
  /** κ: by how much a tick of distance makes them rarer, 1 a tick. */
  readonly depthDecay: number;
  /** γ: risk aversion, 1 a tick. */
  readonly riskAversion: number;
}

/** How far below the fair price to bid and above it to ask, ticks; may be below 0 where the inventory presses. */
export interface QuoteDistances {
  readonly bid: number;
  readonly ask: number;
}

/**
 * Avellaneda and Stoikov, "High-frequency trading in a limit order book" (Quantitative Finance 2008), equations 29 and 30: a reservation price
 * q·γ·σ²·τ below the mid and half a spread of γσ²τ/2 + ln(1 + γ/κ)/γ around it. `horizonSeconds` is τ, the time left, which is held constant since
 * our markets do not end.
 */
export function avellanedaStoikov(input: QuoteInput, horizonSeconds: number): QuoteDistances {
  const { inventory, variance, depthDecay, riskAversion } = input;
  const risk = riskAversion * variance * horizonSeconds;
  const half = risk / 2 + Math.log1p(riskAversion / depthDecay) / riskAversion;
  return { bid: half + inventory * risk, ask: half - inventory * risk };
}

/**
 * Guéant, Lehalle and Fernandez-Tapia, "Dealing with the inventory risk" (Mathematics and Financial Economics 2013), the closed-form approximation of the
 * quotes far from the end: ln(1 + γ/κ)/γ ± … with (2q + 1)/2 and (2q − 1)/2 times √(σ²γ/(2κA) · (1 + γ/κ)^(1 + κ/γ)).
 */
export function glft(input: QuoteInput): QuoteDistances {
  const { inventory, variance, tradeRate, depthDecay, riskAversion } = input;
  const base = Math.log1p(riskAversion / depthDecay) / riskAversion;
  const power = Math.exp((1 + depthDecay / riskAversion) * Math.log1p(riskAversion / depthDecay));
  const slope = Math.sqrt(((variance * riskAversion) / (2 * depthDecay * tradeRate)) * power);
  return { bid: base + ((2 * inventory + 1) / 2) * slope, ask: base - ((2 * inventory - 1) / 2) * slope };
}
