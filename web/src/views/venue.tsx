import type { FaultCounts, FeedHealth } from '../../../src/api/contract.ts';
import { ABSENT, ageText, countText, PROOF_TEXT, rateText, STATE_TEXT, signedText } from '../format.ts';
import { type State, syncOf } from '../state.ts';
import { Fact } from './fact.tsx';

/** A live feed that has said nothing for so long is worth a second look; a thin market may well be that quiet. */
const QUIET_AFTER_MS = 5000;

/** How the feed of a live market is doing, in one line; nothing for any other origin. */
export function Venue({ state }: { state: State }) {
  const { instrument } = state;
  const sync = syncOf(state);
  if (instrument === null || instrument.origin !== 'live' || instrument.feed === null || sync === null) return null;
  const { feed, faults, venue } = instrument;
  const shown = state.connection.status === 'open' ? '' : 'past';
  return (
    <section className={`panel venue ${shown}`} aria-label={`The feed of ${venue}`} data-testid="venue">
      <dl>
        <Fact name="feed" title={PROOF_TEXT[feed.proof]}>
          <strong>{venue}</strong>
          <span className={`pill ${sync}`} data-testid="venue-state" title={STATE_TEXT[sync]}>
            {sync}
          </span>
        </Fact>
        <Flow feed={feed} pulse={state.pulse} />
        <Losses feed={feed} faults={faults} />
      </dl>
    </section>
  );
}

function Flow({ feed, pulse }: { feed: FeedHealth; pulse: readonly number[] }) {
  const quiet = feed.ageMs !== null && feed.ageMs > QUIET_AFTER_MS;
  return (
    <>
      <Fact
        name="last message"
        title="How long ago the venue last said something of this instrument. A thin market may be quiet; a connection that is silent as a whole is opened anew."
      >
        <span data-testid="venue-age" className={`number ${quiet ? 'warn' : ''}`}>
          {ageText(feed.ageMs)}
        </span>
      </Fact>
      <Fact name="messages" title="Messages of this instrument a second, over the last minute of reports.">
        <Quantity id="messages" text={rateText(feed.messagesPerSecond)} unit="/s" />
        <Pulse values={pulse} />
      </Fact>
      <Fact name="traffic" title={`${rateText(feed.eventsPerSecond)} events a second`}>
        <Quantity id="bytes" text={rateText(feed.bytesPerSecond / 1000)} unit="kB/s" />
      </Fact>
      <Fact
        name="skew"
        title="The shortest delay from the venue's time stamp to our receipt in the last minute: the difference of the clocks and the fastest way here together. Negative: our clock runs behind."
      >
        <Quantity id="skew" text={signedText(feed.skewMs, 0)} unit="ms" />
      </Fact>
    </>
  );
}

function Quantity({ id, text, unit }: { id: string; text: string; unit: string }) {
  return (
    <span className="number" data-testid={`venue-${id}`}>
      {text} {text !== ABSENT && <span className="note">{unit}</span>}
    </span>
  );
}

function Losses({ feed, faults }: { feed: FeedHealth; faults: FaultCounts }) {
  const checks = feed.proof === 'checksum' ? feed.checksums : null;
  return (
    <>
      <Count
        name="gaps"
        first
        value={faults.gaps}
        title="Times that a message was missing. Each ends in a new snapshot."
      />
      <Count name="resyncs" value={feed.resyncs} title="Snapshots asked for after the first." />
      <Count
        name="checksums"
        value={checks}
        title={
          checks === null
            ? 'This venue sends no checksums of its book.'
            : "Books that differed from the venue's checksum. Each ends in a new snapshot."
        }
      />
      <Count
        name="overflow"
        value={feed.overflow}
        title="Messages thrown away because the program could not keep up. Each time ends in a new snapshot."
      />
      <Count name="disconnects" value={feed.disconnects} title="Connections lost, on either side." />
    </>
  );
}

function Count(props: { name: string; value: number | null; title: string; first?: boolean }) {
  const { name, value, title } = props;
  const tone = value === null || value === 0 ? 'dim' : 'warn';
  return (
    <Fact name={name} title={title} className={props.first ? 'first-loss' : ''}>
      <span data-testid={`venue-${name}`} className={tone}>
        {value === null ? ABSENT : countText(value)}
      </span>
    </Fact>
  );
}

/** The last minute of the rate, from zero to its highest: 60 × 16 units. */
function Pulse({ values }: { values: readonly number[] }) {
  if (values.length < 2) return null;
  const top = Math.max(1, ...values);
  const points = values.map((value, i) => `${60 - values.length + i + 0.5},${(15 - (14 * value) / top).toFixed(1)}`);
  return (
    <svg className="pulse" viewBox="0 0 60 16" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
