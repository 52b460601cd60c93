"""The core set's signals vectorised in NumPy, on arrays that bench/features/numpy-run.ts wrote.

usage: numpy_rival.py FOLDER ROUNDS

Arrays are float64, little-endian. Levels are (level, row), so that a column lies in one piece; one row a message. Writes
`out.bin`, (column, row), and prints one line of JSON: the columns' names, and nanoseconds a row, round by round, from arrays to
columns in memory.
"""

import json
import sys
import time

import numpy as np

FOLDER, ROUNDS = sys.argv[1], int(sys.argv[2])
NS = 1e9
DEPTH = 10
ABSENT = np.nan


def load(name):
    return np.fromfile(f"{FOLDER}/{name}.bin", dtype="<f8")


T = load("t")
N = len(T)
BOOK = load("book") != 0
EVENTS = load("events")
BURSTS = load("bursts").astype(np.int64)
BURST_MIDS = load("burstMids")
TRADE_ROWS = load("tradeRows").astype(np.int64)
TRADE_SIGNS = load("tradeSigns")
TRADE_LOTS = load("tradeLots")
BID_TICKS, BID_LOTS, ASK_TICKS, ASK_LOTS = (
    load(name).reshape(DEPTH, N) for name in ("bidTicks", "bidLots", "askTicks", "askLots")
)


def fade_by_row(x, memory):
    """S_k = S_{k-1} exp(-1 / memory) + x_k along the last axis. Blocks are so short that no weight overflows."""
    length = max(1, min(int(300 * memory), x.shape[-1]))
    count = -(-x.shape[-1] // length)
    padded = np.zeros(x.shape[:-1] + (count * length,))
    padded[..., : x.shape[-1]] = x
    blocks = padded.reshape(x.shape[:-1] + (count, length))
    grow = np.exp(np.arange(length) / memory)
    sums = np.cumsum(blocks * grow, axis=-1) / grow
    fade = np.exp(-np.arange(1, length + 1) / memory)
    carry = np.zeros(x.shape[:-1])
    for b in range(count):
        sums[..., b, :] += carry[..., None] * fade
        carry = sums[..., b, -1]
    return sums.reshape(padded.shape)[..., : x.shape[-1]]


def fade_by_time(x, tau):
    """S(t) = sum of x exp(-age / tau) along the last axis, rows at the times T. Blocks span at most 300 tau."""
    u = T / (tau * NS)
    edges = np.flatnonzero(np.diff(np.floor(u / 300))) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [N]))
    sums = np.empty(x.shape)
    carry = np.zeros(x.shape[:-1])
    before = u[0]
    for s, e in zip(starts, ends):
        grow = np.exp(u[s:e] - u[s])
        block = np.cumsum(x[..., s:e] * grow, axis=-1)
        block += (carry * np.exp(before - u[s]))[..., None]
        sums[..., s:e] = block / grow
        carry = sums[..., e - 1]
        before = u[e - 1]
    return sums


