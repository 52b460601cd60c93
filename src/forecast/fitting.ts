export { type BundledMember, type BundleParts, writeBundle } from './bundle/write-bundle.ts';
export type { CalibrationData } from './calibration/calibration-data.ts';
export { type CalibratorChoice, type ChooseOptions, chooseCalibrator } from './calibration/choose-calibrator.ts';
export { fitIsotonic } from './calibration/fit-isotonic.ts';
export { fitStacking, type StackingFold, type StackingOptions } from './calibration/fit-stacking.ts';
export { fitTemperature } from './calibration/fit-temperature.ts';
export { fitVector } from './calibration/fit-vector.ts';
export { fitTrainingRange, type TrainingRows } from './conformal/fit-training-range.ts';
export { fitMonitorReference } from './monitor/fit-monitor-reference.ts';
