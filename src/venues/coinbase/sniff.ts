import { sniffSession } from '../../feed/index.ts';
import { formOf } from './csv-forms.ts';

const HEAD_BYTES = 65536;
const ADDRESS = /\bwss?:\/\/[a-z0-9.-]*coinbase\.com|https:\/\/api\.(?:exchange\.|pro\.)?coinbase\.com/;
/** Escaped where a session's lines hold messages as JSON text. */
const MESSAGE =
  /\\?"sequence_num\\?": ?\d+|\\?"type\\?": ?\\?"(?:l2update|last_match|received)\\?"|\\?"(?:maker_order_id|product_ids?)\\?":/;

/** True where a file is a recording of Coinbase. `head`: its first bytes, unpacked. */
export function sniffCoinbase(head: Uint8Array, _fileName: string): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString('latin1');
  if (formOf(text.split('\n', 1)[0]) !== null) return true;
  if (!sniffSession(head)) return false;
  const other = /"exchange": ?"(?!COINBASE)/.test(text.slice(0, 4096));
  return !other && (ADDRESS.test(text) || MESSAGE.test(text));
}
