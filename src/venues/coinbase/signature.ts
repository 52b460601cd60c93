import { createHmac } from 'node:crypto';
import { BookcastError } from '../../core/index.ts';

/** Read-only keys of Coinbase Exchange. */
export interface ExchangeKeys {
  readonly key: string;
  /** As the venue gives it: base64. */
  readonly secret: string;
  readonly passphrase: string;
}

/** What proves to the venue who asks. Secret: never logged, never recorded. */
export interface Signed {
  readonly key: string;
  readonly passphrase: string;
  readonly timestamp: string;
  readonly signature: string;
}

/**
 * Signs a request without a body: HMAC-SHA256 of `timestamp + 'GET' + path`, keyed with the decoded secret, in base64
 * (docs.cdp.coinbase.com, Exchange REST authentication; a WebSocket subscription is signed as `GET /users/self/verify`). The
 * venue accepts a timestamp within 30 s of its own clock. Throws `bad-argument` where the secret is no base64.
 */
export function sign({ key, secret, passphrase }: ExchangeKeys, path: string, epochMs: number): Signed {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(secret)) {
    throw new BookcastError('bad-argument', 'the secret of Coinbase Exchange is base64, as the venue showed it once');
  }
  const timestamp = `${Math.floor(epochMs / 1000)}.${String(Math.floor(epochMs) % 1000).padStart(3, '0')}`;
  const signature = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(`${timestamp}GET${path}`)
    .digest('base64');
  return { key, passphrase, timestamp, signature };
}
