import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../src/core/index.ts';
import { FeatureEngine, type FeatureSchema, selectSignals } from '../../../src/features/index.ts';
import { type BundleParts, fitMonitorReference, fitTrainingRange, writeBundle } from '../../../src/forecast/fitting.ts';
import { bundledSets, bundledTemperature, createCombiner, createOnline } from '../../../src/forecast/index.ts';
import { type Instrument, instrumentKey } from '../../../src/market/index.ts';
import { emptyDecision, type Model, parseTarget } from '../../../src/models/index.ts';
import { openBinance } from '../../../src/venues/binance/index.ts';
import { tempFolder } from '../../cli/support.ts';
import { linearFile } from '../../models/served/files.ts';
import { labelOf } from '../../models/support.ts';
import { usdmSession } from '../../support/session.ts';

export const TARGET = parseTarget('events:10');

export interface MadeBundle {
  readonly folder: string;
  readonly bundle: string;
  readonly version: string;
  readonly parts: BundleParts;
  readonly instrument: Instrument;
  readonly schema: FeatureSchema;
  /** A recording of the instrument. */
  readonly tape: string;
}

/** A bundle whose learners have learnt something: two online members and a linear net. */
export async function madeBundle(change: Partial<BundleParts> = {}): Promise<MadeBundle> {
  const folder = tempFolder();
  const tape = join(folder, 'session.txt');
  writeFileSync(tape, usdmSession({ updates: 1200 }));
  const { instrument } = await openBinance({ paths: [tape] });
  const { schema } = new FeatureEngine(instrument, selectSignals('core', { instrument }));
  const parts = { ...taughtParts(instrument, schema), ...change };
  const bundle = join(folder, 'mine');
  return { folder, bundle, version: writeBundle(bundle, parts), parts, instrument, schema, tape };
}

function taughtParts(instrument: Instrument, schema: FeatureSchema): BundleParts {
  const random = new Random(3);
  const width = schema.names.length;
  const columns = { schemaHash: schema.hash, signals: [...schema.names] };
  const learners = ['imbalance', 'bayes'] as const;
  const models = createOnline(learners, TARGET, schema);
  const combiner = createCombiner({ kind: 'fixed-share', rate: null, share: 0.01 }, { members: 3, classes: 3 });
  const calibrator = bundledTemperature(3, 10);
  const sets = bundledSets({ classes: 3, coverage: 0.9, score: 'lac', span: 10 });
  const set = sets.emptySet();
  const said = [0, 1, 2].map(() => new Float64Array(3));
  const pool = new Float64Array(3);
  const decision = emptyDecision(new Float64Array(width));
  for (let i = 0; i < 200; i++) {
    Object.assign(decision, { index: i, tsNs: i * 1e6, midTicks: 100, spreadTicks: 1, span: 10 });
    decision.imbalance = 2 * random.float() - 1;
    for (let f = 0; f < width; f++) decision.row[f] = random.normal();
    models.forEach((model: Model, m) => {
      model.predict(decision, said[m]);
    });
    said[2].set([0.2, 0.5, 0.3]);
    const label = labelOf(decision.imbalance > 0.3 ? 2 : decision.imbalance < -0.3 ? 0 : 1);
    combiner.combine(said, Uint8Array.of(1, 1, 1), pool);
    sets.predict(i, pool, set);
    models.forEach((model: Model, m) => {
      model.update(decision, label, said[m]);
    });
    combiner.settle(said, Uint8Array.of(1, 1, 1), label, 10);
    calibrator.learn(pool, label);
    sets.learn(set, label);
  }
  const rows = { data: Float64Array.from({ length: 1200 * width }, () => random.normal()), width, names: schema.names };
  const probabilities = Float64Array.from({ length: 300 }, (_, i) => [0.2, 0.5, 0.3][i % 3]);
  return {
    name: 'mine',
    createdBy: 'bookcast test',
    target: 'events:10',
    classes: [...TARGET.classes],
    schemaHash: schema.hash,
    signals: [...schema.names],
    fit: null,
    simulated: false,
    learnt: { instruments: [instrumentKey(instrument)], spans: [[19000, 0, 60e9]] },
    span: 10,
    abstention: { onAmbiguity: false, onFar: false, staleAfterMs: null },
    members: [
      { kind: 'online', learner: 'imbalance', model: models[0] },
      { kind: 'online', learner: 'bayes', model: models[1] },
      { kind: 'onnx', name: 'net', bytes: linearFile({ width, length: 5, seed: 1 }, columns) },
    ],
    combiner: { settings: { kind: 'fixed-share', rate: null, share: 0.01 }, learner: combiner },
    calibrator,
    sets,
    range: fitTrainingRange(rows, 0, 1200),
    monitor: fitMonitorReference(rows, 0, 1200, {
      classes: 3,
      probabilities,
      labels: Int8Array.from({ length: 100 }, (_, i) => i % 3),
    }),
  };
}
