export { type OkxOptions, okxProtocol } from './feed.ts';
