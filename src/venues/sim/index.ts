export { SIM_MODES, type SimMode } from './simulation.ts';
export { openSim, type SimOptions, type SimSource, type TruthRecord } from './source.ts';
