export type { Address } from './app.ts';
export {
  ApiError,
  type Connection,
  type ConnectionStatus,
  type ConnectOptions,
  connect,
  getBook,
  getExplanation,
  getForecast,
  getHealth,
  getInstrument,
  getInstruments,
  getMonitor,
  getScores,
  type RequestOptions,
} from './client.ts';
export type {
  BookMessage,
  BundleInfo,
  EndMessage,
  ErrorBody,
  Explanation,
  FaultCounts,
  FeedHealth,
  ForecastMessage,
  Health,
  HealthMessage,
  HelloMessage,
  InstrumentList,
  InstrumentStatus,
  Level,
  MarketPort,
  MonitorReport,
  Origin,
  Score,
  ScoresMessage,
  StreamMessage,
  SyncState,
  TargetInfo,
  TrainedModel,
} from './contract.ts';
export { createDashboardServer, type DashboardOptions, type DashboardServer } from './dashboard.ts';
export { healthMessage } from './feed-health.ts';
export { type ApiServer, createApiServer } from './server.ts';
export type { Log, ServiceOptions } from './service.ts';
export { DEFAULT_LIMITS, type StreamLimits } from './stream-hub.ts';
