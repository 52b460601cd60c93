import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { type ApiServer, createApiServer, createDashboardServer } from '../../api/index.ts';
import { BookcastError } from '../../core/index.ts';
import type { Origin } from '../../market/index.ts';
import { parseTarget } from '../../models/index.ts';
import { SIM_MODES, type SimMode } from '../../venues/sim/index.ts';
import { type Config, loadConfig } from '../config.ts';
import { Desk } from '../desk.ts';
import { type FeedSpec, openFeed } from '../feed.ts';
import type { Io } from '../io.ts';
import { liveSpec, lookingUp, withLive } from '../live-options.ts';
import { type ModelFlags, withModels } from '../model-options.ts';
import { type Context, configOption, parseSpeed, targetOption, withSteps } from '../options.ts';
import { grouped } from '../output.ts';
import { play } from '../pace.ts';
import { ServedModels } from '../served-models.ts';
import type { LiveSpec } from '../venues.ts';

/** The built page: beside the sources in a checkout, beside the code in a package. */
export const WEB_ROOT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/web' : '../../web', import.meta.url),
);

const MADE_OF: Record<Origin, string> = {
  simulated: 'simulated data',
  recorded: 'recorded data',
  live: 'live data',
};

/** `--api-port` for the API, `--port` for the page. */
export function withServing(command: Command): Command {
  const serving = withLive(command)
    .option('--replay <files...>', 'play a recording instead of the simulator')
    .addOption(new Option('--mode <mode>', 'mode of the simulator').choices([...SIM_MODES]))
    .option('--seed <integer>', 'seed of the simulator')
    .option('--speed <speed>', 'market seconds a second (1 is real time), or max')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for every network')
    .option('--api-port <port>', 'port of the API; 0 picks a free one')
    .addOption(targetOption())
    .addOption(configOption());
  return withModels(withSteps(serving)).option(
    '--watch-models',
    'replace a model when its file changes, and not only on SIGHUP',
    false,
  );
}

export function demoCommand({ io, version }: Context): Command {
  const command = new Command('demo')
    .description(
      'The whole path in one process: simulator (or --replay, or a live --venue) → book → forecast → API and live page.',
    )
    .option('--port <port>', 'port of the page; 0 picks a free one');
  return withServing(command).action(async (flags) => serve(io, version, flags, true));
}

/** Runs source, engine and servers until the user stops them; `page` adds the dashboard. */
export async function serve(io: Io, version: string, flags: Record<string, unknown>, page: boolean): Promise<void> {
  const { replay, tick, lot, symbol, ...settings } = flags as SourceFlags;
  const config = loadConfig(io, settings);
  const target = parseTarget(config.target);
  const live = liveSpec(flags, io.env);
  if (live !== null) io.err(lookingUp(live));
  const feed = await openFeed(feedSpec(live, { replay, tick, lot, symbol }, config));
  const closing: (() => Promise<void>)[] = [() => feed.close()];
  try {
    const { instrument } = feed;
    const log = (line: string): void => io.err(`${line}\n`);
    const served = await ServedModels.open(flags as ModelFlags & typeof flags, {
      instrument,
      target,
      clock: io.clock,
      log,
      // A recording is forecast as "replay" forecasts it, bit for bit.
      shipped: feed.origin !== 'recorded',
      late: feed.origin === 'simulated',
    });
    closing.push(() => served.close());
    if (served.count > 0) closing.push(renewing(io, served, flags.watchModels === true));
    const desk = new Desk(feed, target, io.clock, served.forecaster);
    // A live market may be silent when the user stops: its end is asked for, not waited for.
    if (live !== null) io.stop.addEventListener('abort', () => void feed.close(), { once: true });
    const api = await createApiServer({ port: desk, clock: io.clock, version, log, portFlag: '--api-port' });
    closing.push(() => api.close());
    const address = await api.listen(config.host, config.apiPort);
    if (page) closing.push(await openPage(io, config, api));
    io.err(`API        ${address.url}   (${address.url}/docs)\n`);
    io.err(`instrument ${desk.instruments()[0].key}, ${MADE_OF[feed.origin]}; Ctrl-C stops\n`);
    const batches = feed.batches((untilNs) => desk.quietUntil(untilNs));
    await play(batches, (batch, from, to) => desk.apply(batch, from, to), {
      speed: live !== null || config.speed === 'max' ? Number.POSITIVE_INFINITY : parseSpeed(String(config.speed)),
      clock: io.clock,
      stop: io.stop,
      drained: api.drained,
    });
    const { decisions, hash } = desk.finish();
    for (const note of feed.notes) io.err(`note       ${note}\n`);
    if (io.stop.aborted) return;
    io.err(`ended      ${grouped(decisions)} forecasts, forecasts' hash ${hash.forecasts}; serving until Ctrl-C\n`);
    await new Promise<void>((resolve) => io.stop.addEventListener('abort', () => resolve(), { once: true }));
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** New versions are taken on SIGHUP, and where the user wants it when a file changes. Returns the end of it. */
function renewing(io: Io, served: ServedModels, watch: boolean): () => Promise<void> {
  if (watch) served.watch();
  const stop = io.onReload(() => void served.reload());
  return async () => stop();
}

interface SourceFlags {
  replay?: string[] | undefined;
  tick?: string | undefined;
  lot?: string | undefined;
  symbol?: string | undefined;
}

function feedSpec(live: LiveSpec | null, { replay, ...steps }: SourceFlags, config: Config): FeedSpec {
  if (live !== null) {
    if (replay !== undefined) throw new BookcastError('bad-argument', '--venue is live and --replay is not: give one');
    return { kind: 'live', live };
  }
  if (replay === undefined) return { kind: 'simulator', mode: config.mode as SimMode, seed: config.seed };
  return { kind: 'recording', paths: replay, ...steps };
}

async function openPage(io: Io, config: Config, api: ApiServer): Promise<() => Promise<void>> {
  const server = await createDashboardServer({ api, webRoot: WEB_ROOT });
  try {
    const { url } = await server.listen(config.host, config.port);
    io.err(`page       ${url}\n`);
  } catch (error) {
    await server.close();
    throw error;
  }
  return () => server.close();
}
