import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Command } from 'commander';
import { BookcastError, isoTime } from '../../core/index.ts';
import { type ColumnSchema, FeatureEngine } from '../../features/index.ts';
import { Forecaster } from '../../forecast/index.ts';
import type { Instrument } from '../../market/index.ts';
import { parseTarget } from '../../models/index.ts';
import { openRecording, READABLE } from '../inputs.ts';
import { type Context, withSteps } from '../options.ts';
import { grouped, Progress, table } from '../output.ts';

/** Any instrument that reports all levels has every signal: enough to list them. */
const ANY: Instrument = {
  venue: 'any',
  name: 'ANY',
  tickSize: '0.01',
  lotSize: '1',
  sequencing: 'consecutive',
  burstQuietNs: 0,
  depthLimit: null,
};

export function featuresCommand(context: Context): Command {
  const { io } = context;
  const command = new Command('features')
    .description('Compute the signals of a recording, one row a decision point, as CSV; or list and explain them.')
    .argument('[files...]', READABLE)
    .option('--out <file>', 'file to write (default: standard output)')
    .option('--list', 'list the signals', false)
    .option('--explain <name>', 'formula, unit, warm-up and source of one signal')
    .option('--json', 'with --list or --explain: as JSON', false);
  return withSteps(command).action(async (files: string[], flags) => {
    const features = new FeatureEngine(ANY).schema.columns;
    if (flags.explain !== undefined) {
      const info = find(features, flags.explain);
      io.out(flags.json ? `${JSON.stringify(info)}\n` : explain(info));
    } else if (flags.list) {
      io.out(flags.json ? `${JSON.stringify(features)}\n` : list(features));
    } else {
      await writeRows(context, files, flags);
    }
  });
}

async function writeRows(
  { io }: Context,
  files: string[],
  flags: { out?: string; tick?: string; lot?: string; symbol?: string },
): Promise<void> {
  const source = await openRecording(files, flags);
  const sink = flags.out === undefined ? null : createWriteStream(flags.out, { flags: 'wx' });
  if (sink !== null) await opened(sink, flags.out as string);
  const lines: string[] = [];
  const forecaster = new Forecaster(source.instrument, parseTarget('next-change'), {
    onForecast: ({ abstained, index, tsEventNs, day, midTicks, row }) => {
      if (abstained === null) lines.push(`${index},${isoTime(tsEventNs, day)},${midTicks},${row.join(',')}\n`);
    },
  });
  lines.push(`decision,time,midTicks,${forecaster.features.schema.names.join(',')}\n`);
  const progress = new Progress(io, source.instrument.name, source.counts);
  const startNs = io.clock.monotonicNs();
  const flush = async (): Promise<void> => {
    const text = lines.splice(0).join('');
    if (sink === null) io.out(text);
    else if (!sink.write(text)) await once(sink, 'drain');
  };
  try {
    for await (const batch of source.batches({ lend: true })) {
      forecaster.apply(batch);
      await flush();
      progress.update(source.counts, forecaster.events, (forecaster.events / (io.clock.monotonicNs() - startNs)) * 1e9);
      if (io.stop.aborted) break;
    }
    await flush();
  } finally {
    progress.stop();
    sink?.end();
  }
  if (sink !== null) await once(sink, 'close');
  for (const note of source.notes) io.err(`note: ${note}\n`);
  const { names, hash } = forecaster.features.schema;
  io.err(
    `${grouped(forecaster.decisions)} rows of ${names.length} signals (schema ${hash}) to ${flags.out ?? 'standard output'}\n`,
  );
}

async function opened(sink: NodeJS.EventEmitter, path: string): Promise<void> {
  try {
    await once(sink, 'open');
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    if (exists)
      throw new BookcastError('already-exists', `${path} exists; choose another name or remove it`, { cause });
    throw new BookcastError('bad-argument', `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

function find(features: readonly ColumnSchema[], name: string): ColumnSchema {
  const info = features.find((feature) => feature.name === name);
  if (info !== undefined) return info;
  const near = features.filter((feature) => feature.name.toLowerCase().includes(name.toLowerCase()));
  const hint =
    near.length > 0
      ? `did you mean ${near.map((feature) => feature.name).join(', ')}?`
      : 'see "bookcast features --list"';
  throw new BookcastError('not-found', `there is no signal "${name}"; ${hint}`);
}

function list(features: readonly ColumnSchema[]): string {
  const rows = features.map(({ name, family, unit, warmup }) => [name, family, unit, String(warmup)]);
  return table(['signal', 'family', 'unit', 'warm-up'], rows);
}

function explain(info: ColumnSchema): string {
  return Object.entries(info)
    .map(([key, value]) => `${key.padEnd(9)} ${value}\n`)
    .join('');
}
