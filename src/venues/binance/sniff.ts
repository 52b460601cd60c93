/** Binance data by their file names, whose packing hides what is in them. */
const NAMES =
  /(?:^|\/)(?:BINANCE[^/]*\.jsonl\.zst|[A-Z0-9]+_\d{4}-\d\d-\d\dT[^/]*_(?:snapshot|trades|update)\.json\.xz)$/;

const LINE =
  /^(?:\d{13}|\d{16}|\d{19}) \{(?:"stream": ?"[a-z0-9_]+@(?:depth|trade|aggTrade|bookTicker|markPrice)|"lastUpdateId"|"e": ?"(?:depthUpdate|trade|aggTrade|bookTicker)")/m;

/**
 * True where a file is a Binance recording, or is named like Binance data that `openBinance` explains it cannot read.
 * `head`: its first bytes, unpacked where it is gzip.
 */
export function sniffBinance(head: Uint8Array, fileName: string): boolean {
  if (NAMES.test(fileName)) return true;
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 65536)).toString('latin1');
  return LINE.test(text);
}

/** True where only the name says that these are Binance data, and their form is not one that is read. */
export function isOtherFormat(fileName: string): boolean {
  return NAMES.test(fileName);
}
