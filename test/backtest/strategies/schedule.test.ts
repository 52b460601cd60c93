import { describe, expect, it } from 'vitest';
import {
  almgrenChriss,
  forecastTimed,
  type Progress,
  pov,
  twap,
  vwap,
} from '../../../src/backtest/strategies/schedule.ts';

const at = (changes: Partial<Progress>): Progress => ({
  time: 0.5,
  marketLots: 0,
  marketRate: 0,
  secondsLeft: 30,
  quantityLots: 100,
  urgency: 0,
  ...changes,
});

describe('schedules', () => {
  it('twap is due in proportion to time', () => {
    expect(twap(at({ time: 0.25 }))).toBe(0.25);
  });

  it('vwap follows a profile of the day, piece by piece', () => {
    const schedule = vwap([3, 1]);
    expect(schedule(at({ time: 0.25 }))).toBeCloseTo(3 / 8, 12);
    expect(schedule(at({ time: 0.5 }))).toBeCloseTo(0.75, 12);
    expect(schedule(at({ time: 0.75 }))).toBeCloseTo(0.875, 12);
    expect(schedule(at({ time: 1 }))).toBeCloseTo(1, 12);
  });

  it('vwap without one compares the volume so far with what is to come at the average rate', () => {
    // 60 traded, 2 a second for the 30 seconds left: 60 of 120.
    expect(vwap(null)(at({ marketLots: 60, marketRate: 2 }))).toBe(0.5);
    expect(vwap(null)(at({ time: 1, marketLots: 60, marketRate: 2 }))).toBe(1);
    // Nothing ever traded: as time passes.
    expect(vwap(null)(at({ time: 0.3 }))).toBe(0.3);
  });

  it('pov is a share of what the market traded, to the whole order at most', () => {
    expect(pov(0.1)(at({ marketLots: 200 }))).toBeCloseTo(0.2, 12);
    expect(pov(0.1)(at({ marketLots: 5000 }))).toBe(1);
  });

  it('almgren and chriss trade early, the more so the larger κT, and are twap at 0', () => {
    // κT = 2 at half the time: 1 − sinh 1 / sinh 2 = 1 − 1.175201 / 3.626860 = 0.675973.
    expect(almgrenChriss(2)(at({}))).toBeCloseTo(0.675973, 6);
    expect(almgrenChriss(2)(at({ time: 1 }))).toBe(1);
    expect(almgrenChriss(0)(at({ time: 0.4 }))).toBe(0.4);
  });

  it('one timed by the forecast runs ahead where waiting costs, within its band, and ends in time', () => {
    const schedule = forecastTimed(0.2);
    expect(schedule(at({ urgency: 0.5 }))).toBeCloseTo(0.6, 12);
    expect(schedule(at({ urgency: -0.5 }))).toBeCloseTo(0.4, 12);
    expect(schedule(at({ time: 0.05, urgency: -1 }))).toBe(0);
    expect(schedule(at({ time: 1, urgency: -1 }))).toBe(1);
  });
});
