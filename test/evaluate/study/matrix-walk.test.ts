import { beforeAll, describe, expect, it } from 'vitest';
import { walkColumns, walkMatrix } from '../../../src/evaluate/study/matrix-walk.ts';
import { ExponentialWeights, Forecaster } from '../../../src/forecast/index.ts';
import { LogisticModel, type Model, PersistenceModel, parseTarget, type Target } from '../../../src/models/index.ts';
import { type RowMatrix, RowMatrixBuilder } from '../../../src/models/training.ts';
import { openSim } from '../../../src/venues/sim/index.ts';
import { collect } from '../../support/batches.ts';

/** Models that read of a row what a matrix keeps bit for bit: the signals themselves are 32-bit floats there. */
const modelsFor = (target: Target): Model[] => [
  new PersistenceModel(target),
  new LogisticModel({ name: 'imbalance', target, featureCount: 0, schemaHash: null }),
];

const combinerFor = ({ classes }: Target): ExponentialWeights =>
  new ExponentialWeights({ members: 2, classes: classes.length });

interface Served {
  readonly matrix: RowMatrix;
  /** Of each row: both models, then the ensemble. */
  readonly said: readonly (readonly number[])[][];
}

/** What a forecaster says of a simulated market, and the rows that it says it of. */
async function serve(target: Target): Promise<Served> {
  const source = openSim({ mode: 'realistic', seed: 11, messages: 5000 });
  const builder = new RowMatrixBuilder({ names: ['x'], schemaHash: 'test', market: walkColumns(target) });
  const said: number[][][] = [];
  const hooks = {
    onForecast: ({
      abstained,
      probabilities,
    }: {
      abstained: string | null;
      probabilities: readonly Float64Array[];
    }) => {
      if (abstained === null) said.push(probabilities.map((p) => [...p]));
    },
  };
  const options = { models: modelsFor(target), combiner: combinerFor(target) };
  const forecaster: Forecaster = new Forecaster(source.instrument, target, hooks, options);
  const first = options.models[0];
  const predict = first.predict.bind(first);
  first.predict = (decision, out) => {
    const columns = walkColumns(target).map((name) => decision[name as 'spreadTicks' | 'imbalance']);
    builder.add(0, decision.tsNs, decision.midTicks, [0], columns);
    predict(decision, out);
  };
  for (const batch of await collect(source.batches())) forecaster.apply(batch);
  return { matrix: builder.build(), said };
}

describe.each(['events:10', 'time:50', 'next-change', 'next-change:once'])('a walk over rows, %s', (text) => {
  const target = parseTarget(text);
  const classes = target.classes.length;
  let served: Served;
  beforeAll(async () => {
    served = await serve(target);
  });

  const walk = (matrix: RowMatrix, pooledFrom = 0) =>
    walkMatrix({
      matrix,
      target,
      online: modelsFor(target),
      trained: [],
      combiner: combinerFor(target),
      pooledFrom,
      wanted: Int32Array.from({ length: matrix.rows }, (_, i) => i),
    });

  it('says of each row, bit for bit, what the forecaster said', () => {
    const { matrix, said } = served;
    expect(matrix.rows).toBe(said.length);
    expect(matrix.rows).toBeGreaterThan(1000);
    const walked = walk(matrix);
    const rows = [...walked.members.map(({ probabilities }) => probabilities), walked.pooled];
    said.forEach((members, row) => {
      members.forEach((p, m) => {
        expect([...rows[m].subarray(row * classes, (row + 1) * classes)], `row ${row}, member ${m}`).toEqual(p);
      });
    });
  });

  it('knows nothing of what comes later', () => {
    const { matrix } = served;
    const whole = walk(matrix).pooled;
    const cut = { ...matrix, rows: 700 };
    expect(walk(cut).pooled).toEqual(whole.subarray(0, 700 * classes));
  });

  it('weighs what trained members say where they speak, and lets them sleep elsewhere', () => {
    const { matrix } = served;
    const rows = Int32Array.from({ length: 300 }, (_, i) => 500 + 2 * i);
    const sure = Array.from({ length: classes }, (_, k) => (k === classes - 1 ? 0.8 : 0.2 / (classes - 1)));
    const probabilities = Float64Array.from({ length: rows.length * classes }, (_, i) => sure[i % classes]);
    const combiner = combinerFor(target);
    const { members, pooled, span } = walkMatrix({
      matrix,
      target,
      online: modelsFor(target).slice(1),
      trained: [{ name: 'sure', rows, probabilities }],
      combiner,
      pooledFrom: 500,
      wanted: Int32Array.of(499, 500, 501),
    });
    expect(members.map(({ name }) => name)).toEqual(['imbalance', 'sure']);
    expect([...members[1].probabilities.subarray(classes, 2 * classes)]).toEqual(sure);
    expect(members[1].probabilities[0]).toBeNaN();
    expect(members[1].probabilities[2 * classes]).toBeNaN();
    // Alone awake, the other is the pool.
    pooled.subarray(2 * classes).forEach((p, k) => {
      expect(p).toBeCloseTo(members[0].probabilities[2 * classes + k], 12);
    });
    expect(span).toBeGreaterThanOrEqual(1);
  });
});
