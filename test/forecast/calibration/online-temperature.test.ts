import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { OnlineTemperature } from '../../../src/forecast/index.ts';
import { labelOf } from '../../models/support.ts';
import { madeUp, rowOf } from '../made-up-stream.ts';

describe('OnlineTemperature', () => {
  it('finds the temperature, and another after it has changed, from labels that come late', () => {
    const count = 20_000;
    const data = madeUp(count, 1, (z, i) => z.map((x) => (i < count / 2 ? 3 : 0.7) * x));
    const online = new OnlineTemperature({ classes: 3 });
    let half = 0;
    for (let i = 0; i < count; i++) {
      if (i >= 50) online.learn(rowOf(data, i - 50), labelOf(data.labels[i - 50]));
      if (i === count / 2) half = online.temperature;
    }
    expect(half).toBeGreaterThan(2.6);
    expect(half).toBeLessThan(3.3);
    expect(online.temperature).toBeGreaterThan(0.6);
    expect(online.temperature).toBeLessThan(0.85);
  });

  it('forecasts better than what it is given, and no worse than its band allows where that was right', () => {
    for (const [power, least] of [
      [3, 0.1],
      [1, -0.002],
    ]) {
      const data = madeUp(10_000, 2, (z) => z.map((x) => power * x));
      const online = new OnlineTemperature({ classes: 3 });
      const out = new Float64Array(3);
      let gain = 0;
      for (let i = 0; i < 10_000; i++) {
        const p = rowOf(data, i);
        online.apply(p, out);
        gain += Math.log(out[data.labels[i]] / p[data.labels[i]]) / 10_000;
        online.learn(p, labelOf(data.labels[i]));
      }
      expect(gain).toBeGreaterThan(least);
    }
  });

  it('is bounded whatever comes', () => {
    const online = new OnlineTemperature({ classes: 3, priorDeviation: 5 });
    const random = new Random(3);
    const out = new Float64Array(3);
    for (let i = 0; i < 5000; i++) {
      const p = i % 3 === 0 ? Float64Array.of(1, 0, 0) : Float64Array.of(1e-300, 0.5, 0.5);
      online.learn(p, labelOf(random.below(3)));
      online.apply(p, out);
      expect(online.temperature).toBeGreaterThanOrEqual(1 / 8 - 1e-12);
      expect(online.temperature).toBeLessThanOrEqual(8 + 1e-12);
      expect(out.every((x) => x > 0 && x <= 1)).toBe(true);
    }
  });

  it('goes on bit for bit after it was saved and restored', () => {
    const data = madeUp(2000, 4, (z) => z.map((x) => 2 * x));
    const whole = new OnlineTemperature({ classes: 3, weight: 0.1 });
    let part = new OnlineTemperature({ classes: 3, weight: 0.1 });
    for (let i = 0; i < 2000; i++) {
      if (i === 777) {
        const bytes = part.save();
        part = new OnlineTemperature({ classes: 3, weight: 0.1 });
        part.restore(bytes);
      }
      for (const online of [whole, part]) online.learn(rowOf(data, i), labelOf(data.labels[i]));
      expect(part.temperature).toBe(whole.temperature);
    }
    expect(part.save()).toEqual(whole.save());
  });

  it('refuses the state of other classes, and bytes that are none', () => {
    const three = new OnlineTemperature({ classes: 3 });
    const two = new OnlineTemperature({ classes: 2 });
    expect(() => two.restore(three.save())).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => two.restore(new Uint8Array(10))).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});
