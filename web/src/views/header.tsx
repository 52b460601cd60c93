import type { InstrumentStatus, Origin } from '../../../src/api/contract.ts';
import { ABSENT, clockText, countText, STATE_TEXT } from '../format.ts';
import {
  type Connection,
  type ConnectionStatus,
  decisionsOf,
  isFinished,
  quietMs,
  type State,
  syncOf,
  venueTime,
} from '../state.ts';
import { Fact } from './fact.tsx';

const ORIGIN_TEXT: Record<Origin, { name: string; meaning: string }> = {
  simulated: { name: 'SIMULATED', meaning: 'A market made up by the program: it says nothing about any real one.' },
  recorded: { name: 'RECORDED', meaning: 'A real market of the past, played from a recording.' },
  live: { name: 'LIVE', meaning: 'A real market, as its venue sends it now.' },
};

const CONNECTION_TEXT: Record<ConnectionStatus, string> = {
  loading: 'loading',
  failed: 'not set up',
  connecting: 'connecting',
  open: 'connected',
  waiting: 'reconnecting',
  closed: 'closed',
};

const QUIET_AFTER_MS = 5000;

export function Header({ state }: { state: State }) {
  const instrument = state.instrument;
  const time = venueTime(state);
  return (
    <header className="top">
      <h1 className="brand">
        <Logo />
        bookcast
      </h1>
      <div className="what">
        <strong data-testid="instrument">{instrument?.name ?? ABSENT}</strong>
        <span className="dim">{instrument?.venue ?? 'no instrument yet'}</span>
      </div>
      {instrument !== null && (
        <Badge origin={instrument.origin} flowing={instrument.origin !== 'live' || isFlowing(state)} />
      )}
      <span className="clock" title="venue time of the last event, UTC">
        {clockText(time)} <span className="dim">UTC</span>
      </span>
      <dl className="facts">
        <Counters state={state} />
        <SyncFact state={state} />
        <ConnectionFact connection={state.connection} quiet={quietMs(state)} finished={isFinished(state)} />
      </dl>
    </header>
  );
}

/** What is live and yet not flowing keeps its word and loses its colour. */
function Badge({ origin, flowing }: { origin: Origin; flowing: boolean }) {
  const { name, meaning } = ORIGIN_TEXT[origin];
  return (
    <span className={`badge ${origin} ${flowing ? '' : 'paused'}`} data-testid="badge" title={meaning}>
      {name}
    </span>
  );
}

function isFlowing(state: State): boolean {
  return state.connection.status === 'open' && !isFinished(state) && syncOf(state) === 'synced';
}

function Counters({ state }: { state: State }) {
  const { instrument, perSecond } = state;
  const flowing = state.connection.status === 'open' && !isFinished(state);
  const counts = instrument === null ? null : faultCounts(instrument);
  const total = counts?.reduce((sum, [, count]) => sum + count, 0) ?? 0;
  const detail = counts?.map(([name, count]) => `${name} ${count}`).join(', ') ?? 'no counts yet';
  return (
    <>
      <Fact name="decisions" note={perSecond === null || !flowing ? '' : `${perSecond.toFixed(1)}/s`}>
        <span data-testid="decisions" data-value={decisionsOf(state)}>
          {countText(decisionsOf(state))}
        </span>
      </Fact>
      <Fact name="messages">
        <span data-testid="messages">{instrument === null ? ABSENT : countText(instrument.messages)}</span>
      </Fact>
      <Fact name="faults" title={detail}>
        <span data-testid="faults" className={total > 0 ? 'warn' : ''}>
          {counts === null ? ABSENT : countText(total)}
        </span>
        <span className="unseen">{detail}</span>
      </Fact>
    </>
  );
}

/** Whatever cost a message or the book; of a live feed also what the connection did. */
function faultCounts({ faults, feed }: InstrumentStatus): [name: string, count: number][] {
  const { gaps, crossed, stale, unparsable } = faults;
  const all: [string, number][] = [
    ['gaps', gaps],
    ['crossed', crossed],
    ['stale', stale],
    ['unparsable', unparsable],
  ];
  if (feed === null) return all;
  return [...all, ['checksums', feed.checksums], ['overflow', feed.overflow], ['disconnects', feed.disconnects]];
}

function SyncFact({ state }: { state: State }) {
  const sync = syncOf(state);
  return (
    <Fact name="book" title={sync === null ? 'unknown yet' : STATE_TEXT[sync]}>
      <span className={`dot ${sync === 'synced' ? 'good' : 'bad'}`} />
      <span data-testid="state">{sync ?? ABSENT}</span>
    </Fact>
  );
}

function ConnectionFact(props: { connection: Connection; quiet: number | null; finished: boolean }) {
  const { connection, quiet } = props;
  const isQuiet = connection.status === 'open' && quiet !== null && quiet > QUIET_AFTER_MS;
  const text = CONNECTION_TEXT[connection.status];
  const tone = connection.status !== 'open' ? 'bad' : isQuiet ? 'slow' : 'good';
  return (
    <Fact name="stream" title={connection.reason ?? ''} note={isQuiet ? `silent ${Math.floor(quiet / 1000)} s` : ''}>
      <span className={`dot ${tone}`} />
      <span data-testid="connection" role="status">
        {text}
      </span>
    </Fact>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true" fill="none" strokeWidth="1.8">
      <path d="M2 3h12M4.5 6h9.5" className="ask-stroke" />
      <path d="M2 10h8M2 13h11" className="bid-stroke" />
    </svg>
  );
}
