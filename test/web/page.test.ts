import { type ChildProcess, spawn } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, getInstruments } from '../../src/api/client.ts';
import type { ForecastMessage } from '../../src/api/contract.ts';
import { createApiServer, createDashboardServer } from '../../src/api/index.ts';
import { systemClock } from '../../src/core/index.ts';
import { percentText } from '../../web/src/format.ts';
import { buildPage, CHROMIUM, HAS_CHROMIUM, launch, openPage, ROOT, says, text, WEB_ROOT } from './browser.ts';
import { DoubleMarket } from './double-market.ts';

const WHY = HAS_CHROMIUM ? '' : ` (skipped: no Chromium at ${CHROMIUM}; set BOOKCAST_CHROMIUM)`;

let browser: Browser;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  buildPage();
  browser = await launch();
});

afterEach(async () => {
  while (closing.length > 0) await closing.pop()?.();
});

afterAll(async () => {
  await browser?.close();
});

describe.skipIf(!HAS_CHROMIUM)(`the page of the running program${WHY}`, () => {
  it('shows forecasts as they arrive, with the numbers of the API, and nothing goes wrong', async () => {
    const { pageUrl, apiUrl } = await startDemo();
    const sent = new Map<number, ForecastMessage>();
    const stream = connect(apiUrl, {
      random: () => 0.5,
      onMessage: (message) => {
        if (message.type === 'forecast' && message.status === 'ready') sent.set(message.index, message);
      },
    });
    closing.push(async () => stream.close());
    const { page, watch } = await openPage(browser, pageUrl);
    closing.push(() => page.close());

    expect(await says(page, 'badge', /./)).toBe('SIMULATED');
    await says(page, 'state', /^synced$/);
    await says(page, 'connection', /^connected$/);
    await says(page, 'p-up', /%/, 45_000);
    const decisions = async (): Promise<number> =>
      Number(await page.getByTestId('decisions').getAttribute('data-value'));
    const before = await decisions();
    await expect.poll(decisions, { timeout: 20_000 }).toBeGreaterThan(before + 20);

    const shown = await page.evaluate<{ index: number; texts: string[] }>(`(() => {
      const of = (name) => document.querySelector('[data-testid=p-' + name + ']');
      return { index: +of('up').dataset.index, texts: ['down', 'flat', 'up'].map((name) => of(name).textContent) };
    })()`);
    await expect.poll(() => sent.has(shown.index), { timeout: 5000 }).toBe(true);
    const said = sent.get(shown.index)?.probabilities ?? [];
    expect(shown.texts).toEqual(said.map((probability) => percentText(probability)));

    const [{ models }] = await getInstruments(apiUrl);
    await says(page, `score-${models[0]}-logLoss`, /^\d\.\d{4}$/);
    expect(watch.errors).toEqual([]);
    const origin = new URL(pageUrl).host;
    expect(watch.requests.filter((url) => !url.startsWith('data:') && new URL(url).host !== origin)).toEqual([]);
  });
});

