import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveSession } from './session-server.ts';
import type { SessionSpec } from './session-wire.ts';

await serveSession(parentPort as MessagePort, workerData as SessionSpec);
