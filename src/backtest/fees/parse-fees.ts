import { BookcastError, shown } from '../../core/index.ts';
import type { ContractTerms, FeeModel } from '../costs.ts';
import { SettingsReader } from '../settings-reader.ts';
import { FEE_PRESETS } from './fee-presets.ts';
import { type FeeRate, FeeSchedule, type FeeScheduleData, type FeeTier, NO_FEES } from './fee-schedule.ts';

const LIMITS = ['volume', 'minimumPerOrder', 'maximumPerOrder', 'maximumPerOrderBps'] as const;
const KEYS = ['preset', 'name', 'maker', 'taker', 'tiers', ...LIMITS];
const RATE_KEYS = ['bps', 'perShare', 'perContract'];

/**
 * Fees from settings: `none`, the name of a preset, `{ preset, volume }`, or a schedule of one's own:
 * `{ maker: { bps: -0.5 }, taker: { perShare: 0.003 }, tiers: [{ volume: 50000, maker, taker }], volume, minimumPerOrder, maximumPerOrder, maximumPerOrderBps }`.
 * With `terms`, rates that do not fit the contract are refused now rather than at the first fill. Throws `bad-argument` where there are none (a run without fees
 * has to say so), for a preset or key that does not exist, and for a value that does not fit.
 */
export function parseFees(data: unknown, where: string, terms?: ContractTerms): FeeModel {
  const presets = Object.keys(FEE_PRESETS).join(', ');
  if (data === undefined || data === null) {
    throw new BookcastError(
      'bad-argument',
      `${where}: there is no fee schedule. Give one of ${presets}, rates such as { maker: { bps: 2 }, taker: { bps: 5 } }, or "none" for a run without fees`,
      { where },
    );
  }
  if (data === 'none') return NO_FEES;
  const schedule = typeof data === 'string' ? presetOf(data, where) : readSchedule(data, where);
  if (
    terms?.kind === 'inverse' &&
    schedule.tiers.some(({ maker, taker }) => (maker.perShare ?? 0) !== 0 || (taker.perShare ?? 0) !== 0)
  ) {
    throw new BookcastError(
      'bad-argument',
      `${where}: a fee by the share does not fit an inverse contract; give bps or perContract`,
      { where },
    );
  }
  return new FeeSchedule(schedule);
}

function presetOf(name: string, where: string): FeeScheduleData {
  if (Object.hasOwn(FEE_PRESETS, name)) return FEE_PRESETS[name];
  const presets = Object.keys(FEE_PRESETS).join(', ');
  throw new BookcastError(
    'bad-argument',
    `${where}: there is no fee schedule ${shown(name)}; there are ${presets}, and "none" for a run without fees`,
    { where, name },
  );
}

function readSchedule(data: unknown, where: string): FeeScheduleData {
  const reader = new SettingsReader(data, where, KEYS);
  const limits: Record<string, number> = {};
  for (const key of LIMITS) if (reader.has(key)) limits[key] = reader.number(key, { min: 0 });
  if (reader.has('preset')) {
    for (const key of ['name', 'maker', 'taker', 'tiers']) {
      if (reader.has(key)) throw reader.mismatch(key, 'absent beside a preset, which has its own rates');
    }
    return checked({ ...presetOf(reader.text('preset'), `${where}.preset`), ...limits }, reader);
  }
  const first: FeeTier = {
    volume: 0,
    maker: readRate(reader.raw('maker'), `${where}.maker`),
    taker: readRate(reader.raw('taker'), `${where}.taker`),
  };
  const later = reader.has('tiers')
    ? reader.list('tiers').map((tier, i) => readTier(tier, `${where}.tiers[${i}]`))
    : [];
  const tiers = [first, ...later];
  tiers.forEach((tier, i) => {
    if (i > 0 && tier.volume <= tiers[i - 1].volume)
      throw reader.mismatch('tiers', 'in order of volume, each above the last');
  });
  return checked({ name: reader.has('name') ? reader.text('name') : 'as given', tiers, ...limits }, reader);
}

function checked(schedule: FeeScheduleData, reader: SettingsReader): FeeScheduleData {
  if (schedule.volume !== undefined && schedule.tiers.length === 1) {
    throw reader.mismatch('volume', 'absent for a schedule of one tier, where it changes nothing');
  }
  return schedule;
}

function readTier(data: unknown, where: string): FeeTier {
  const reader = new SettingsReader(data, where, ['volume', 'maker', 'taker']);
  return {
    volume: reader.number('volume', { min: 0 }),
    maker: readRate(reader.raw('maker'), `${where}.maker`),
    taker: readRate(reader.raw('taker'), `${where}.taker`),
  };
}

/** A rate of nothing has to be written as `{ bps: 0 }`: what is left out may have been forgotten. */
function readRate(data: unknown, where: string): FeeRate {
  const reader = new SettingsReader(data, where, RATE_KEYS);
  const rate: Record<string, number> = {};
  for (const key of RATE_KEYS) if (reader.has(key)) rate[key] = reader.number(key);
  if (Object.keys(rate).length === 0) {
    throw new BookcastError('bad-argument', `${where} is empty: give ${RATE_KEYS.join(', ')}; { bps: 0 } is no fee`, {
      where,
    });
  }
  return rate;
}
