import { BookcastError } from '../../core/index.ts';

/** What the venue said against a request of ours, as an error that tells whether asking again can help. */
export function venueError(venue: string, said: string): BookcastError {
  const text = said.length > 200 ? `${said.slice(0, 200)}…` : said;
  if (/rate limit|too many|throttl/i.test(said)) {
    return new BookcastError('overloaded', `${venue} refuses for now, we asked too often: ${text}`, { venue });
  }
  if (/auth|signature|api key|passphrase|jwt|permission/i.test(said)) {
    return new BookcastError(
      'forbidden',
      `${venue} wants to know who asks: ${text}. Give read-only keys, or use a channel that needs none`,
      { venue },
    );
  }
  if (/internal|unavailable|timeout|try again/i.test(said)) {
    return new BookcastError('not-ready', `${venue} could not do what was asked: ${text}`, { venue });
  }
  return new BookcastError('bad-argument', `${venue} refused what was asked: ${text}`, { venue });
}
