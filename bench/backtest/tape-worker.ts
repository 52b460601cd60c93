import { parentPort, workerData } from 'node:worker_threads';
import { raceTape } from './tape-race.ts';

parentPort?.postMessage(await raceTape(workerData as string, false));
