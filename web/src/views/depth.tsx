import { memo } from 'react';
import type { BookMessage, InstrumentStatus, Level } from '../../../src/api/contract.ts';
import { ABSENT, midText, signedText, stepsText, totalText } from '../format.ts';

const LEVELS = 10;

interface Row {
  /** Which row of the ladder it is: rows stay, prices move through them. */
  readonly id: string;
  readonly level: Level | null;
  /** Lots from the best level down to this one. */
  readonly total: number;
}

/** The best ten levels a side: asks above, bids below, the spread between; then the depth as a curve. */
export const Depth = memo(function Depth(props: { book: BookMessage | null; instrument: InstrumentStatus | null }) {
  const { book, instrument } = props;
  const asks = rowsOf(book?.asks ?? []);
  const bids = rowsOf(book?.bids ?? []);
  const trusted = book === null || book.state === 'synced';
  const largest = Math.max(1e-9, ...[...asks, ...bids].map((row) => row.level?.lots ?? 0));
  const deepest = Math.max(1e-9, asks[LEVELS - 1].total, bids[LEVELS - 1].total);
  const lotSize = instrument?.lotSize ?? '1';
  const side = (rows: Row[], name: 'ask' | 'bid') =>
    rows.map((row) => (
      <LadderRow key={row.id} row={row} side={name} largest={largest} deepest={deepest} lotSize={lotSize} />
    ));
  return (
    <section className={`panel depth ${trusted ? '' : 'untrusted'}`} aria-labelledby="depth-title">
      <div className="panel-head">
        <h2 id="depth-title">Order book</h2>
        <span className="dim">best {LEVELS} levels a side</span>
      </div>
      <table className="ladder">
        <caption className="unseen">Price, size and cumulative size of the best {LEVELS} asks and bids</caption>
        <thead>
          <tr>
            <th scope="col">price</th>
            <th scope="col">size</th>
            <th scope="col">total</th>
          </tr>
        </thead>
        <tbody>{side(asks, 'ask').reverse()}</tbody>
        <tbody>
          <Middle book={book} instrument={instrument} />
        </tbody>
        <tbody>{side(bids, 'bid')}</tbody>
      </table>
      <Imbalance bids={bids} asks={asks} />
      <Curve bids={bids} asks={asks} deepest={deepest} />
    </section>
  );
});

function rowsOf(levels: readonly Level[]): Row[] {
  const rows: Row[] = [];
  let total = 0;
  for (let i = 0; i < LEVELS; i++) {
    const level = levels[i] ?? null;
    total += level?.lots ?? 0;
    rows.push({ id: `level ${i}`, level, total });
  }
  return rows;
}

function LadderRow(props: { row: Row; side: 'ask' | 'bid'; largest: number; deepest: number; lotSize: string }) {
  const { row, side, largest, deepest, lotSize } = props;
  const { level, total } = row;
  const scale = (value: number) => ({ transform: `scaleX(${value.toFixed(4)})` });
  return (
    <tr className={side}>
      <td className="price">{level?.price ?? ABSENT}</td>
      <td>
        <span className="bar" style={scale(level === null ? 0 : level.lots / largest)} />
        <span className="over">{level?.size ?? ABSENT}</span>
      </td>
      <td>
        <span className="bar soft" style={scale(level === null ? 0 : total / deepest)} />
        <span className="over dim">{level === null ? ABSENT : totalText(total, lotSize)}</span>
      </td>
    </tr>
  );
}

function Middle({ book, instrument }: { book: BookMessage | null; instrument: InstrumentStatus | null }) {
  const tickSize = instrument?.tickSize ?? '1';
  const ask = book?.asks[0];
  const bid = book?.bids[0];
  const spread = ask === undefined || bid === undefined ? null : ask.ticks - bid.ticks;
  const trusted = book === null || book.state === 'synced';
  return (
    <tr className="middle">
      <td colSpan={3}>
        <span className="mid" data-testid="mid">
          {midText(book?.mid ?? null, tickSize)}
        </span>
        <span className="dim">
          {book === null && 'no book yet'}
          {!trusted && `${book?.state}: not to be trusted`}
          {book !== null && trusted && spread === null && 'one-sided: no spread'}
          {trusted &&
            spread !== null &&
            `spread ${stepsText(spread, tickSize)} · ${spread} tick${spread === 1 ? '' : 's'}`}
        </span>
      </td>
    </tr>
  );
}

/** (bid − ask) / (bid + ask) of the sizes at the best level, and of all levels shown. */
function Imbalance({ bids, asks }: { bids: Row[]; asks: Row[] }) {
  return (
    <dl className="imbalances">
      <Balance name="imbalance, best level" bid={bids[0].total} ask={asks[0].total} />
      <Balance name={`imbalance, ${LEVELS} levels`} bid={bids[LEVELS - 1].total} ask={asks[LEVELS - 1].total} />
    </dl>
  );
}

function Balance({ name, bid, ask }: { name: string; bid: number; ask: number }) {
  const both = bid > 0 && ask > 0;
  const share = both ? bid / (bid + ask) : 0.5;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{both ? signedText(2 * share - 1, 2) : ABSENT}</dd>
      <span className="split" aria-hidden="true">
        <span className="bid-fill" style={{ transform: `scaleX(${both ? share.toFixed(4) : 0})` }} />
        <span className="ask-fill" style={{ transform: `scaleX(${both ? (1 - share).toFixed(4) : 0})` }} />
      </span>
    </div>
  );
}

/** Cumulative size against price, bids to the left: 200 × 100 units, stretched to its box. */
function Curve({ bids, asks, deepest }: { bids: Row[]; asks: Row[]; deepest: number }) {
  const best = { bid: bids[0].level?.ticks, ask: asks[0].level?.ticks };
  if (best.bid === undefined || best.ask === undefined) return <div className="curve" />;
  const centre = (best.bid + best.ask) / 2;
  const reach = Math.max(1, ...[...bids, ...asks].map((row) => Math.abs((row.level?.ticks ?? centre) - centre)));
  const path = (rows: Row[]) => {
    let d = '';
    let last = 0;
    for (const { level, total } of rows) {
      if (level === null) break;
      const x = 100 + (100 * (level.ticks - centre)) / reach;
      const y = 97 - (92 * total) / deepest;
      d += d === '' ? `M${x.toFixed(1)} 97V${y.toFixed(1)}` : `H${x.toFixed(1)}V${y.toFixed(1)}`;
      last = x;
    }
    return { line: d, area: `${d}V97H${last.toFixed(1)}` };
  };
  const closed = (rows: Row[]) => {
    const { line } = path(rows);
    return `${line}V97Z`;
  };
  return (
    <svg className="curve" viewBox="0 0 200 100" preserveAspectRatio="none" role="img" aria-label="cumulative depth">
      <path d={closed(bids)} className="bid-area" />
      <path d={path(bids).line} className="bid-line" />
      <path d={closed(asks)} className="ask-area" />
      <path d={path(asks).line} className="ask-line" />
    </svg>
  );
}
