import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Book messages over which the flow fades. */
const MEMORY = 100;

export const ofiLog: SignalDefinition = {
  name: 'ofi_log',
  family: 'order-flow',
  title: 'Order flow imbalance of log sizes',
  meaning:
    'Order flow at the touch in which a queue counts by the logarithm of its size: doubling a small queue says as much as doubling a large one, and one huge order drowns nothing. NaN where a side is empty.',
  tex: String.raw`\sum_{n \le N} e^{-(N-n)/100}\left(1_{P_b \ge P_b'}\,\ell_b - 1_{P_b \le P_b'}\,\ell_b' - 1_{P_a \le P_a'}\,\ell_a + 1_{P_a \ge P_a'}\,\ell_a'\right),\quad \ell = \ln(1 + q/Q)`,
  formula: 'as ofi at the touch over 100 book messages, with ln(1 + q / Q) in place of q / Q, Q of the message',
  warmup: `${MEMORY} book messages`,
  cost: 'a division and a logarithm a message that changes the touch',
  source:
    'Su, Sun, Li and Yuan (2021), The price impact of generalized order flow imbalance, arXiv 2112.02947 (log-OFI); 1 + q / Q in place of q, so that the unit of size does not matter',
  needs: [],
  dependencies: ['average level size'],
  version: 1,
  columns: () => [{ name: 'ofi_log', unit: '1', mirror: 'odd', ticks: 0, lots: 0 }],
  create: () => new LogOrderFlowImbalance(),
};

class LogOrderFlowImbalance implements Signal {
  readonly #keep = Math.exp(-1 / MEMORY);
  #sum = 0.5;

  constructor() {
    this.reset();
  }

  onBook(view: MarketView): void {
    this.#sum *= this.#keep;
    const { bidTicks, bidLots, oldBidTicks, oldBidLots, askTicks, askLots, oldAskTicks, oldAskLots } = view;
    const rise = bidTicks[0] - oldBidTicks[0];
    const fall = oldAskTicks[0] - askTicks[0];
    const bid = bidLots[0];
    const ask = askLots[0];
    const oldBid = oldBidLots[0];
    const oldAsk = oldAskLots[0];
    if (rise === 0 && fall === 0 && bid === oldBid && ask === oldAsk) return;
    // All four logarithms are of Q + q over Q, so their sum is one logarithm of one quotient.
    const q = view.meanLots;
    const joined = (rise >= 0 ? q + bid : q) * (fall <= 0 ? q + oldAsk : q);
    const left = (rise <= 0 ? q + oldBid : q) * (fall >= 0 ? q + ask : q);
    // False while no level was ever seen and Q is NaN.
    if (joined > left || joined < left) this.#sum += Math.log(joined / left);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.bookMessages >= MEMORY && view.has(1) ? this.#sum : Number.NaN;
  }

  reset(): void {
    this.#sum = 0;
  }
}
