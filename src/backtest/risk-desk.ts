import { Side } from '../market/index.ts';
import type { OwnBroker } from './broker.ts';
import { NO_CARRY } from './carry/carry.ts';
import type { ContractTerms } from './costs.ts';
import { NO_IMPACT } from './impact/square-root-impact.ts';
import { Ledger } from './ledger.ts';
import type { OrderRequest } from './order.ts';
import type { RiskGate } from './risk/risk-gate.ts';
import type { FillRecord } from './run.ts';

/**
 * Acts on what the risk limits say, by the account as we know it: the fills reported to us, marked at the mid that has reached us, so that no stop comes before the
 * loss could be known. Once trading is stopped all orders are cancelled and, where the limits say so, the position is closed at the market.
 */
export class RiskDesk {
  readonly #gate: RiskGate | null;
  readonly #broker: OwnBroker;
  readonly #ledger: Ledger;
  /** The fill that is being told. */
  #told: FillRecord | null = null;
  #midTicks = Number.NaN;
  #acted = false;
  /** The last order that closes the position; 0 before the first. */
  #closingId = 0;

  /** A null gate limits nothing. */
  constructor(gate: RiskGate | null, broker: OwnBroker, terms: ContractTerms) {
    this.#gate = gate;
    this.#broker = broker;
    const fees = { assumption: 'as reported', fee: () => this.#told?.fee ?? 0 };
    const impact = { ...NO_IMPACT, cost: () => this.#told?.impact ?? 0 };
    this.#ledger = new Ledger({ terms, fees, impact, carry: NO_CARRY });
  }

  /** Why trading was stopped; null while it goes on. */
  get stopped(): string | null {
    return this.#gate?.stopped ?? null;
  }

  get assumption(): string {
    return this.#gate?.assumption ?? 'risk: no limits';
  }

  /** Why an order, or a replace of order `replacing`, is not sent; null where it is. */
  refusal(request: OrderRequest, replacing = 0): string | null {
    return this.#gate === null ? null : this.#gate.refusal(request, this.#broker, replacing);
  }

  /** A fill is reported to us, with what it cost. */
  learn(fill: FillRecord): void {
    this.#told = fill;
    this.#ledger.fill(fill);
  }

  /** `midTicks` as we know it, `NaN` where the last one stands; `carried`: what holding positions has cost so far. What could not be closed at once, since the venue refused it or a fill was still on its way, is tried again each time. */
  check(nowNs: number, midTicks: number, carried: number): void {
    if (!Number.isNaN(midTicks)) this.#midTicks = midTicks;
    if (this.#gate === null || this.#gate.mark(nowNs, this.#ledger.netAt(this.#midTicks) - carried) === null) return;
    const broker = this.#broker;
    if (!this.#acted) broker.cancelAll();
    this.#acted = true;
    const { positionLots } = broker;
    if (this.#gate.limits.flatten !== true || positionLots === 0) return;
    if (broker.orders.some((order) => order.id === this.#closingId)) return;
    const side = positionLots > 0 ? Side.ASK : Side.BID;
    const quantityLots = Math.abs(positionLots);
    const tag = 'closes the position: trading was stopped';
    this.#closingId = broker.place({ side, type: 'market', priceTicks: 0, quantityLots, reduceOnly: true, tag });
  }
}
