import { clockText, countText, lossText, sentence } from '../format.ts';
import { decisionsOf, isFinished, type State, syncOf, venueTime } from '../state.ts';

/** What the reader must know before believing anything below: the stream is lost, the book is, or all has ended. */
export function Banners({ state }: { state: State }) {
  return (
    <>
      <LostBanner state={state} />
      <UntrustedBanner state={state} />
      <EndBanner state={state} />
    </>
  );
}

function LostBanner({ state }: { state: State }) {
  const { connection } = state;
  const time = venueTime(state);
  if (connection.status === 'open' || connection.reason === null) return null;
  const failed = connection.status === 'failed';
  const shown = time === null ? 'Nothing has arrived yet.' : `What you see is as of ${clockText(time)} UTC.`;
  return (
    <div className="banner lost" role="alert" data-testid="banner-lost">
      <strong>{failed ? 'The page could not read its configuration' : 'No connection'}:</strong>{' '}
      {sentence(connection.reason)} {!failed && shown}{' '}
      <span className="again">Trying again by itself (attempt {connection.attempt}).</span>
    </div>
  );
}

/** Only where the stream itself is well: else what it last said of the book is old. */
function UntrustedBanner({ state }: { state: State }) {
  const { connection, instrument } = state;
  const sync = syncOf(state);
  if (connection.status !== 'open' || isFinished(state)) return null;
  if (instrument === null || instrument.feed === null || sync === null || sync === 'synced') return null;
  return (
    <div className="banner untrusted-book" role="status" data-testid="banner-book">
      <span className="pill waiting" aria-hidden="true" />
      {lossText(sync, instrument.feed.proof, instrument.venue)}
    </div>
  );
}

function EndBanner({ state }: { state: State }) {
  const { end, instrument } = state;
  if (!isFinished(state) || instrument === null) return null;
  const what = instrument.origin === 'recorded' ? 'Recording played to its end' : 'The stream has ended';
  return (
    <div className="banner ended" role="status" data-testid="banner-end">
      <span>
        <strong>{what}:</strong> {countText(decisionsOf(state))} decisions.
      </span>
      {end !== null && (
        <dl className="hashes" title="SHA-256: equal for equal input at any speed">
          <dt>rows</dt>
          <dd data-testid="hash-rows">{end.hash.rows}</dd>
          <dt>forecasts</dt>
          <dd data-testid="hash-forecasts">{end.hash.forecasts}</dd>
        </dl>
      )}
    </div>
  );
}
