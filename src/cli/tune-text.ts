import cliProgress from 'cli-progress';
import { metricText } from '../report/index.ts';
import type { Study, TrialCount, TrialLine } from '../store/index.ts';
import type { Io } from './io.ts';
import { fixed, grouped, table } from './output.ts';
import { bestTrial } from './tune-study.ts';

const SHOWN = 10;

/** What a study came to: its best trials, how to train the best again, and what its score is worth. */
export function studyText(study: Study, trials: readonly TrialLine[], ofStudy: TrialCount, looks: TrialCount): string {
  const best = bestTrial(trials);
  const failed = trials.filter(({ objective }) => objective === null).length;
  const head = `study ${study.id}: ${study.search} search of ${study.model}, ${grouped(trials.length)} trials${failed === 0 ? '' : `, ${failed} of them failed`}\n`;
  if (best === null) return head;
  const keys = Object.keys(study.space);
  const rows = [...trials].sort(order).slice(0, SHOWN);
  const shown = rows.map(({ trial, objective, epochs, values, run }) => [
    String(trial),
    fixed(objective, 5),
    epochs === null ? '—' : String(epochs),
    ...keys.map((key) => valueText(values[key])),
    run ?? '—',
  ]);
  const settings = Object.entries(best.values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]);
  const words = ['--model', study.model, ...study.train, ...settings, '--seed', String(study.seed)];
  const again = ['bookcast train', ...words.map(shellText)].join(' ');
  return `${head}
${table(['trial', metricText(study.objective), 'epochs', ...keys, 'run'], shown)}
the best is run ${best.run}; to train it again:
${again}

The best of ${grouped(ofStudy.runs)} runs of this study, and of ${grouped(looks.runs)} on the same data and target in this registry: its score is the
luckiest of as many, so judge it by the test part, once.
`;
}

/** Longest trained first, then best first, failures last. */
function order(a: TrialLine, b: TrialLine): number {
  const score = ({ objective }: TrialLine): number => objective ?? Number.MAX_VALUE;
  return (b.epochs ?? 0) - (a.epochs ?? 0) || score(a) - score(b) || a.trial - b.trial;
}

/** As a shell takes it for one word. */
function shellText(word: string): string {
  return /^[\w.,:=/+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function valueText(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Trials as they end: a bar on a terminal, a line each elsewhere. */
export class StudyProgress {
  readonly #io: Io;
  readonly #objective: string;
  readonly #bar: cliProgress.SingleBar | null = null;
  #best = Number.NaN;

  constructor(io: Io, study: Study, done: readonly TrialLine[], planned: number) {
    this.#io = io;
    this.#objective = metricText(study.objective);
    for (const { objective } of done) this.#take(objective);
    if (!io.interactive) return;
    const total = Number.isFinite(planned) ? ' of {total}' : '';
    const format = `tune ${study.model}${total === '' ? '' : ' {bar}'} | {value}${total} trials | best ${this.#objective} {best}`;
    const options = { format, hideCursor: true, clearOnComplete: true, stream: io.terminal };
    this.#bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    const end = Number.isFinite(planned) ? planned : Number.MAX_SAFE_INTEGER;
    this.#bar.start(end, done.length, { best: fixed(this.#best, 5) });
  }

  trial({ trial, objective, message, run, seconds }: TrialLine): void {
    this.#take(objective);
    this.#bar?.increment(1, { best: fixed(this.#best, 5) });
    if (this.#bar !== null) return;
    const came = objective === null ? `failed: ${message}` : `${this.#objective} ${fixed(objective, 5)}`;
    this.#io.err(
      `trial ${trial}: ${came} (best ${fixed(this.#best, 5)}), ${fixed(seconds, 1)} s, run ${run ?? 'none'}\n`,
    );
  }

  stop(): void {
    this.#bar?.stop();
  }

  #take(objective: number | null): void {
    if (objective !== null && !(this.#best <= objective)) this.#best = objective;
  }
}
