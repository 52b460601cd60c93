import type { Link } from './link.ts';

/** Who keeps the connection. */
export interface LinkOwner {
  opened(link: Link): void;
  /** Something arrived and was dealt with. */
  stirred(link: Link): void;
  /** The venue will close it soon. */
  closing(link: Link): void;
  /** It answers pings and brings nothing: the market is quiet, or the connection is dead behind its front. */
  stalled(link: Link): void;
  /** The venue wants none of it, now or later. */
  refused(link: Link): void;
  /** It is gone, and its instruments know. */
  ended(link: Link): void;
}
