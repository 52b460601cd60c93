import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type EventBatch, EventKind, Side } from '../../src/market/index.ts';
import { MessageRing } from '../../src/market/message-ring.ts';

/** One message of `rows` events, numbered `id`. */
function message(id: number, rows: number): EventBatch {
  const builder = new BatchBuilder('test:RING', 20000, 4);
  for (let i = 0; i < rows; i++) builder.push(EventKind.LEVEL, Side.BID, 100 + i, id, id, id, id, i);
  builder.endMessage();
  return builder.finish()!;
}

describe('MessageRing', () => {
  it('keeps the newest messages that fit, in order, whatever is pushed and taken', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 30 }) }),
      fc.constant({ push: 0 }),
      fc.constant({ push: -1 }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(step, { maxLength: 300 }), (maxEvents, steps) => {
        const ring = new MessageRing(maxEvents);
        let model: { id: number; rows: number }[] = [];
        const held = (): number => model.reduce((sum, { rows }) => sum + rows, 0);
        steps.forEach(({ push }, id) => {
          if (push > 0) {
            let lost = 0;
            while (model.length > 0 && held() + push > maxEvents) {
              model.shift();
              lost++;
            }
            if (push > maxEvents) lost++;
            else model.push({ id, rows: push });
            expect(ring.push(message(id, push), 0, push)).toBe(lost);
          } else if (push === -1) {
            ring.clear();
            model = [];
          } else if (model.length > 0) {
            ring.shift();
            model.shift();
          }
          expect(ring.size).toBe(model.length);
          if (model.length === 0) return;
          const { rows, from, to } = ring;
          expect(to - from).toBe(model[0].rows);
          expect([...rows.sequence.subarray(from, to)]).toEqual(new Array(to - from).fill(model[0].id));
          expect(rows.priceTicks[to - 1]).toBe(100 + model[0].rows - 1);
        });
      }),
    );
  });

  it('costs memory by its events, not by the messages: no object for each', () => {
    const ring = new MessageRing(50_000);
    for (let id = 0; id < 200_000; id++) ring.push(message(id, 1), 0, 1);
    expect(ring.size).toBe(50_000);
    expect(ring.rows.sequence[ring.from]).toBe(150_000);
    expect(ring.rows.buffer.byteLength).toBeLessThan(50_000 * 47 * 5);
  });
});
