import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const WEB_ROOT = join(ROOT, 'dist', 'web');
export const CHROMIUM = process.env.BOOKCAST_CHROMIUM ?? '/usr/bin/chromium';
export const HAS_CHROMIUM = existsSync(CHROMIUM);

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** With an empty profile of its own, as every launch has. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS.split(' ') });
}

/** What went wrong on a page, and where it asked for anything. */
export interface Watch {
  readonly errors: string[];
  readonly requests: string[];
}

export async function openPage(browser: Browser, url: string, size = { width: 1280, height: 800 }) {
  const page = await browser.newPage({ viewport: size, colorScheme: 'dark' });
  const watch: Watch = { errors: [], requests: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') watch.errors.push(message.text());
  });
  page.on('pageerror', (error) => watch.errors.push(String(error)));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // A poll that the page itself gave up, since the machine was busy for seconds, is asked again.
    if (why !== 'net::ERR_ABORTED') watch.errors.push(`failed (${why}): ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) watch.errors.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => watch.requests.push(request.url()));
  page.on('websocket', (socket) => watch.requests.push(socket.url()));
  await page.goto(url);
  return { page, watch };
}

export function text(page: Page, testId: string): Promise<string> {
  return page.getByTestId(testId).innerText();
}

/** Waits until the element says so; the failure tells what it said last. */
export async function says(page: Page, testId: string, pattern: RegExp, timeoutMs = 15_000): Promise<string> {
  try {
    await page.getByTestId(testId).filter({ hasText: pattern }).waitFor({ timeout: timeoutMs });
  } catch (cause) {
    const there = await page.getByTestId(testId).allInnerTexts();
    throw new Error(`[${testId}] says ${JSON.stringify(there)}, not ${pattern}, after ${timeoutMs} ms`, { cause });
  }
  return text(page, testId);
}

/** Builds the page where it is missing or older than what it is made of; the npm scripts have done so before the tests. */
export function buildPage(): void {
  const built = join(WEB_ROOT, 'index.html');
  const sources = [...filesUnder(join(ROOT, 'web')), join(ROOT, 'src/api/client.ts')];
  if (existsSync(built) && sources.every((path) => statSync(path).mtimeMs <= statSync(built).mtimeMs)) return;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the page does not build:\n${stderr}`);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
