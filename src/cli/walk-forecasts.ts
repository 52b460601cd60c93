import { existsSync } from 'node:fs';
import { recordForecasts } from '../evaluate/index.ts';
import { selectSignals } from '../features/index.ts';
import { type ForecasterOptions, withStack } from '../forecast/index.ts';
import { parseTarget } from '../models/index.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import type { ModelFlags } from './model-options.ts';
import type { Context } from './options.ts';
import { Progress } from './output.ts';
import { ServedModels } from './served-models.ts';
import { storeForecasts } from './walk-job.ts';
import { openTapeSpec, type TapeSpec } from './walk-tape.ts';

/** Nothing trained: what learns live forecasts alone. */
export const ONLINE_ALONE: ModelFlags = { model: [], device: 'cpu', bundle: 'none' };

/** Forecasts a tape once, as a run with these settings and models would, and keeps that in a file, where it is not there already. */
export async function makeForecasts(
  { io }: Context,
  path: string,
  spec: TapeSpec,
  settings: BacktestSettings,
  models: ModelFlags,
): Promise<void> {
  if (existsSync(path) || settings.forecast === null) return;
  const source = await openTapeSpec(spec);
  const { instrument, counts } = source;
  const target = parseTarget(settings.forecast.target);
  const log = (line: string): void => io.err(`${line}\n`);
  const served = await ServedModels.open(models, { instrument, target, clock: io.clock, log });
  const progress = new Progress(io, 'forecasts', counts);
  const startNs = io.clock.monotonicNs();
  try {
    const { signals } = settings.forecast;
    const own: ForecasterOptions =
      signals === null
        ? served.forecaster
        : { ...served.forecaster, signals: selectSignals(signals, { instrument }).signals };
    const { monitor: _, ...options } = withStack(instrument, target, own);
    const onProgress = (): void =>
      progress.update(counts, counts.messages, (counts.messages / (io.clock.monotonicNs() - startNs)) * 1e9);
    storeForecasts(path, await recordForecasts(source, target, { ...options, signal: io.stop, onProgress }));
  } finally {
    progress.stop();
    await served.close();
  }
}
