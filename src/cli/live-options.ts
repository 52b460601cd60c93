import { type Command, Option } from 'commander';
import { BookcastError } from '../core/index.ts';
import { parseCount } from './options.ts';
import { exampleOf, type LiveSpec, VENUE_NAMES, type VenueName } from './venues.ts';

/** Secrets come from the environment alone: a command line shows in every list of processes. */
const KEY_VARIABLES = ['BOOKCAST_COINBASE_KEY', 'BOOKCAST_COINBASE_SECRET', 'BOOKCAST_COINBASE_PASSPHRASE'] as const;

/** The options of a live market. */
export function withLive(command: Command): Command {
  return command
    .addOption(new Option('--venue <venue>', 'follow a live market of this venue').choices(VENUE_NAMES))
    .option('--instrument <names>', 'instrument of the venue, such as BTCUSDT or BTCUSDT/USDM; several with commas')
    .option('--base-url <url...>', 'other addresses of the venue: a URL for all, or PART=URL, such as usdm.rest=…')
    .option('--depth <levels>', 'levels a side (binance: of the snapshot; kraken: of the book)', parseCount)
    .addOption(
      new Option(
        '--channel <channel>',
        `of coinbase-exchange: by price, or by order (which needs ${KEY_VARIABLES.join(', ')})`,
      ).choices(['level2_batch', 'full']),
    );
}

/** The live market that the flags name, or null where they name none. Throws `bad-argument`. */
export function liveSpec(
  flags: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): LiveSpec | null {
  const { venue, instrument, baseUrl, depth, channel } = flags as {
    venue?: VenueName;
    instrument?: string;
    baseUrl?: string[];
    depth?: number;
    channel?: string;
  };
  if (venue === undefined) {
    const stray = ['instrument', 'baseUrl', 'depth', 'channel'].find((name) => flags[name] !== undefined);
    if (stray === undefined) return null;
    const option = `--${stray.replace('U', '-u')}`;
    throw new BookcastError('bad-argument', `${option} needs --venue: one of ${VENUE_NAMES.join(', ')}`);
  }
  const instruments = (instrument ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  if (instruments.length === 0) {
    throw new BookcastError(
      'bad-argument',
      `--venue ${venue} needs --instrument, such as "--instrument ${exampleOf(venue)}"; "bookcast ingest --venue ${venue} --list" lists them`,
    );
  }
  const [key, secret, passphrase] = KEY_VARIABLES.map((name) => env[name] ?? '');
  const some = [key, secret, passphrase].filter((text) => text !== '').length;
  if (venue === 'coinbase-exchange' && some > 0 && some < 3) {
    throw new BookcastError(
      'bad-argument',
      `of ${KEY_VARIABLES.join(', ')} some are set and some are not: set all, or none`,
    );
  }
  return {
    venue,
    instruments,
    baseUrls: baseUrl ?? [],
    depth: depth ?? null,
    channel: channel ?? null,
    keys: venue === 'coinbase-exchange' && some === 3 ? { key, secret, passphrase } : null,
  };
}

/** Said before the first request, which may take some seconds: requests are spaced as the venue wants them. */
export function lookingUp({ venue, instruments }: LiveSpec): string {
  return `venue      ${venue}: looking up ${instruments.join(', ')}\n`;
}
