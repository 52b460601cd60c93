import { BookcastError } from '../../core/index.ts';
import type { Instrument } from '../../market/index.ts';
import { type BinanceMarket, knownSteps, type Steps } from './instruments.ts';

/** What the user said of the steps: decimal text. */
export interface StepOptions {
  readonly tickSize?: string | undefined;
  readonly lotSize?: string | undefined;
}

export interface ChosenSteps extends Steps {
  /** Told from the first messages alone. */
  readonly guessed: boolean;
}

/**
 * The steps of an instrument of a recording: the user's; else the venue's own, where the recording has them; else the table's; else what the
 * messages suggest. Throws `bad-argument` where nothing tells.
 */
export function chooseSteps(
  symbol: string,
  market: BinanceMarket,
  options: StepOptions,
  venues: Steps | null,
  infer: () => Steps | null,
  path: string,
): ChosenSteps {
  const { tickSize, lotSize } = options;
  if (tickSize !== undefined && lotSize !== undefined) return { tickSize, lotSize, guessed: false };
  const known = venues ?? knownSteps(symbol, market);
  const steps = known ?? infer();
  if (steps === null) {
    throw new BookcastError(
      'bad-argument',
      `${path}: nothing in its first lines tells the steps of ${symbol}'s prices and sizes: give them with --tick and --lot`,
      { path },
    );
  }
  return { tickSize: tickSize ?? steps.tickSize, lotSize: lotSize ?? steps.lotSize, guessed: known === null };
}

/** What a user should know of the steps. */
export function stepsNote(instrument: Instrument, steps: ChosenSteps): string[] {
  if (!steps.guessed) return [];
  const { name, tickSize, lotSize } = instrument;
  return [
    `${name} is not in the table of instruments: ticks of ${tickSize} and lots of ${lotSize} were told from the first lines; --tick and --lot set others`,
  ];
}
