export { assert } from './assert.ts';
export {
  type DecimalStep,
  decimalStep,
  decimalToSteps,
  formatSteps,
  parseDecimal,
} from './decimal.ts';
export { editDistance } from './edit-distance.ts';
export { BookcastError, ERRORS, type ErrorCode, type Retry } from './errors.ts';
export { gaussLegendre, type Quadrature } from './gauss-legendre.ts';
export { digitsOf, JsonCursor } from './json-cursor.ts';
export { jsonErrorOffset } from './json-offset.ts';
export { Random } from './random.ts';
export { shown, textOf } from './shown.ts';
export { ANY_LENGTH, decodeState, encodeState, packBytes, unpackBytes } from './state-bytes.ts';
export {
  type Clock,
  dayOfEpochMs,
  isoTime,
  NS_PER_DAY,
  NS_PER_MS,
  NS_PER_SECOND,
  NS_PER_US,
  parseDay,
  systemClock,
  zoneOffsetNs,
} from './time.ts';
export { MAX_EXACT, MAX_PRICE_TICKS, NO_PRICE } from './units.ts';
export { NO_TIME, VenueTime } from './venue-time.ts';
