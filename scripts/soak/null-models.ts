import { MODEL_KINDS } from '../../src/models/training.ts';
import { fittedScores, nullVerdict, simulatedDataset } from '../../test/evaluate/null-models.ts';
import { chosen, type Soak } from './soak.ts';

const SEEDS = 20;
const MESSAGES = 6000;
/** Long enough to learn noise by heart, were there no validation. */
const EPOCHS = 3;
/** Nets that take minutes at their own width. */
const NARROW: Readonly<Record<string, readonly string[]>> = {
  lstm: ['net.hidden=32'],
  gru: ['net.hidden=32'],
  'attention-lstm': ['net.hidden=32'],
};

/** Every kind of model on the simulator's `null` mode: none may beat the martingale beyond chance. */
export const nullModelsSoak: Soak = {
  about: `every kind of model where nothing can be known, ${SEEDS} seeds (--seeds, --seed, --only lstm,gbdt)`,
  async run({ seeds, firstSeed, only }, progress) {
    const names = chosen(
      only,
      MODEL_KINDS.map(({ name }) => name),
    );
    const first = firstSeed ?? 1;
    const numbers = Array.from({ length: Math.max(2, seeds ?? SEEDS) }, (_, i) => first + i);
    const verdicts = [];
    for (const name of names) {
      const { config } = MODEL_KINDS.find((kind) => kind.name === name) as { config: { properties?: object } };
      const isNet = Object.hasOwn(config.properties ?? {}, 'training');
      const overrides = [...(isNet ? [`training.epochs=${EPOCHS}`] : []), ...(NARROW[name] ?? [])];
      const scores = [];
      for (const seed of numbers) {
        scores.push(await fittedScores(name, overrides, await simulatedDataset('null', seed, MESSAGES), seed));
      }
      const verdict = nullVerdict(name, scores);
      progress(JSON.stringify(verdict));
      verdicts.push(verdict);
    }
    const problems = verdicts
      .filter(({ passed }) => !passed)
      .map(
        (verdict) =>
          `${verdict.model} beats the martingale where nothing can be known: ${JSON.stringify(verdict)}; ` +
          `repeat: npm run soak -- null-models --only ${verdict.model} --seed ${first} --seeds ${numbers.length}`,
      );
    return { problems, figures: { messages: MESSAGES, kinds: verdicts } };
  },
};
