import { SettingsReader } from '../settings-reader.ts';
import { RiskGate, type RiskLimits } from './risk-gate.ts';

const WHOLE = ['maxOrderLots', 'maxPositionLots', 'maxOpenOrders', 'maxOrdersPerSecond'] as const;
const REAL = ['maxLoss', 'priceBandBps'] as const;
/** Of a ring in memory. */
const MOST_PER_SECOND = 1e6;

/** Limits from settings, all optional: the fields of `RiskLimits`. `none`, or nothing, is a gate without limits. Throws `bad-argument`. */
export function parseRisk(data: unknown, where: string): RiskGate {
  if (data === undefined || data === null || data === 'none') return new RiskGate();
  const reader = new SettingsReader(data, where, [...WHOLE, ...REAL, 'flatten']);
  const limits: Record<string, number | boolean> = {};
  for (const key of WHOLE) {
    const max = key === 'maxOrdersPerSecond' ? MOST_PER_SECOND : Number.MAX_SAFE_INTEGER;
    if (reader.has(key)) limits[key] = reader.number(key, { min: 1, max, whole: true });
  }
  for (const key of REAL) if (reader.has(key)) limits[key] = reader.number(key, { min: Number.MIN_VALUE });
  if (reader.has('flatten')) limits.flatten = reader.flag('flatten', false);
  return new RiskGate(limits as RiskLimits);
}
