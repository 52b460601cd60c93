/** How far a parent order should have come by now. */
export interface Progress {
  /** Share of its time that has passed, 0 to 1. */
  readonly time: number;
  /** Lots that the market traded since it began, and since the tape began a second. */
  readonly marketLots: number;
  readonly marketRate: number;
  /** Seconds left. */
  readonly secondsLeft: number;
  /** Of the whole order. */
  readonly quantityLots: number;
  /** The signal, signed so that above 0 the price moves against us while we wait; 0 where there is none. */
  readonly urgency: number;
}

/** Returns the share of the order that should be done, 0 to 1, never falling over time for equal markets. */
export type Schedule = (progress: Progress) => number;

/** Time-weighted: in equal steps. */
export const twap: Schedule = ({ time }) => time;

/**
 * Volume-weighted: as the market's volume so far is to what it will have been by the end, which is expected at the average rate since the tape began; or
 * along `profile`, the volume's usual shares of equal parts of the time. Without a profile it needs some time before the order's start: an order that begins with the
 * tape knows no rate but its own, and is a TWAP.
 */
export function vwap(profile: readonly number[] | null): Schedule {
  if (profile === null) {
    return ({ time, marketLots, marketRate, secondsLeft }) => {
      const expected = marketLots + marketRate * secondsLeft;
      return time >= 1 ? 1 : expected > 0 ? marketLots / expected : time;
    };
  }
  const total = profile.reduce((sum, part) => sum + part, 0);
  return ({ time }) => {
    const at = Math.min(1, time) * profile.length;
    const whole = Math.min(profile.length - 1, Math.floor(at));
    const before = profile.slice(0, whole).reduce((sum, part) => sum + part, 0);
    return (before + profile[whole] * (at - whole)) / total;
  };
}

/** Percentage of volume: `share` of what the market trades, however long that takes; what is left at the end stays undone. */
export function pov(share: number): Schedule {
  return ({ marketLots, quantityLots }) => Math.min(1, (share * marketLots) / quantityLots);
}

/**
 * Almgren and Chriss, "Optimal execution of portfolio transactions" (Journal of Risk 2001), equation 20: what is left falls as sinh(κ(T − t))/sinh(κT).
 * `curvature` is κT, how much earlier than evenly it trades: 0 is TWAP.
 */
export function almgrenChriss(curvature: number): Schedule {
  if (curvature === 0) return twap;
  return ({ time }) => 1 - Math.sinh(curvature * (1 - Math.min(1, time))) / Math.sinh(curvature);
}

/** TWAP that runs up to `band` of the order ahead while the forecast says that waiting costs, and as much behind while it pays. */
export function forecastTimed(band: number): Schedule {
  return ({ time, urgency }) => (time >= 1 ? 1 : Math.min(1, Math.max(0, time + band * urgency)));
}
