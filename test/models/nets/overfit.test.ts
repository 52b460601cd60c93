import { describe, expect, it } from 'vitest';
import { NETS, type Net } from '../../../src/models/nets/index.ts';
import { createTrainer } from '../../../src/nn/index.ts';
import { noise, SMALL, shapeOf } from './support.ts';

const WINDOWS = 256;
const COLUMNS = 8;
const CLASSES = 3;
/** Mean cross-entropy: the right class has 95 % and more. Chance is ln 3 = 1.1. */
const NEAR_ZERO = 0.05;

/** Enough by half again. */
const MOST_STEPS = 400;

/** 320 numbers a window, since a linear map cannot part 256 windows of fewer numbers as it likes. */
const LARGER: Readonly<Record<string, Record<string, unknown>>> = { linear: { length: 40 } };
/** The depth of DeepLOB asks for smaller steps. */
const RATES: Readonly<Record<string, number>> = { deeplob: 0.003 };

/** Noise with labels of noise, in which there is nothing to find and all to remember. */
function remembered(steps: number): { x: Float32Array; y: Int32Array } {
  const third = 0.43; // a third of a standard normal is below −0.43, and a third above 0.43
  const y = Int32Array.from(noise(WINDOWS, 12), (z) => (z < -third ? 0 : z > third ? 2 : 1));
  return { x: noise(steps * WINDOWS * COLUMNS, 11), y };
}

/** The net's small size, without dropout where it has any. */
function sizesOf({ name, config }: Net): Record<string, unknown> {
  const keys = { ...SMALL[name], ...LARGER[name] };
  return 'dropout' in (config as unknown as { properties: object }).properties ? { ...keys, dropout: 0 } : keys;
}

describe('256 windows of noise are learnt by heart', () => {
  it.each(NETS.map((net) => [net.name, net] as const))('by %s', { timeout: 120_000 }, async (name, net) => {
    const shape = shapeOf(name, sizesOf(net), COLUMNS, CLASSES);
    const trainer = await createTrainer({
      ...shape,
      batch: WINDOWS,
      loss: { kind: 'cross-entropy' },
      optimiser: { kind: 'adam' },
      seed: 3,
    });
    const { x, y } = remembered(shape.steps);
    let best = Number.POSITIVE_INFINITY;
    for (let step = 0; step < MOST_STEPS && best > NEAR_ZERO; step++)
      best = Math.min(best, (await trainer.step(x, y, WINDOWS, RATES[name] ?? 0.01)).loss);
    await trainer.close();
    expect(best).toBeLessThanOrEqual(NEAR_ZERO);
  });
});