def run():
    columns = {}
    has = (BID_LOTS > 0) & (ASK_LOTS > 0)
    two_sided = has[0]
    bid_sum = np.cumsum(BID_LOTS, axis=0)
    ask_sum = np.cumsum(ASK_LOTS, axis=0)
    spread = ASK_TICKS[0] - BID_TICKS[0]
    mid = np.where(two_sided, (ASK_TICKS[0] + BID_TICKS[0]) / 2, ABSENT)

    # The average level: a mean over messages that changed the book.
    books = np.flatnonzero(BOOK)
    at = np.cumsum(BOOK) - 1
    levels = np.count_nonzero(BID_LOTS[:, books], axis=0) + np.count_nonzero(ASK_LOTS[:, books], axis=0)
    lots = (bid_sum[-1, books] + ask_sum[-1, books]) / levels
    means = fade_by_row(np.stack((lots, np.ones(len(books)))), -1 / np.log1p(-1 / 500))
    mean_lots = (means[0] / means[1])[at]

    # Order flow per level, from book to book.
    pb, qb, pa, qa = (levels[:, books] for levels in (BID_TICKS, BID_LOTS, ASK_TICKS, ASK_LOTS))
    flow = np.zeros(pb.shape)
    flow[:, 1:] = (
        np.where(pb[:, 1:] >= pb[:, :-1], qb[:, 1:], 0)
        - np.where(pb[:, 1:] <= pb[:, :-1], qb[:, :-1], 0)
        - np.where(pa[:, 1:] <= pa[:, :-1], qa[:, 1:], 0)
        + np.where(pa[:, 1:] >= pa[:, :-1], qa[:, :-1], 0)
    )
    ofi = fade_by_row(flow, 10)[:, at] / mean_lots
    ready = at >= 10
    for m in range(DEPTH):
        columns[f"ofi_{m + 1}"] = np.where(ready & has[m], ofi[m], ABSENT)
    slow = fade_by_row(flow.mean(axis=0), 100)[at] / mean_lots
    columns["ofi_mean_slow"] = np.where((at >= 100) & two_sided, slow, ABSENT)

    for n in (1, 3, 5, 10):
        b, a = bid_sum[n - 1], ask_sum[n - 1]
        columns[f"imbalance_{n}"] = np.where(has[n - 1], (b - a) / (b + a), ABSENT)
    columns["spread"] = np.where(two_sided, spread, ABSENT)
    b, a = BID_LOTS[0], ASK_LOTS[0]
    columns["weighted_mid"] = np.where(two_sided, spread / 2 * (b - a) / (b + a), ABSENT)
    bid_reach = np.cumsum(BID_LOTS * (BID_TICKS[0] - BID_TICKS), axis=0)
    ask_reach = np.cumsum(ASK_LOTS * (ASK_TICKS - ASK_TICKS[0]), axis=0)
    for n in (5, 10):
        distance = ask_reach[n - 1] / ask_sum[n - 1] - bid_reach[n - 1] / bid_sum[n - 1]
        columns[f"depth_mid_{n}"] = np.where(two_sided, distance / 2, ABSENT)

    # What fades with time: one pass over the rows for each decay time.
    signed = np.bincount(TRADE_ROWS, TRADE_SIGNS * TRADE_LOTS, N)
    net = np.bincount(TRADE_ROWS, TRADE_SIGNS, N)
    known = np.bincount(TRADE_ROWS, np.abs(TRADE_SIGNS), N)
    every = np.bincount(TRADE_ROWS, None, N).astype(float)
    mids = mid[books]
    filled = mids[np.maximum.accumulate(np.where(np.isnan(mids), 0, np.arange(len(mids))))]
    moves = np.zeros(N)
    moves[books[1:]] = np.diff(filled)
    squares = moves * moves
    fast = fade_by_time(np.stack((signed, net, known, EVENTS)), 0.1)
    second = fade_by_time(np.stack((signed, net, known, EVENTS, every, squares)), 1)
    ten = fade_by_time(np.stack((net, known, squares)), 10)
    watched = {tau: np.where(T >= tau * NS, tau * -np.expm1(-T / (tau * NS)), ABSENT) for tau in (0.1, 1, 10)}
    old = {tau: np.where(np.isnan(watched[tau]), ABSENT, 1) for tau in watched}
    columns["trade_flow_100ms"] = np.where(two_sided, fast[0] / mean_lots * old[0.1], ABSENT)
    columns["trade_flow_1s"] = np.where(two_sided, second[0] / mean_lots * old[1], ABSENT)
    columns["trade_count_imbalance_100ms"] = fast[1] / (fast[2] + 1) * old[0.1]
    columns["trade_count_imbalance_1s"] = second[1] / (second[2] + 1) * old[1]
    columns["trade_count_imbalance_10s"] = ten[0] / (ten[1] + 1) * old[10]
    columns["event_rate_100ms"] = np.log1p(fast[3] / watched[0.1])
    columns["event_rate_1s"] = np.log1p(second[3] / watched[1])
    columns["trade_rate_1s"] = np.log1p(second[4] / watched[1])
    columns["volatility_1s"] = np.where(two_sided, np.sqrt(np.maximum(second[5], 0) / watched[1]), ABSENT)
    columns["volatility_10s"] = np.where(two_sided, np.sqrt(np.maximum(ten[2], 0) / watched[10]), ABSENT)

    for lag in (1, 10, 50):
        then = BURSTS - lag
        past = BURST_MIDS[np.maximum(then, 0)] if len(BURST_MIDS) > 0 else np.full(N, ABSENT)
        columns[f"return_{lag}"] = np.where(then >= 0, mid - past, ABSENT)
    last_move = np.maximum.accumulate(np.where(moves != 0, T, -np.inf))
    age = np.where(np.isinf(last_move), ABSENT, T - last_move)
    columns["mid_age"] = np.where(two_sided, np.log1p(age / 1e6), ABSENT)
    return columns


np.seterr(all="ignore")
result = run()
times = []
for _ in range(ROUNDS):
    begun = time.perf_counter_ns()
    result = run()
    times.append((time.perf_counter_ns() - begun) / N)
np.stack(list(result.values())).astype("<f8").tofile(f"{FOLDER}/out.bin")
print(json.dumps({"names": list(result), "ns": times}))
