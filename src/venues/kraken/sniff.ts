/** Kraken data by their file names. */
const NAMES = /(?:^|\/)KRAKEN\.[^/]*(?:jsonl|\d)(?:\.(?:gz|xz|zst))?$/;
/** An address of Kraken's, its recorder's word for it, or its messages. */
const TEXT =
  /wss?:\/\/[a-z-]*ws[a-z-]*\.kraken\.com|https:\/\/api\.kraken\.com|"exchange": ?"KRAKEN"|\\?"book-\d+\\?",\\?"[A-Z0-9.]+\/[A-Z0-9.]+\\?"\]|\\?"channel\\?":\\?"book\\?",\\?"type\\?":\\?"(?:snapshot|update)\\?",\\?"data\\?":\[\{\\?"symbol\\?":/;

/** True where a file is a recorded session with Kraken. `head`: its first bytes, unpacked where that was possible. */
export function sniffKraken(head: Uint8Array, fileName: string): boolean {
  if (NAMES.test(fileName)) return true;
  return TEXT.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 65536)).toString('latin1'));
}
