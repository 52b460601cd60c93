import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FLOW_MEMORY } from '../../view-memory.ts';

export const ofi: SignalDefinition = {
  name: 'ofi',
  family: 'order-flow',
  title: 'Multi-level order flow imbalance',
  meaning:
    'What joined the bid at a level less what joined the ask, faded over the last ten book messages: who leans on the price. NaN where the level is absent on a side.',
  tex: String.raw`\mathrm{ofi}_m = \frac{1}{Q}\sum_{n \le N} e^{-(N-n)/10}\, e_n^m,\quad e^m = 1_{P_b \ge P_b'}\,q_b - 1_{P_b \le P_b'}\,q_b' - 1_{P_a \le P_a'}\,q_a + 1_{P_a \ge P_a'}\,q_a'`,
  formula:
    'sum over book messages n of exp(-(N - n) / 10) e_n / Q, per level; e = 1{Pb >= Pb_prev} qb - 1{Pb <= Pb_prev} qb_prev - ' +
    '1{Pa <= Pa_prev} qa + 1{Pa >= Pa_prev} qa_prev; Q = average size of a level',
  warmup: `${FLOW_MEMORY} book messages`,
  cost: 'a multiply-add a level a message, a multiplication a level a row',
  source:
    'Cont, Kukanov and Stoikov (2014), The price impact of order book events, J. Financial Econometrics 12(1); ' +
    'per level: Xu, Gould and Howison (2018), Multi-level order-flow imbalance in a limit order book; ' +
    'divided by the average depth as in Cont, Cucuringu and Zhang (2023)',
  needs: [],
  dependencies: ['average level size', 'order flow per level', 'flows of the levels'],
  version: 1,
  columns: (depth) =>
    Array.from({ length: depth }, (_, m) => ({
      name: `ofi_${m + 1}`,
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `level ${m + 1}`,
    })),
  create: () => new OrderFlowImbalance(),
};

class OrderFlowImbalance implements Signal {
  write(view: MarketView, out: Float64Array, at: number): void {
    const faded = view.fadedFlowLots;
    const levels = view.bookMessages >= FLOW_MEMORY ? Math.min(view.bidLevels, view.askLevels) : 0;
    const scale = 1 / view.meanLots;
    for (let m = 0; m < levels; m++) out[at + m] = faded[m] * scale;
    for (let m = levels; m < faded.length; m++) out[at + m] = Number.NaN;
  }

  reset(): void {}
}
