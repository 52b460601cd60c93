export type { Net } from './net.ts';
export { NETS } from './zoo.ts';