describe.skipIf(!HAS_CHROMIUM)(`the page of a market that can be told what to do${WHY}`, () => {
  it('shows an abstention with its reason and without numbers, and then the next forecast', async () => {
    const { market, page, watch } = await startDouble({ origin: 'recorded' });
    expect(await says(page, 'badge', /./)).toBe('RECORDED');
    market.run(20);
    await says(page, 'p-up', /%/);
    market.gap();
    await says(page, 'abstention', /abstains: the book is gapped and waits for a snapshot\./);
    expect(await Promise.all(['p-down', 'p-flat', 'p-up'].map((id) => text(page, id)))).toEqual(['–', '–', '–']);
    await says(page, 'state', /^gapped$/);
    market.recover();
    market.run(4);
    await says(page, 'p-up', /%/);
    expect(await page.getByTestId('abstention').count()).toBe(0);
    expect(watch.errors).toEqual([]);
  });

  it('shows what is behind a forecast: its set, what such sets held, weights, strongest signals, and who is asleep', async () => {
    const { market, page, watch } = await startDouble({});
    market.run(60);
    await says(page, 'set', /^(flat, down|up, flat)$/);
    await says(page, 'coverage', /^held 90\.4% of \d+; 1\.87 classes in the mean$/);
    await says(page, 'weights', /bayes-softmax\s*80\.0%\s*imbalance-logistic\s*14\.0%\s*equal pool\s*6\.0%/);
    const why = await says(page, 'why', /^imbalance\s*[+−]/);
    expect(why.match(/[+−]?\d\.\d\d/g)).toHaveLength(5);
    expect(await page.getByTestId('asleep').count()).toBe(0);
    market.asleep = ['lstm', 'it failed to forecast: it broke'];
    market.run(2);
    await says(page, 'asleep', /^lstm is asleep: it failed to forecast: it broke\.$/);
    market.gap();
    await says(page, 'abstention', /abstains/);
    expect(await page.getByTestId('set').count()).toBe(0);
    expect(await page.getByTestId('why').count()).toBe(0);
    expect(watch.errors).toEqual([]);
  });

  it('says that it is too early, and later that a bad model is worse, by how much', async () => {
    const { market, page } = await startDouble({ inverted: true });
    market.run(100);
    await says(page, 'verdict', /^Too early to tell: \d+ of 300 decisions/);
    market.run(900);
    await says(page, 'verdict', /^bayes-softmax is worse than the best no-skill baseline \(\w+\) by 0\.\d{3} nats/);
    const gain = page.locator('tr.served td[data-label=gain]');
    expect(await gain.innerText()).toMatch(/^−0\.\d{4}$/);
    expect(await page.getByText('no skill', { exact: true }).count()).toBe(4);
  });

  it('shows mid, decisions and scores as the API has them', async () => {
    const { market, page } = await startDouble({ origin: 'live' });
    expect(await says(page, 'badge', /./)).toBe('LIVE');
    market.run(40);
    const mid = market.book('', 10).mid as number;
    await says(page, 'mid', new RegExp(`^${mid.toFixed(3)}$`));
    await says(page, 'decisions', /^40$/);
    const score = market.scores().scores.find(({ model }) => model === 'martingale');
    await says(page, 'score-martingale-logLoss', new RegExp(`^${score?.logLoss?.toFixed(4)}$`));
  });

  it('shows how a live feed is doing, at once and as it changes, and explains it', async () => {
    const { market, page, watch } = await startDouble({ origin: 'live', feed: { messagesPerSecond: 12.4 } });
    market.run(40);
    await says(page, 'venue-state', /^synced$/);
    await says(page, 'venue-messages', /^12 \/s$/);
    expect(await text(page, 'venue-age')).toBe('now');
    expect(await text(page, 'venue-bytes')).toBe('9.5 kB/s');
    expect(await text(page, 'venue-skew')).toBe('+42 ms');
    expect(await text(page, 'venue-checksums')).toBe('–');
    expect(await page.getByTestId('venue-state').getAttribute('title')).toMatch(/complete/);
    market.feed = { ...market.feed, skewMs: null, resyncs: 3, overflow: 1200, proof: 'checksum', checksums: 2 };
    await says(page, 'venue-resyncs', /^3$/);
    const counts = ['gaps', 'checksums', 'overflow', 'disconnects', 'skew'];
    expect(await Promise.all(counts.map((name) => text(page, `venue-${name}`)))).toEqual(['0', '2', '1,200', '0', '–']);
    expect(await text(page, 'faults')).toBe('1,202');
    expect(await page.getByTestId('banner-book').count()).toBe(0);
    expect(watch.errors).toEqual([]);
  });

  it('says when a live book is lost though no market data comes, and when it is whole again', async () => {
    const { market, page, watch } = await startDouble({ origin: 'live' });
    market.run(20);
    await says(page, 'p-up', /%/);
    market.fallSilent(12_300);
    await says(page, 'banner-book', /^The book lost its sequence: waiting for a snapshot; no forecast until then\.$/);
    await says(page, 'venue-state', /^gapped$/);
    expect(await text(page, 'venue-age')).toBe('12 s');
    expect(await text(page, 'venue-gaps')).toBe('1');
    await says(page, 'state', /^gapped$/);
    expect(await page.getByTestId('badge').getAttribute('class')).toContain('paused');
    market.recover();
    market.run(4);
    await page.getByTestId('banner-book').waitFor({ state: 'detached' });
    expect(await page.getByTestId('badge').getAttribute('class')).not.toContain('paused');
    expect(watch.errors).toEqual([]);
  });

  it.each(['simulated', 'recorded'] as const)(
    'has no strip for %s data, and no banner for its book',
    async (origin) => {
      const { market, page } = await startDouble({ origin });
      market.run(20);
      market.gap();
      await says(page, 'state', /^gapped$/);
      expect(await page.getByTestId('venue').count()).toBe(0);
      expect(await page.getByTestId('banner-book').count()).toBe(0);
    },
  );

  it('fills a page that is opened between two messages', async () => {
    const market = new DoubleMarket({ seed: 3 });
    market.run(400);
    const { page } = await startDouble({}, market);
    await says(page, 'p-up', new RegExp(`^${percentText(market.forecast().probabilities?.[2] ?? null)}$`));
    await says(page, 'verdict', /than the best no-skill baseline/);
  });

  it('says when the recording has been played to its end, with the hashes', async () => {
    const { market, page } = await startDouble({ origin: 'recorded' });
    market.run(25);
    market.end();
    await says(page, 'banner-end', /^Recording played to its end: 25 decisions\./);
    expect(await text(page, 'hash-rows')).toBe('ab'.repeat(32));
    expect(await text(page, 'hash-forecasts')).toBe('5c'.repeat(32));
  });

  it('says when the connection is lost, and goes on by itself when it is back', async () => {
    const { market, page, port, close } = await startDouble({});
    market.run(25);
    await says(page, 'decisions', /^25$/);
    await close();
    await says(page, 'banner-lost', /^No connection: .* What you see is as of 09:30:\d\d/);
    await says(page, 'connection', /reconnecting|connecting/);
    const again = await serve(market, port);
    closing.push(again.close);
    await says(page, 'connection', /^connected$/, 30_000);
    expect(await page.getByTestId('banner-lost').count()).toBe(0);
    market.run(5);
    await says(page, 'decisions', /^30$/);
  });

  it.each([
    { width: 1280, height: 800, fits: true },
    { width: 1920, height: 1080, fits: true },
    { width: 820, height: 1180, fits: false },
    { width: 390, height: 844, fits: false },
  ])('fits $width × $height without scrolling sideways', async ({ width, height, fits }) => {
    const { market, page } = await startDouble({ origin: 'live' }, undefined, { width, height });
    market.run(500);
    // Every line of the frame at once: the strip of the venue, a banner, and figures at their widest.
    market.feed = { ...market.feed, overflow: 123_456, disconnects: 1234, skewMs: -1268, messagesPerSecond: 12_345 };
    market.gap();
    await says(page, 'banner-book', /no forecast until then/);
    await says(page, 'venue-overflow', /^123,456$/);
    const [wide, high] = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
    );
    expect(wide).toBe(width);
    if (fits) expect(high).toBe(height);
  });

  it('shows how the forecasts fare, in the place of the scores: scores, calibration, signals, changes and latency', async () => {
    const { market, page, watch } = await startDouble({}, undefined, { width: 1280, height: 800 });
    market.bundle = { name: 'mine', version: '0123456789abcdef'.repeat(4) };
    market.run(60);
    await says(page, 'bundle', /^bundle mine 01234567$/);
    await page.getByRole('radio', { name: 'Monitor' }).press('Space');
    await says(page, 'monitor-ece', /^0\.021$/);
    await says(page, 'moved', /^1 of 3 are another population/);
    expect(await page.locator('.stability li').first().innerText()).toMatch(/ofi 1\s*0\.61/);
    await says(page, 'latency', /learning\s*19\.4 µs\s*44 µs\s*120 µs/);
    await says(page, 'alarms', /^0$/);
    market.gap();
    await says(page, 'alarms', /^1$/);
    expect(await page.locator('.alarms').innerText()).toMatch(/^09:30:\d\d\.\d{3} UTC 81\.0%$/);
    await page.getByRole('radio', { name: 'Running score' }).press('Space');
    await says(page, 'weights', /equal pool/);
    expect(watch.errors).toEqual([]);
  });

  it('explains its terms to the keyboard', async () => {
    const { market, page } = await startDouble({});
    market.run(10);
    await page.getByRole('button', { name: 'MCC' }).focus();
    await expect.poll(() => page.locator('.explain').innerText()).toMatch(/^MCC: Matthews correlation/);
    await page.getByRole('radio', { name: '1 min' }).press('Space');
    expect(await page.getByRole('radio', { name: '1 min' }).isChecked()).toBe(true);
  });
});

