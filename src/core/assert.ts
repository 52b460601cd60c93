/**
 * Crashes on a programmer's error. `what` says what must hold; bad input from outside is a `BookcastError` instead.
 * Keep template literals out of hot paths: the message is built even when the condition holds.
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
