import { Command } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { parseContinuousTarget, parseTarget } from '../../models/index.ts';
import { loadConfig } from '../config.ts';
import { openRecording, READABLE } from '../inputs.ts';
import type { Io } from '../io.ts';
import { type ModelFlags, withModels } from '../model-options.ts';
import { type Context, configOption, parseSpeed, targetOption, withSteps } from '../options.ts';
import { Progress } from '../output.ts';
import { replay } from '../replay.ts';
import { isNumber, numberText, refuseForNumber, replayNumber } from '../replay-number.ts';
import { replayText } from '../replay-text.ts';
import { ServedModels } from '../served-models.ts';

export function replayCommand({ io }: Context): Command {
  const command = new Command('replay')
    .description('Rebuild the book of a recording, forecast, and score the forecasts beside the no-skill baselines.')
    .argument('<files...>', READABLE)
    .option('--verify', "compare the book with the venue's own truth, message by message", false)
    .option('--json', 'print one JSON object instead of a table', false)
    .option('--speed <speed>', 'market seconds a second, or max', parseSpeed, Number.POSITIVE_INFINITY)
    .addOption(
      targetOption(
        '; or a number: log-wait (ln of the seconds to the next change of the mid) or imbalance@ and a horizon, such as imbalance@events:50',
      ),
    )
    .addOption(configOption());
  return withModels(withSteps(command)).action(async (files: string[], flags) => {
    const config = loadConfig(io, { config: flags.config, target: flags.target });
    if (isNumber(config.target)) return replayOfNumber(io, files, config.target, flags);
    const target = parseTarget(config.target);
    const source = await openRecording(files, { tick: flags.tick, lot: flags.lot, symbol: flags.symbol });
    const served = await ServedModels.open(flags as ModelFlags, {
      instrument: source.instrument,
      target,
      clock: io.clock,
      log: (line) => io.err(`${line}\n`),
    });
    const progress = new Progress(io, source.instrument.name, source.counts);
    try {
      const report = await replay(source, files, {
        target,
        verify: flags.verify,
        forecaster: served.forecaster,
        speed: flags.speed,
        clock: io.clock,
        stop: io.stop,
        onProgress: (events, rate) => progress.update(source.counts, events, rate),
      });
      progress.stop();
      io.out(flags.json ? `${JSON.stringify(report)}\n` : replayText(report));
      if (report.verified !== null && report.verified.mismatches > 0) {
        const { checked, mismatches, firstMismatch } = report.verified;
        throw new BookcastError(
          'bad-input',
          `the rebuilt book differs from the venue's own in ${mismatches} of ${checked} comparisons; the first: ${firstMismatch}`,
        );
      }
    } finally {
      progress.stop();
      await served.close();
    }
  });
}

async function replayOfNumber(
  io: Io,
  files: readonly string[],
  text: string,
  flags: { json: boolean; speed: number; tick?: string; lot?: string; symbol?: string },
): Promise<void> {
  const target = parseContinuousTarget(text);
  refuseForNumber(text, flags as Readonly<Record<string, unknown>>);
  const source = await openRecording([...files], { tick: flags.tick, lot: flags.lot, symbol: flags.symbol });
  const report = await replayNumber(source, files, { target, speed: flags.speed, clock: io.clock, stop: io.stop });
  io.out(flags.json ? `${JSON.stringify(report)}\n` : numberText(report, target));
}
