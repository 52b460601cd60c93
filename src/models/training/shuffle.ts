import { Random } from '../../core/index.ts';

/**
 * The numbers 0 … count − 1 in the order of one epoch: a pure function of the seed and the epoch (Fisher and Yates), so that a training
 * that is resumed goes on in the very same order and has no state of this to keep.
 */
export function shuffledOrder(count: number, seed: number, epoch: number): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  // Streams of neighbouring numbers are unrelated: epochs of one seed, and the first epochs of two seeds.
  const random = new Random(new Random(seed).uint32() + epoch);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}
