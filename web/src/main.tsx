import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { feed } from './feed.ts';
import { Store } from './store.ts';
import './styles/tokens.css';
import './styles/layout.css';
import './styles/panels.css';
import './styles/venue.css';
import './styles/insight.css';
import './styles/monitor.css';

const nowMs = () => performance.now();
const store = new Store((draw) => requestAnimationFrame(draw), nowMs());
createRoot(document.getElementById('root') as HTMLElement).render(<App store={store} />);
feed(store, nowMs);
