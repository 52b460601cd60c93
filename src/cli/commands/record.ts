import { Command, Option } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { type EventBatch, instrumentKey } from '../../market/index.ts';
import { TapeWriter } from '../../tape/index.ts';
import { SIM_MODES } from '../../venues/sim/index.ts';
import { openSpec, type SourceSpec } from '../feed.ts';
import { type Context, parseCount, withSteps } from '../options.ts';
import { grouped, Progress } from '../output.ts';

export function recordCommand({ io }: Context): Command {
  const command = new Command('record')
    .description('Write a recording, or the simulator, to a tape: checksummed segments that "bookcast replay" reads.')
    .argument('[files...]', 'a recording; none for the simulator')
    .requiredOption('--out <folder>', 'folder of the tape: new, or a tape of the same instrument to go on with')
    .addOption(new Option('--mode <mode>', 'mode of the simulator').choices([...SIM_MODES]).default('realistic'))
    .option('--seed <integer>', 'seed of the simulator', '7')
    .option('--messages <count>', 'stop after so many messages (default for the simulator: 100000)', parseCount);
  return withSteps(command).action(async (files: string[], flags) => {
    const seed = Number(flags.seed);
    if (!Number.isSafeInteger(seed))
      throw new BookcastError('bad-argument', `a seed is an integer, not "${flags.seed}"`);
    const spec: SourceSpec =
      files.length === 0
        ? { kind: 'simulator', mode: flags.mode, seed }
        : { kind: 'recording', paths: files, tick: flags.tick, lot: flags.lot, symbol: flags.symbol };
    const limit: number = flags.messages ?? (files.length === 0 ? 100_000 : Number.POSITIVE_INFINITY);
    const source = await openSpec(spec);
    const writer = await TapeWriter.create(flags.out, source.instrument, source.origin);
    const progress = new Progress(io, source.instrument.name, source.counts);
    const startNs = io.clock.monotonicNs();
    let events = 0;
    const write = async (batch: EventBatch): Promise<void> => {
      await writer.append(batch);
      events += batch.length;
      progress.update(source.counts, events, (events / (io.clock.monotonicNs() - startNs)) * 1e9);
    };
    try {
      for await (const batch of source.batches()) {
        await write(batch);
        if (io.stop.aborted || source.counts.messages >= limit) break;
      }
    } finally {
      progress.stop();
      await writer.close();
    }
    for (const note of [...writer.notes, ...source.notes]) io.err(`note: ${note}\n`);
    io.err(
      `recorded ${grouped(source.counts.messages)} messages, ${grouped(events)} rows of ${instrumentKey(source.instrument)} (${source.origin}) to ${flags.out}\n`,
    );
  });
}
