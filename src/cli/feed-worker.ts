import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type FeedSpec, serveFeed } from './feed.ts';

await serveFeed(parentPort as MessagePort, workerData as FeedSpec);
