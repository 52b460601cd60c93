import { describe, expect, it } from 'vitest';
import { ReceiveTime } from '../../../src/venues/binance/receive-time.ts';
import { DAY, RECV, RECV_NS } from './support.ts';

describe('the receive time of a line', () => {
  const read = (line: string): [at: number, ns: number] => {
    const time = new ReceiveTime(DAY);
    const bytes = Buffer.from(`0 ${line}\n`);
    return [time.read(bytes, 2, bytes.length - 1) - 2, time.ns];
  };

  it('is of milli-, micro- or nanoseconds', () => {
    expect(read(`${RECV} {`)).toEqual([20, RECV_NS]);
    expect(read(`${RECV.slice(0, 16)} {`)).toEqual([17, Math.floor(RECV_NS / 1e3) * 1e3]);
    expect(read(`${RECV.slice(0, 13)} {`)).toEqual([14, Math.floor(RECV_NS / 1e6) * 1e6]);
    expect(read(`${RECV.slice(0, 13)} `)[0]).toBe(14);
    // Before the day, and after the year 2106.
    expect(read('0000000000000 {')[1]).toBe(-DAY * 86_400e9);
    expect(read('9999999999999 {')[1]).toBe((9_999_999_999 - DAY * 86_400) * 1e9 + 999e6);
  });

  it('is missing where it has other digits, or none', () => {
    for (const line of [
      '',
      ' {',
      '{"e":1}',
      RECV,
      `${RECV}{`,
      `${RECV.slice(0, 10)} {`,
      `${RECV.slice(0, 12)} {`,
      `${RECV}00 {`,
      `${RECV.slice(0, 18)}x {`,
      `x${RECV.slice(1)} {`,
      `17231x${RECV.slice(6)} {`,
      `${RECV.slice(0, 12)}- {`,
    ]) {
      expect(read(line)[0], line).toBeLessThan(0);
    }
  });
});
