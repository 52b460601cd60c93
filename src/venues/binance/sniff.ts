/** Binance data by their file names, whose packing hides what is in them. */
const NAMES =
  /(?:^|\/)(?:BINANCE[^/]*\.jsonl(?:\.(?:zst|xz|gz))?|[A-Z0-9_]+_\d{4}-\d\d-\d\dT[^/]*_(?:snapshot|trades|update)\.json(?:\.(?:xz|zst|gz))?)$/;

const LINE =
  /^(?:\d{13}|\d{16}|\d{19}) \{(?:"stream": ?"[a-z0-9_]+@(?:depth|trade|aggTrade|bookTicker|markPrice)|"lastUpdateId"|"e": ?"(?:depthUpdate|trade|aggTrade|bookTicker)")/m;

/** A line of a recorded session with an address of Binance's. */
const SESSION =
  /^\{"t": ?"(?:connect|http|header)".*?(?:\.binance\.(?:com|vision)\b|"exchange": ?"BINANCE|"venue": ?"binance")/m;

/** True where a file is a Binance recording. `head`: its first bytes, unpacked where they can be; `fileName` tells where not. */
export function sniffBinance(head: Uint8Array, fileName: string): boolean {
  if (NAMES.test(fileName)) return true;
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 65536)).toString('latin1');
  return LINE.test(text) || SESSION.test(text);
}
