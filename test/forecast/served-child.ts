/**
 * Run by served.test.ts: node --expose-gc served-child.ts. Calls all that is called for each forecast as serving does, and prints, as
 * JSON, what one forecast allocated (bytes, whether or not it lived) and took (ns).
 */
import { getHeapStatistics } from 'node:v8';
import { Random, systemClock } from '../../src/core/index.ts';
import { chooseCalibrator, fitIsotonic, fitMonitorReference, fitTrainingRange } from '../../src/forecast/fitting.ts';
import {
  AbstentionRule,
  ConformalSets,
  ForecastMonitor,
  OnlineTemperature,
  Stacking,
} from '../../src/forecast/index.ts';
import type { Label } from '../../src/models/index.ts';
import { madeUp, rowOf } from './made-up-stream.ts';

const COUNT = 10_000;
const WIDTH = 60;
const gc = globalThis.gc as () => void;
const stream = madeUp(COUNT, 1, (z) => z.map((x) => 2 * x));
const random = new Random(2);
const data = Float64Array.from({ length: COUNT * WIDTH }, () => random.normal());
const names = Array.from({ length: WIDTH }, (_, i) => `x_${i}`);
const rows = Array.from({ length: COUNT }, (_, i) => data.subarray(i * WIDTH, (i + 1) * WIDTH));
const said = Array.from({ length: COUNT }, (_, i) => rowOf(stream, i));
const labels = [...stream.labels] as Label[];

const calibrators = [fitIsotonic(stream), chooseCalibrator(stream).calibrator];
const online = new OnlineTemperature({ classes: 3 });
const stacking = new Stacking([0.5, 0.3, 0.2], [0, 0.1, 0]);
const sets = new ConformalSets({ classes: 3, score: 'aps' });
const set = sets.emptySet();
const range = fitTrainingRange({ data, width: WIDTH, names }, 0, COUNT);
const rule = new AbstentionRule({ classes: 3, staleAfterNs: 1e9, range });
const reference = fitMonitorReference({ data, width: WIDTH, names }, 0, COUNT, stream);
const monitor = new ForecastMonitor({ classes: ['down', 'flat', 'up'], reference, stages: ['all'] });
const out = new Float64Array(3);
const awake = Uint8Array.of(1, 1, 0);
const members = [out, new Float64Array(3).fill(1 / 3), new Float64Array(3).fill(1 / 3)];
const at = { tsNs: 0, span: 1 };
let reasons = 0;

function forecast(i: number): void {
  const p = said[i];
  for (let c = 0; c < calibrators.length; c++) calibrators[c].apply(p, out);
  online.apply(p, out);
  stacking.combine(members, awake, out);
  sets.predict(i, out, set);
  if (rule.reason(set, i * 1e6, rows[i]) !== null) reasons++;
  monitor.onForecast(rows[i], 4);
  online.learn(p, labels[i]);
  sets.learn(set, labels[i]);
  at.tsNs = i;
  monitor.onOutcome(out, set, labels[i], at);
  monitor.onLatency(0, i);
}

for (let round = 0; round < 10; round++) for (let i = 0; i < COUNT; i++) forecast(i);
gc();
const before = getHeapStatistics().used_heap_size;
for (let i = 0; i < COUNT; i++) forecast(i);
const bytesPerForecast = (getHeapStatistics().used_heap_size - before) / COUNT;
const start = systemClock.monotonicNs();
for (let i = 0; i < COUNT; i++) forecast(i);
const nsPerForecast = (systemClock.monotonicNs() - start) / COUNT;
console.log(JSON.stringify({ bytesPerForecast, nsPerForecast, reasons }));