/** The real program, 30 times as fast, so that its signals have warmed up in seconds. */
async function startDemo(): Promise<{ pageUrl: string; apiUrl: string }> {
  const args = 'demo --port 0 --api-port 0 --seed 7 --mode realistic --speed 30'.split(' ');
  const child = spawn(process.execPath, ['bin/bookcast.js', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  closing.push(() => stop(child));
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}:\n${said}`)));
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      const pageUrl = /^page +(http\S+)/m.exec(said)?.[1];
      const apiUrl = /^API +(http\S+)/m.exec(said)?.[1];
      if (pageUrl !== undefined && apiUrl !== undefined) resolve({ pageUrl, apiUrl });
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await ended;
}

async function startDouble(
  options: Partial<ConstructorParameters<typeof DoubleMarket>[0]>,
  market = new DoubleMarket({ seed: 5, ...options }),
  size?: { width: number; height: number },
) {
  const server = await serve(market, 0);
  closing.push(server.close);
  const { page, watch } = await openPage(browser, server.url, size);
  closing.push(() => page.close());
  await says(page, 'connection', /^connected$/);
  return { market, page, watch, port: server.port, close: server.close };
}

/** The real servers around the double. */
async function serve(market: DoubleMarket, port: number) {
  const api = await createApiServer({ port: market, clock: systemClock, version: '0.0.0' });
  const dashboard = await createDashboardServer({ api, webRoot: WEB_ROOT });
  const address = await dashboard.listen('127.0.0.1', port);
  const close = async () => {
    await api.close();
    await dashboard.close();
  };
  return { url: address.url, port: address.port, close };
}
