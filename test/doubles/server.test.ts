import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { DoubleVenue } from './products.ts';
import { startDouble } from './server.ts';
import { runDoubleSoak } from './soak.ts';

describe('a double on a port', () => {
  it('answers requests and streams on one address, and closes', async () => {
    const running = await startDouble({ venue: 'binance-usdm', seed: 4, meanMs: 10 });
    const answer = await fetch(`${running.url}/fapi/v1/depth?symbol=BTCUSDT&limit=5`);
    const book = (await answer.json()) as { lastUpdateId: number; bids: unknown[] };
    expect(book.bids).toHaveLength(5);
    expect(running.truth('BTCUSDT').at('updateId', book.lastUpdateId)).not.toBeNull();
    expect((await fetch(`${running.url}/nothing`)).status).toBe(404);

    const socket = new WebSocket(`${running.endpoints['usdm.stream']}/stream?streams=btcusdt@depth@100ms`);
    const first = await new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    expect(JSON.parse(first)).toMatchObject({ stream: 'btcusdt@depth@100ms', data: { e: 'depthUpdate' } });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await running.close();
    await closed;
    expect(running.police).toMatchObject({ connects: 1, requests: 2, violations: [] });
  });

  it('is followed over real sockets through faults, every book equal to its truth', async () => {
    const venues: DoubleVenue[] = ['binance-coinm', 'coinbase', 'coinbase-full', 'kraken'];
    const reports = await Promise.all(venues.map((venue) => runDoubleSoak({ venue, seed: 2, seconds: 5 })));
    for (const { venue, problems, compared } of reports) {
      expect(problems, venue).toEqual([]);
      expect(compared, venue).toBeGreaterThan(20);
    }
  });
});
