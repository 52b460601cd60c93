import { setTimeout } from 'node:timers/promises';
import { assert, systemClock } from '../../src/core/index.ts';
import { createPredictor, createTrainer } from '../../src/nn/index.ts';
import { type Benchmark, type BenchResult, hashNumbers, quantile } from '../harness.ts';
import { type RacedNet, racedNets } from './cases.ts';
import { TorchRival } from './torch-rival.ts';

const THREADS = 2;
const BATCHES = [64, 256];
const RATE = 1e-3;
/** Both sides compute in float32, in another order. */
const TOLERANCE = 2e-3;

/** One side of the race, step by step. */
interface Side {
  readonly name: string;
  /** Milliseconds of each step, and the loss before it. */
  steps(count: number): Promise<{ ms: number[]; losses: number[] }>;
}

async function ours(net: RacedNet): Promise<Side & { close(): Promise<void> }> {
  const trainer = await createTrainer({
    net: net.function,
    steps: net.steps,
    features: net.features,
    outputs: net.outputs,
    batch: net.batch,
    loss: { kind: 'cross-entropy' },
    optimiser: { kind: 'adam' },
    seed: 1,
    threads: THREADS,
    // As PyTorch's threads do by default.
    spin: true,
  });
  trainer.restore({ ...trainer.state(), parameters: net.weights.slice() });
  return {
    name: 'bookcast',
    async steps(count) {
      const ms: number[] = [];
      const losses: number[] = [];
      for (let i = 0; i < count; i++) {
        const begun = systemClock.monotonicNs();
        losses.push((await trainer.step(net.x, net.y, net.batch, RATE)).loss);
        ms.push((systemClock.monotonicNs() - begun) / 1e6);
      }
      return { ms, losses };
    },
    close: () => trainer.close(),
  };
}

/** Where there is no PyTorch: our own forward pass, which no training step can beat. */
async function forwardOnly(net: RacedNet): Promise<Side & { close(): Promise<void> }> {
  const { steps, features, outputs, batch, weights } = net;
  const shape = { net: net.function, steps, features, outputs };
  const predictor = await createPredictor({ ...shape, batch, weights, activation: 'none' }, { threads: THREADS });
  const out = new Float32Array(batch * outputs);
  return {
    name: 'bookcast (forward pass alone: no PyTorch here)',
    async steps(count) {
      const ms: number[] = [];
      for (let i = 0; i < count; i++) {
        const begun = systemClock.monotonicNs();
        await predictor.predict(net.x, batch, out);
        ms.push((systemClock.monotonicNs() - begun) / 1e6);
      }
      return { ms, losses: [] };
    },
    close: () => predictor.close(),
  };
}

/** So long threads may spin after their last work: until then they would slow whoever comes next. */
const PAUSE_MS = 300;

/** In turn, a few steps each, so that the machine's moods fall on all. */
async function raceNet(net: RacedNet, torches: readonly TorchRival[], smoke: boolean): Promise<BenchResult[]> {
  const us = await ours(net);
  const stand = torches.length === 0 ? await forwardOnly(net) : null;
  for (const torch of torches) await torch.build(net);
  const rivals: Side[] =
    stand === null ? torches.map((torch) => ({ name: torch.name, steps: (n) => torch.train(n) })) : [stand];
  const sides = [us, ...rivals];
  const ms: number[][] = sides.map(() => []);
  const losses: number[][] = sides.map(() => []);
  // Not counted: memory is laid out, kernels are picked.
  for (const [i, side] of sides.entries()) losses[i] = (await side.steps(3)).losses;
  for (const theirs of losses.slice(1)) {
    theirs.forEach((loss, k) => {
      const off = Math.abs(loss - losses[0][k]);
      assert(
        off <= TOLERANCE * Math.abs(loss),
        `${net.title}: step ${k} begins at the same loss: ${losses[0][k]} and ${loss}`,
      );
    });
  }
  const [rounds, count] = smoke ? [1, 2] : [6, net.net === 'bin-ctabl' ? 40 : 5];
  for (let round = 0; round < rounds; round++) {
    for (const [i, side] of sides.entries()) {
      if (!smoke) await setTimeout(PAUSE_MS);
      ms[i].push(...(await side.steps(count)).ms);
    }
  }
  await us.close();
  await stand?.close();
  return rivals.map(({ name }, i) => {
    const [value, rivalValue] = [quantile(ms[0], 0.5), quantile(ms[i + 1], 0.5)];
    return {
      case: `${net.title} (${net.weights.length} parameters), batch ${net.batch}: a training step, ${THREADS} threads that spin`,
      value,
      unit: 'ms/step',
      rival: name,
      rivalValue,
      ratio: rivalValue / value,
      hash: hashNumbers(Float64Array.from(losses[0])),
      p99: quantile(ms[0], 0.99),
      rivalP99: quantile(ms[i + 1], 0.99),
    };
  });
}

/** Training steps beside PyTorch's on the CPU: the same nets, weights and batches, Adam, cross-entropy; seen to reach the same losses. */
export const bench: Benchmark = {
  name: 'nn-train',
  async run({ smoke }): Promise<BenchResult[]> {
    const torches = smoke ? [] : await TorchRival.start(THREADS);
    const results: BenchResult[] = [];
    try {
      for (const batch of smoke ? [4] : BATCHES) {
        for (const net of racedNets(batch, smoke)) results.push(...(await raceNet(net, torches, smoke)));
      }
    } finally {
      for (const torch of torches) torch.stop();
    }
    return results;
  },
};
