import { bestBaseline, servedModel } from './state.ts';
import { type Store, useStore } from './store.ts';
import { Banners } from './views/banners.tsx';
import { Depth } from './views/depth.tsx';
import { Forecast } from './views/forecast.tsx';
import { Header } from './views/header.tsx';
import { PricePanel } from './views/price.tsx';
import { Scores } from './views/scores.tsx';
import { Venue } from './views/venue.tsx';

const NONE: readonly never[] = [];

/** The whole page. It says what it knows and nothing else: before the first message every number is a dash. */
export function App({ store }: { store: Store }) {
  const state = useStore(store);
  const { instrument, connection } = state;
  const scores = state.scores?.scores ?? NONE;
  const stale = connection.status !== 'open';
  return (
    <div className={`page ${stale ? 'stale' : ''}`}>
      <Header state={state} />
      <Venue state={state} />
      <Banners state={state} />
      <main>
        <Depth book={state.book} instrument={instrument} />
        <PricePanel history={store.history} version={store.history.version} tickSize={instrument?.tickSize ?? '0.01'} />
        <Forecast state={state} baseline={bestBaseline(scores)?.model ?? null} leans={store.history.lean} />
        <Scores
          scores={scores}
          served={servedModel(state)}
          forecast={state.forecast}
          classes={instrument?.target.classes ?? NONE}
          gains={state.gains}
          monitor={state.monitor}
        />
      </main>
    </div>
  );
}
