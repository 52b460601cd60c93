import { memo, type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type uPlot from 'uplot';
import { leanChart, leanData, priceChart, priceData, readPalette, type View } from '../chart.ts';
import { midText, numberText, signedText, stepDigits } from '../format.ts';
import type { History } from '../history.ts';
import 'uplot/dist/uPlot.min.css';

const SPANS = [
  { seconds: 60, name: '1 min' },
  { seconds: 300, name: '5 min' },
  { seconds: 900, name: '15 min' },
] as const;

interface Charts {
  readonly view: View;
  readonly price: uPlot;
  readonly lean: uPlot;
}

/** Mid within bid and ask over the last minutes of venue time, and the forecast's lean beneath, on one time axis. */
export const PricePanel = memo(function PricePanel(props: { history: History; version: number; tickSize: string }) {
  const [span, setSpan] = useState<number>(300);
  const dark = useDarkScheme();
  const readout = useRef<HTMLParagraphElement>(null);
  return (
    <section className="panel price" aria-labelledby="price-title">
      <div className="panel-head">
        <h2 id="price-title">Price</h2>
        <p className="readout dim" ref={readout} />
        <SpanChoice span={span} onChoose={setSpan} />
      </div>
      {/* Canvases do not follow CSS: another scheme makes other charts. */}
      <ChartPair key={dark ? 'dark' : 'light'} {...props} span={span} readout={readout} />
    </section>
  );
});

interface ChartPairProps {
  history: History;
  tickSize: string;
  span: number;
  readout: RefObject<HTMLParagraphElement | null>;
}

/** A pixel is a tenth of a second or more, so charts that move ten times a second miss nothing and cost little. */
const DRAW_EVERY_MS = 100;

/** Draws soon after each time it is rendered, which is when the history has changed. */
function ChartPair({ history, tickSize, span, readout }: ChartPairProps) {
  const priceHost = useRef<HTMLDivElement>(null);
  const leanHost = useRef<HTMLDivElement>(null);
  const charts = useRef<Charts | null>(null);

  useEffect(() => {
    if (priceHost.current === null || leanHost.current === null) return;
    const made = makeCharts(priceHost.current, leanHost.current, () => describe(charts.current, readout.current));
    charts.current = made;
    const sizes = new ResizeObserver(() => resize(made));
    sizes.observe(priceHost.current);
    sizes.observe(leanHost.current);
    return () => {
      sizes.disconnect();
      made.price.destroy();
      made.lean.destroy();
      charts.current = null;
    };
  }, [readout]);

  const drawn = useRef({ atMs: 0, timer: 0 });
  useEffect(() => {
    const { current } = drawn;
    clearTimeout(current.timer);
    const waitMs = Math.max(0, current.atMs + DRAW_EVERY_MS - performance.now());
    current.timer = window.setTimeout(() => {
      current.atMs = performance.now();
      if (charts.current !== null) draw(charts.current, history, span, tickSize);
      describe(charts.current, readout.current);
    }, waitMs);
  });

  return (
    <>
      <div className="chart tall" ref={priceHost} role="img" aria-label="mid, bid and ask against venue time" />
      <p className="chart-title dim">
        Lean of the forecast: p(up) − p(down) <span className="hatch-sample" aria-hidden="true" /> no forecast
      </p>
      <div className="chart short" ref={leanHost} role="img" aria-label="p(up) minus p(down) against venue time" />
    </>
  );
}

function SpanChoice({ span, onChoose }: { span: number; onChoose(seconds: number): void }) {
  return (
    <fieldset className="spans">
      <legend className="unseen">Time shown</legend>
      {SPANS.map(({ seconds, name }) => (
        <label key={seconds}>
          <input type="radio" name="span" checked={span === seconds} onChange={() => onChoose(seconds)} />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}

function makeCharts(priceHost: HTMLElement, leanHost: HTMLElement, onCursor: () => void): Charts {
  const view: View = { spanSeconds: 300, tickSize: '0.01', seconds: [], bid: [], ask: [], mid: [], lean: [] };
  const palette = readPalette(priceHost);
  return { view, price: priceChart(priceHost, view, palette, onCursor), lean: leanChart(leanHost, view, palette) };
}

function draw(charts: Charts, history: History, span: number, tickSize: string): void {
  const { view } = charts;
  const from = history.firstWithin(span);
  view.spanSeconds = span;
  view.tickSize = tickSize;
  view.seconds = history.seconds.slice(from);
  view.bid = history.bid.slice(from);
  view.ask = history.ask.slice(from);
  view.mid = history.mid.slice(from);
  view.lean = history.lean.slice(from);
  charts.price.setData(priceData(view));
  charts.lean.setData(leanData(view));
}

function resize({ price, lean }: Charts): void {
  for (const chart of [price, lean]) {
    const host = chart.root.parentElement;
    if (host !== null && host.clientWidth > 0) chart.setSize({ width: host.clientWidth, height: host.clientHeight });
  }
}

/** The numbers under the cursor, or the latest. Written past React: it follows the mouse. */
function describe(charts: Charts | null, element: HTMLElement | null): void {
  if (charts === null || element === null) return;
  const { view, price } = charts;
  const i = price.cursor.idx ?? view.seconds.length - 1;
  if (i < 0 || i >= view.seconds.length) {
    element.textContent = '';
    return;
  }
  const clock = new Date(view.seconds[i] * 1000).toISOString().slice(11, 23);
  const digits = stepDigits(view.tickSize);
  const mid = midText(view.mid[i], view.tickSize);
  const edges = `${numberText(view.bid[i], digits)} / ${numberText(view.ask[i], digits)}`;
  const parts = [clock, `mid ${mid}`, `bid / ask ${edges}`, `lean ${signedText(view.lean[i], 2)}`];
  // Lines may break between the parts, not within one.
  element.textContent = parts.map((part) => part.replaceAll(' ', '\u00a0')).join('  ');
}

function useDarkScheme(): boolean {
  return useSyncExternalStore(
    (changed) => {
      darkScheme.addEventListener('change', changed);
      return () => darkScheme.removeEventListener('change', changed);
    },
    () => darkScheme.matches,
  );
}

const darkScheme = matchMedia('(prefers-color-scheme: dark)');
