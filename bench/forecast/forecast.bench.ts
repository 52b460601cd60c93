import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, systemClock } from '../../src/core/index.ts';
import { FeatureEngine } from '../../src/features/index.ts';
import { LogisticModel, type Model, openServedModel, parseTarget, type ServedModel } from '../../src/models/index.ts';
import { type Benchmark, type BenchResult, hashNumbers, quantile } from '../harness.ts';
import { lstmFile } from './lstm-file.ts';
import { runNaive } from './naive-path.ts';
import { noTimes, type PathEnd, runStages, STAGES, type Stage, type StageTimes } from './staged-path.ts';
import { binanceStream, type RawStream, simulatedStream } from './streams.ts';

const TARGET = parseTarget('events:10');
/** Laps before those that count: code is compiled first. */
const WARM_LAPS = 1;
const LAPS = 2;
/** The stage that is all of them. */
const TOTAL = 'raw bytes to forecast' satisfies Stage;

interface Served {
  readonly lstm: ServedModel;
  readonly title: string;
}

/** As the default recipe has them: learning online, and beside them the net. */
function membersOf(lstm: ServedModel, schema: { readonly names: readonly string[]; readonly hash: string }): Model[] {
  const row = { target: TARGET, featureCount: schema.names.length, schemaHash: schema.hash };
  lstm.reset();
  return [
    new LogisticModel({ name: 'imbalance', target: TARGET, featureCount: 0, schemaHash: null }),
    new LogisticModel({ name: 'bayes', ...row }),
    new LogisticModel({ name: 'bayes-slow', ...row, forgetting: 0.99999 }),
    lstm,
  ];
}

/** All laps of ours and of a rival in turn. */
async function times(
  stream: RawStream,
  { lstm }: Served,
  rival: (times: StageTimes) => Promise<number[]>,
  smoke: boolean,
): Promise<{ ours: StageTimes; theirs: StageTimes; end: PathEnd }> {
  const { schema } = new FeatureEngine(stream.instrument, {});
  let [ours, theirs] = [noTimes(), noTimes()];
  let end: PathEnd = { hash: '', forecasts: 0, mids: [] };
  for (let lap = smoke ? 0 : -WARM_LAPS; lap < (smoke ? 1 : LAPS); lap++) {
    if (lap <= 0) [ours, theirs] = [noTimes(), noTimes()];
    const before = end.hash;
    end = runStages(stream, TARGET, membersOf(lstm, schema), ours);
    assert(before === '' || before === end.hash, 'every lap forecasts the same');
    const mids = await rival(theirs);
    assert(hashNumbers(mids) === hashNumbers(end.mids), 'both sides decide at the same moments, of the same mids');
  }
  return { ours, theirs, end };
}

/** Two cases a stage: of the median, and of the 99.9th percentile in its place. */
function cases(
  title: string,
  rival: string,
  note: string,
  { ours, theirs, end }: { ours: StageTimes; theirs: StageTimes; end: PathEnd },
): BenchResult[] {
  const named: [string, readonly number[], readonly number[]][] = [
    ...STAGES.map((stage) => [stage, ours.stages[stage], theirs.stages[stage]] as [string, number[], number[]]),
    ['update, one label', ours.labels, theirs.labels],
  ];
  return named.flatMap(([stage, own, other]) =>
    [0.5, 0.999].map((q) => {
      // A stage that is shorter than the clock's resolution counts as one nanosecond.
      const [value, rivalValue] = [own, other].map((ns) => Math.max(1, quantile(ns, q)) / 1e3);
      return {
        case: `${title}: ${stage}${q === 0.5 ? '' : ', p99.9'}${stage === TOTAL ? `; ${note}` : ''}`,
        value,
        unit: 'µs/forecast',
        rival,
        rivalValue,
        ratio: rivalValue / value,
        hash: end.hash.slice(0, 16),
        p99: Math.max(1, quantile(own, 0.99)) / 1e3,
        rivalP99: Math.max(1, quantile(other, 0.99)) / 1e3,
      };
    }),
  );
}

async function open(stream: RawStream, folder: string, smoke: boolean): Promise<Served> {
  const { schema } = new FeatureEngine(stream.instrument, {});
  const { title, bytes } = lstmFile(TARGET, schema, smoke);
  const path = join(folder, `${stream.instrument.venue}.onnx`);
  writeFileSync(path, bytes);
  return { title, lstm: await openServedModel(path, { target: TARGET, schema, clock: systemClock }) };
}

/**
 * From a message's bytes to the ensemble's forecast, three online learners and an LSTM of a thread of its own among the members, stage by
 * stage. No package does the whole way, so the rival is what one writes first; of the simulator, whose bytes only we read, the same way
 * without the net.
 *
 * The tail of the stages with the LSTM is the scheduler's: its thread is handed each row and hands back the answer, and where other work runs both
 * threads wait for a core. `chrt -f 50 npm run -s bench -- forecast` shows what a quiet core would.
 */
export const bench: Benchmark = {
  name: 'forecast',
  async run({ smoke }): Promise<BenchResult[]> {
    const folder = mkdtempSync(join(tmpdir(), 'bookcast-forecast-'));
    const results: BenchResult[] = [];
    try {
      for (const stream of [binanceStream(smoke), await simulatedStream(smoke)]) {
        const served = await open(stream, folder, smoke);
        const { schema } = new FeatureEngine(stream.instrument, {});
        try {
          const rival = async (into: StageTimes): Promise<number[]> =>
            stream.text
              ? runNaive(stream, into)
              : runStages(stream, TARGET, membersOf(served.lstm, schema).slice(0, -1), into).mids;
          const measured = await times(stream, served, rival, smoke);
          const what = `${schema.names.length} columns, 3 online members and ${served.title}, ${measured.end.forecasts} forecasts a lap`;
          const [name, other] = stream.text
            ? ['JSON.parse', 'the rival has JSON.parse, Maps, one signal and gradient descent']
            : ['bookcast (without the LSTM)', 'beside the same way without the net'];
          results.push(...cases(stream.name, name, `${what}; ${other}`, measured));
        } finally {
          await served.lstm.close();
        }
      }
      return results;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
