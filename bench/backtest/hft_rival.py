"""hftbacktest beside bookcast's backtests: the same events, latencies and orders. Reads one JSON command a line, answers with one line.

Commands: load (a raw file of `event_dtype` and how to build the run), run (once: time goes from the first event to the last). Its calls are those of its
guides: an asset with a constant order latency, the exchange without partial fills, and a function compiled by numba that submits both orders and lets time elapse. A run
has one step of a feed latency before the orders and one to the end of the data, the coarsest that do the work: a strategy that looks at the market more often is slower.
"""

import json
import sys
import time

import hftbacktest as hft
import numpy as np
from hftbacktest.types import event_dtype
from numba import njit

BUILDERS = {"roivector": hft.ROIVectorMarketDepthBacktest, "hashmap": hft.HashMapMarketDepthBacktest}


@njit
def play(run, feed_ns, rest_ns, bid, ask):
    """Posts one order on each side once the first event has reached us, then goes to the end. What the last step returns: 1 at the end of the data."""
    code = run.elapse(feed_ns)
    if code != 0:
        return code
    code = run.submit_buy_order(0, 1, bid, 1.0, hft.GTC, hft.LIMIT, False)
    if code != 0:
        return 100 + code
    code = run.submit_sell_order(0, 2, ask, 1.0, hft.GTC, hft.LIMIT, False)
    if code != 0:
        return 100 + code
    return run.elapse(rest_ns)


def build(case, events):
    asset = (
        hft.BacktestAsset()
        .data(events)
        .linear_asset(1.0)
        .constant_order_latency(case["entryNs"], case["responseNs"])
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(1.0)
        .lot_size(1.0)
    )
    asset = asset.l3_fifo_queue_model() if case["byOrder"] else asset.risk_adverse_queue_model()
    if case["depth"] == "roivector":
        asset = asset.roi_lb(float(case["lowTicks"])).roi_ub(float(case["highTicks"]))
    return BUILDERS[case["depth"]]([asset])


def once(case, events):
    run = build(case, events)
    begun = time.perf_counter_ns()
    code = play(run, case["feedNs"], case["restNs"], case["bidTicks"], case["askTicks"])
    ns = time.perf_counter_ns() - begun
    depth = run.depth(0)
    touch = [int(depth.best_bid_tick), int(depth.best_ask_tick)]
    orders = run.orders(0)
    resting = sum(1 for k in (1, 2) if k in orders and orders.get(k).status == hft.NEW)
    answer = {"ns": ns, "code": int(code), "touch": touch, "fills": int(run.state_values(0).num_trades), "resting": resting}
    run.close()
    return answer


def main():
    case = events = None
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "load":
            case = command
            events = np.fromfile(case["path"], dtype=event_dtype)
            answer = {"rows": len(events), "warm": once(case, events)}
        elif command["do"] == "run":
            answer = once(case, events)
        else:
            raise ValueError(f"no such command: {command['do']}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print(json.dumps({"hftbacktest": hft.__version__}), flush=True)
    main()
