import type { ImpactModel } from '../costs.ts';
import { SettingsReader } from '../settings-reader.ts';
import type { FlowDecay } from './flow-memory.ts';
import { NO_IMPACT, SquareRootImpact } from './square-root-impact.ts';

/** Least positive number that a setting may have: 0 would divide. */
const LEAST = 1e-6;

/**
 * Impact from settings: `none` (also where nothing is given), or `{ y, halfLifeSeconds, decay: { kind: none | exponential | power, halfLifeSeconds, exponent,
 * scaleSeconds } }`, by default Y = 1, half an hour, and an exponential decay with a half-life of five minutes. Throws `bad-argument`.
 */
export function parseImpact(data: unknown, where: string): ImpactModel {
  if (data === undefined || data === null || data === 'none') return NO_IMPACT;
  const reader = new SettingsReader(data, where, ['y', 'halfLifeSeconds', 'decay']);
  return new SquareRootImpact({
    y: reader.number('y', { default: 1, min: 0 }),
    halfLifeSeconds: reader.number('halfLifeSeconds', { default: 1800, min: LEAST }),
    decay: readDecay(reader.raw('decay') ?? {}, `${where}.decay`),
  });
}

function readDecay(data: unknown, where: string): FlowDecay {
  const reader = new SettingsReader(data, where, ['kind', 'halfLifeSeconds', 'exponent', 'scaleSeconds']);
  const kind = reader.oneOf('kind', ['exponential', 'power', 'none'], 'exponential');
  const own = { exponential: ['halfLifeSeconds'], power: ['exponent', 'scaleSeconds'], none: [] as string[] }[kind];
  for (const key of ['halfLifeSeconds', 'exponent', 'scaleSeconds']) {
    if (reader.has(key) && !own.includes(key)) throw reader.mismatch(key, `absent beside kind: ${kind}`);
  }
  if (kind === 'none') return { kind };
  if (kind === 'exponential') {
    return { kind, halfLifeSeconds: reader.number('halfLifeSeconds', { default: 300, min: LEAST }) };
  }
  return {
    kind,
    exponent: reader.number('exponent', { default: 0.5, min: 0.2, max: 3 }),
    scaleSeconds: reader.number('scaleSeconds', { default: 10, min: LEAST }),
  };
}
