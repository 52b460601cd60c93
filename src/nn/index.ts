export { type AttentionSpec, attentionGraph, type DeclaredMap } from './attention-graph.ts';
export {
  type ExplainLayout,
  type ExplainSpec,
  explainGraph,
  explainLayout,
  POINTS,
  STRETCHES,
} from './explain-graph.ts';
export { ANY, Graph, type Shape, type Value } from './graph.ts';
export * from './layers/index.ts';
export { countMultiplyAdds, netCost } from './multiply-adds.ts';
export type { Initial, NetBuilder, NetFunction } from './net.ts';
export type { NetShape } from './net-builder.ts';
export { type Activation, type ServeSpec, serveGraph } from './net-graphs.ts';
export { encodeModel, type ModelOptions } from './onnx/encode.ts';
export { type ReadGraph, type ReadNode, readGraph } from './onnx/read-graph.ts';
export { type DeclaredModel, type DeclaredTensor, readModel } from './onnx/read-metadata.ts';
export * as ops from './ops/index.ts';
export { createPredictor, type Predictor, type PredictorSpec } from './predictor.ts';
export { openSession, type Session, type Tensor } from './runtime.ts';
export { checkSchedule, rateAt, type SchedulePoint, type ScheduleSpec } from './schedules.ts';
export { createTrainer } from './trainer.ts';
export { decodeTrainerState, encodeTrainerState } from './trainer-bytes.ts';
export type {
  ActualDevice,
  Device,
  LossSpec,
  OptimiserSpec,
  RuntimeOptions,
  StepResult,
  Trainer,
  TrainerSpec,
  TrainerState,
} from './training.ts';
