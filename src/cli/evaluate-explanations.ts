import { explainMember, type MemberExplanation, spread } from '../evaluate/index.ts';
import type { FeatureSchema } from '../features/index.ts';
import type { Model } from '../models/index.ts';
import type { Dataset, FittedModel, PreparedDataset } from '../models/training.ts';
import type { Io } from './io.ts';
import { WatchedLearner } from './watched-learner.ts';

export interface ExplanationsOptions {
  readonly io: Io;
  /** What is evaluated, such as `events:10, fold 2 of 5`. */
  readonly of: string;
  readonly schema: FeatureSchema;
  readonly dataset: PreparedDataset;
  /** Mean rows for which labels overlap. */
  readonly span: number;
  readonly seed: number;
}

/** Test rows at which learners are explained. */
const MOST_ROWS = 200;

/** What the members of one fold rest their forecasts on, gathered while they are fitted and walked. */
export class Explanations {
  readonly #options: ExplanationsOptions;
  readonly #trained: MemberExplanation[] = [];
  readonly #learners: WatchedLearner[] = [];

  constructor(options: ExplanationsOptions) {
    this.#options = options;
  }

  readonly examine = async (member: string, model: FittedModel, data: Dataset): Promise<void> => {
    const { io, of, schema, span, seed } = this.#options;
    const startNs = io.clock.monotonicNs();
    const inputs = schema.columns.map(({ name, family }) => ({ name, family }));
    this.#trained.push(await explainMember({ member, model, data, inputs, span, seed, signal: io.stop }));
    const seconds = (io.clock.monotonicNs() - startNs) / 1e9;
    io.err(`${of}: ${member} explained in ${seconds.toFixed(1)} s\n`);
  };

  /** The same models, those that can tell being listened to. */
  watch(models: readonly Model[]): Model[] {
    const { dataset, schema } = this.#options;
    const { test } = dataset;
    const rows = spread(test.count, MOST_ROWS).map((number) => test.rows[number]);
    return models.map((model) => {
      const watched = WatchedLearner.of(model, schema.columns, rows);
      if (watched !== null) this.#learners.push(watched);
      return watched ?? model;
    });
  }

  all(): MemberExplanation[] {
    return [...this.#learners.map((learner) => learner.explanation()), ...this.#trained];
  }
}
