import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { runTradingJob, type TradingJob } from './walk-job.ts';

await runTradingJob(parentPort as MessagePort, workerData as TradingJob);
