import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveSession } from '../../../src/models/served/session-server.ts';
import { type Opened, sharedMemory, viewsOf, waitWhile } from '../../../src/models/served/session-wire.ts';
import { SyncSession } from '../../../src/models/served/sync-session.ts';
import { lstmFile } from './files.ts';

/** A caller in a thread of its own: asks, sleeps until it is answered, and notes what was said; then closes. */
const CALLER = `
  const { workerData: { memory, commands }, parentPort } = require('node:worker_threads');
  const head = new Int32Array(memory, 0, 4);
  const said = [];
  for (const command of commands) {
    head[2] = command;
    const before = Atomics.add(head, 0, 1);
    Atomics.notify(head, 0);
    if (command === 2) break;
    Atomics.wait(head, 1, before);
    said.push({ failed: head[3], output: [...new Float32Array(memory, 64 + 1024 + 4 * 2, 3)] });
  }
  parentPort.postMessage(said);
`;

interface Said {
  failed: number;
  output: number[];
}

const SPEC = {
  model: lstmFile({ width: 2, length: 1 }),
  input: { name: 'x', shape: [1, 1, 2] },
  output: { name: 'probabilities', shape: [1, 3] },
  states: [
    { name: 'state.h', output: 'next.h', shape: [1, 1, 8] },
    { name: 'state.c', output: 'next.c', shape: [1, 1, 8] },
  ],
  options: { threads: 1 },
};

async function serve(
  spec: Omit<typeof SPEC, 'memory'>,
  commands: number[],
): Promise<{ opened: Opened[]; said: Said[] }> {
  const memory = sharedMemory(2, 3);
  viewsOf(memory, 2, 3).input.set([0.5, -1]);
  const caller = new Worker(CALLER, { eval: true, workerData: { memory, commands } });
  const said = new Promise<Said[]>((resolve) => caller.once('message', resolve));
  const opened: Opened[] = [];
  await serveSession({ postMessage: (message: Opened) => opened.push(message), close: () => {} }, { ...spec, memory });
  return { opened, said: await said };
}

describe('serveSession', () => {
  it('answers each request, carries the state on, and begins anew when told to', async () => {
    const { opened, said } = await serve(SPEC, [1, 0, 0, 1, 0, 2]);
    expect(opened).toEqual([{ type: 'open', device: 'cpu', missed: null }]);
    const outputs = said.map(({ output }) => output);
    expect(said.every(({ failed }) => failed === 0)).toBe(true);
    expect(outputs[3]).toEqual(outputs[0]);
    expect(outputs[4]).toEqual(outputs[1]);
    expect(new Set(outputs.map(String)).size).toBe(3);
    for (const output of outputs) expect(output.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });

  it('says that a run failed, and goes on', async () => {
    const wrong = { ...SPEC, input: { name: 'z', shape: [1, 1, 2] } };
    const { said } = await serve(wrong, [0, 0, 2]);
    expect(said.map(({ failed }) => failed > 0)).toEqual([true, true]);
  });

  it('says why a session does not open', async () => {
    const opened: Opened[] = [];
    const port = { postMessage: (message: Opened) => opened.push(message), close: () => {} };
    await serveSession(port, { ...SPEC, model: new Uint8Array(10), memory: sharedMemory(2, 3) });
    expect(opened).toEqual([{ type: 'error', code: 'bad-input', message: expect.stringMatching(/does not accept/) }]);
  });
});

describe('SyncSession', () => {
  it('throws what the runtime says of a run, and goes on', async () => {
    const session = await SyncSession.open({
      ...SPEC,
      states: [{ ...SPEC.states[0], shape: [1, 1, 9] }, SPEC.states[1]],
    });
    onTestFinished(() => session.close());
    for (let i = 0; i < 2; i++) expect(() => session.run(false)).toThrow(/state\.h|INVALID_ARGUMENT|dimensions/);
  });

  it('never takes the late answer to a run that was given up for that to a later one', async () => {
    const patient = await SyncSession.open(SPEC);
    onTestFinished(() => patient.close());
    const hasty = await SyncSession.open(SPEC, 0);
    onTestFinished(() => hasty.close());
    let givenUp = 0;
    for (let i = 0; i < 100; i++) {
      for (const { input } of [patient, hasty]) input.set([i / 50, -1]);
      patient.run(true);
      try {
        hasty.run(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'not-ready' });
        givenUp++;
        continue;
      }
      expect([...hasty.output]).toEqual([...patient.output]);
    }
    expect(givenUp).toBeGreaterThan(0);
  });
});

describe('waitWhile', () => {
  it('does not wait for what has happened, and gives up after a while', () => {
    const head = new Int32Array(new SharedArrayBuffer(16));
    expect(waitWhile(head, 0, 1, false, 1000)).toBe(true);
    expect(waitWhile(head, 0, 1, true, 1000)).toBe(true);
    expect(waitWhile(head, 0, 0, true, 5)).toBe(false);
  });
});
