import { BookcastError } from '../../core/index.ts';
import { sniffSession } from '../../feed/index.ts';
import { inspectFile, readChunks } from '../../files/index.ts';
import type { EventSource } from '../../market/index.ts';
import { inferSteps } from './decimals.ts';
import { isHourFile, openHours } from './hours.ts';
import { binanceInstrument, wantedSymbol } from './instruments.ts';
import { LineRecording } from './line-recording.ts';
import { checkOrder, commonSymbol, type Probe, probeFile } from './probe.ts';
import { openBinanceSession } from './session.ts';
import { chooseSteps, type StepOptions } from './steps.ts';

export interface BinanceOptions extends StepOptions {
  /** Recordings of one stream, oldest first. */
  readonly paths: readonly string[];
  /** The venue's symbol, such as `BTCUSDT`, or our name for it, `BTCUSDT/USDM`; needed where a recording holds several. */
  readonly symbol?: string | undefined;
}

type Form = 'lines' | 'session' | 'hours';
const FORMS: Readonly<Record<Form, string>> = {
  lines: 'raw lines `<receive time> <json>`',
  session: 'a recorded session (`{"t":"recv",…}`)',
  hours: 'an hourly JSON array (`…_update.json.xz`)',
};

/**
 * Opens recordings of Binance, plain or packed (gzip, xz, zstd), of one of three forms:
 *
 * - raw lines `<receive time> <json>`, joined in the order given;
 * - sessions of a websocket and its requests (`{"t":"recv","conn":…,"ts":…,"data":…}`);
 * - hours of `SYMBOL_2020-11-01T09-00-00_{snapshot,update,trades}.json.xz` (`hours.ts`).
 *
 * Times count from the UTC day of the first message. Reads the beginning of every file: throws `not-found`, `bad-input` or
 * `bad-argument` saying what is wrong with which file.
 */
export async function openBinance(options: BinanceOptions): Promise<EventSource> {
  const { paths } = options;
  if (paths.length === 0) throw new BookcastError('bad-argument', 'no Binance recording was named');
  const forms: Form[] = [];
  for (const path of paths) forms.push(await formOf(path));
  const other = forms.findIndex((form) => form !== forms[0]);
  if (other > 0) {
    throw new BookcastError(
      'bad-argument',
      `${paths[0]} is ${FORMS[forms[0]]} and ${paths[other]} is ${FORMS[forms[other]]}: files of one form are read together`,
      { paths },
    );
  }
  if (forms[0] === 'hours') return openHours(paths, wantedSymbol(options.symbol), options);
  if (forms[0] === 'session') return openBinanceSession(paths, wantedSymbol(options.symbol), options);
  return openLines(options);
}

async function formOf(path: string): Promise<Form> {
  if (isHourFile(path)) return 'hours';
  const facts = await inspectFile(path);
  try {
    for await (const chunk of readChunks(path, facts, () => {})) return sniffSession(chunk) ? 'session' : 'lines';
  } catch {
    // What is wrong with the file is said when its first lines are read.
  }
  return 'lines';
}

async function openLines(options: BinanceOptions): Promise<EventSource> {
  const { paths } = options;
  const probes: Probe[] = [];
  for (const path of paths) probes.push(await probeFile(path));
  checkOrder(probes);
  const { symbol, market } = commonSymbol(probes, wantedSymbol(options.symbol));
  const steps = chooseSteps(symbol, market, options, null, () => inferSteps(probes), paths[0]);
  return new LineRecording(probes, symbol, binanceInstrument(symbol, market, steps), steps);
}
