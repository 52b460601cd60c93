import { type DatasetScores, scoreDataset } from '../../src/evaluate/index.ts';
import { parseClock, RowSampler, selectSignals } from '../../src/features/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { createDataset, type Dataset, parseTrainingFile, RowMatrixBuilder } from '../../src/models/training.ts';
import { openSim, type SimMode } from '../../src/venues/sim/index.ts';

/** A simulated market as a dataset: core signals at each decision, the default parts. */
export async function simulatedDataset(mode: SimMode, seed: number, messages: number): Promise<Dataset> {
  const source = openSim({ mode, seed, messages });
  const { instrument } = source;
  const { signals } = selectSignals('core', { instrument });
  let builder: RowMatrixBuilder | null = null;
  const sampler = new RowSampler(
    instrument,
    { signals, clock: parseClock('burst', instrument) },
    ({ day, tsEventNs, midTicks, row }) => builder?.add(day, tsEventNs, midTicks, row),
  );
  const { names, hash } = sampler.engine.schema;
  builder = new RowMatrixBuilder({ names, schemaHash: hash });
  builder.markSimulated();
  for await (const batch of source.batches({ lend: true })) sampler.apply(batch);
  sampler.finish();
  return createDataset({ matrix: builder.build(), target: parseTarget('events:10'), length: 1, reach: 100 });
}

/** One kind of model fitted and scored, with its default configuration and these settings over it. */
export async function fittedScores(
  name: string,
  overrides: readonly string[],
  dataset: Dataset,
  seed: number,
): Promise<DatasetScores> {
  const { kind, config } = parseTrainingFile(`model: ${name}`, { where: name, overrides });
  const data = dataset.withLength(kind.length(config));
  const model = await kind.fit(data, config, {
    seed,
    device: 'cpu',
    threads: 2,
    onEvent: () => {},
    signal: new AbortController().signal,
    checkpoints: null,
  });
  try {
    return scoreDataset(data, [{ model: name, probabilities: await model.predict(data.test) }]);
  } finally {
    await model.close();
  }
}

/** What many seeds say of one kind of model where nothing can be known. */
export interface NullVerdict {
  readonly model: string;
  readonly seeds: number;
  /** Mean gain over the martingale, nats, and how many of its standard errors it is above 0. */
  readonly meanGain: number;
  readonly t: number;
  /** Seeds whose 95 % interval of that gain lies above 0: 2.5 % are expected by chance. */
  readonly above: number;
  /** So many or more happen by chance less than once in a thousand. */
  readonly tooMany: number;
  readonly passed: boolean;
}

/** Largest t that counts as chance: once in 740 at 20 seeds or more. */
const MAX_T = 3;
const LEVEL = 1e-3;
/** Taken a little higher than nominal: percentile intervals of sixty blocks are somewhat short. */
const ABOVE_BY_CHANCE = 0.04;

export function nullVerdict(model: string, scores: readonly DatasetScores[]): NullVerdict {
  const gains = scores.map(({ over }) => over.martingale);
  const seeds = gains.length;
  const meanGain = gains.reduce((sum, { value }) => sum + value / seeds, 0);
  const variance = gains.reduce((sum, { value }) => sum + (value - meanGain) ** 2 / (seeds - 1), 0);
  const t = meanGain / Math.sqrt(variance / seeds);
  const above = gains.filter(({ interval }) => interval !== null && interval.low > 0).length;
  const tooMany = leastUnlikely(seeds);
  return { model, seeds, meanGain, t, above, tooMany, passed: t < MAX_T && above < tooMany };
}

/** The least count that a binomial reaches less often than `LEVEL`. */
function leastUnlikely(n: number): number {
  let term = (1 - ABOVE_BY_CHANCE) ** n;
  let tail = 1 - term;
  let k = 1;
  for (; tail >= LEVEL; k++) {
    term *= ((n - k + 1) / k) * (ABOVE_BY_CHANCE / (1 - ABOVE_BY_CHANCE));
    tail -= term;
  }
  return k;
}
