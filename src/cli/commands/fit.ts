import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { FeatureFitter } from '../../features/fitting.ts';
import { BookSync, EventFlag, type EventSource, LadderBook, messageEnd } from '../../market/index.ts';
import { NewFile } from '../../store/index.ts';
import { fitText } from '../fit-text.ts';
import { type OpenOptions, openRecording, READABLE } from '../inputs.ts';
import type { Io } from '../io.ts';
import { type Context, withSteps } from '../options.ts';
import { Progress } from '../output.ts';

/** As the forecaster's books. */
const WINDOW_TICKS = 1 << 17;
const SHARE = 0.3;

export function fitCommand({ io }: Context): Command {
  const command = new Command('fit')
    .description('Fit the parameters that some signals have to the beginning of a recording; test on what comes after.')
    .argument('<files...>', READABLE)
    .requiredOption('--out <file>', 'file to write, for "bookcast features --fit"')
    .option('--share <share>', "the recording's first part by messages, above 0 and up to 1", parseShare, SHARE);
  return withSteps(command).action(async (files: string[], flags) => {
    const { share } = flags;
    // Refuses a file that is there before an hour's work, not behind it.
    const file = NewFile.create(flags.out);
    try {
      const messages =
        share === 1 ? Number.POSITIVE_INFINITY : Math.ceil(share * (await countMessages(io, files, flags)));
      const source = await openRecording(files, flags);
      const fit = await fitMessages(io, source, messages);
      writeFileSync(file.aside('fit.json'), `${JSON.stringify(fit, null, 2)}\n`);
      file.publish('fit.json');
      for (const note of source.notes) io.err(`note: ${note}\n`);
      const part = share === 1 ? 'the whole' : `the first ${Number((100 * share).toPrecision(3))} %`;
      const simulated = source.origin === 'simulated' ? ' (simulated)' : '';
      io.out(`${flags.out}: fitted to ${part} of the recording${simulated}.\n${fitText(fit)}`);
    } finally {
      file.discard();
    }
  });
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new InvalidArgumentError('a share is above 0 and up to 1, such as 0.3');
  return share;
}

/** Of the whole recording, as `fitMessages` counts them: a first pass, without a book. */
async function countMessages(io: Io, files: readonly string[], options: OpenOptions): Promise<number> {
  const source = await openRecording(files, options);
  const progress = new Progress(io, 'counting', source.counts);
  const startNs = io.clock.monotonicNs();
  let messages = 0;
  let events = 0;
  try {
    for await (const { flags, length } of source.batches({ lend: true })) {
      for (let i = 0; i < length; i++) messages += flags[i] & EventFlag.MESSAGE_END;
      events += length;
      progress.update(source.counts, events, (events / (io.clock.monotonicNs() - startNs)) * 1e9);
      if (io.stop.aborted) throw stopped();
    }
  } finally {
    progress.stop();
  }
  return messages;
}

/** Fits to the first so many messages. */
async function fitMessages(
  io: Io,
  source: EventSource,
  messages: number,
): Promise<ReturnType<FeatureFitter['finish']>> {
  const { instrument, counts } = source;
  const book = new LadderBook({ windowTicks: WINDOW_TICKS });
  const sync = new BookSync(instrument, book);
  const fitter = new FeatureFitter(instrument);
  const progress = new Progress(io, 'fitting', counts);
  const startNs = io.clock.monotonicNs();
  let [taken, events] = [0, 0];
  try {
    for await (const batch of source.batches({ lend: true })) {
      for (let i = 0; i < batch.length && taken < messages; taken++) {
        const end = messageEnd(batch, i);
        fitter.onMessage(batch, i, end, book, sync.applyMessage(batch, i, end));
        i = end;
      }
      events += batch.length;
      progress.update(counts, events, (events / (io.clock.monotonicNs() - startNs)) * 1e9);
      if (io.stop.aborted) throw stopped();
      if (taken >= messages) break;
    }
  } finally {
    progress.stop();
  }
  return fitter.finish();
}

function stopped(): BookcastError {
  return new BookcastError('not-ready', 'stopped before the end; no fit was written');
}
