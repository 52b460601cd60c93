import { assert, Random } from '../core/index.ts';

/** Binary digits of a share. */
const PRECISION = 16;
/** Random words drawn at once. */
const CHUNK = 4096;

/** Bytes for the masks of a graph, drawn from the seed and the step alone: training that is resumed draws the same ones. */
export class DropoutMasks {
  readonly #masks: { readonly words: Uint32Array; readonly share: number }[] = [];
  readonly #random = new Uint32Array(CHUNK);

  /** Room for a mask of so many numbers, `share` of which are to be 0: the bytes that `draw` writes, 1 where a number is kept. */
  add(size: number, share: number): Uint8Array<ArrayBuffer> {
    assert(share > 0 && share < 1, 'a mask sets some numbers to 0 and keeps some');
    const words = new Uint32Array(8 * Math.ceil(size / 32));
    this.#masks.push({ words, share });
    return new Uint8Array(words.buffer, 0, size);
  }

  draw(seed: number, step: number): void {
    if (this.#masks.length === 0) return;
    const random = new Random(seed ^ Math.imul(step + 1, 0x85ebca6b));
    for (const { words, share } of this.#masks) this.#drawOne(words, share, random);
  }

  /**
   * Thirty-two numbers at a time: from the last binary digit of the share to the first, a random word is joined by "or" where the digit is 1
   * and by "and" where it is 0, so that each bit ends as 1 with that probability. A share of one half costs one word, any other up to 16.
   */
  #drawOne(words: Uint32Array, share: number, random: Random): void {
    let digits = Math.min(Math.max(Math.round(share * 2 ** PRECISION), 1), 2 ** PRECISION - 1);
    let needed = PRECISION;
    for (; (digits & 1) === 0; digits >>>= 1) needed--;
    const drawn = this.#random;
    let at = CHUNK;
    for (let i = 0; i < words.length; i += 8) {
      if (at + needed > CHUNK) {
        random.fill(drawn);
        at = 0;
      }
      let dropped = 0;
      for (let digit = 0; digit < needed; digit++) {
        const word = drawn[at++];
        dropped = (digits >>> digit) & 1 ? dropped | word : dropped & word;
      }
      const kept = ~dropped;
      // The multiplication puts a copy of four bits over each of four bytes, so that each byte's lowest bit is another one.
      for (let j = 0; j < 8; j++) words[i + j] = Math.imul((kept >>> (4 * j)) & 15, 0x00204081) & 0x01010101;
    }
  }
}
