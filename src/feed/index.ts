export { discover, listInstruments } from './discover.ts';
export { resolveEndpoints } from './endpoints.ts';
export type { InstrumentHealth } from './health.ts';
export type {
  Conversation,
  Endpoints,
  FeedInstrument,
  HttpAnswer,
  HttpRequest,
  LinkPlan,
  LinkSink,
  Outgoing,
  RateRule,
  Resync,
  VenueLimits,
  VenueProtocol,
} from './protocol.ts';
export type { SessionReader, SessionRecord } from './session.ts';
export { encodeRecord, SessionWriter, sniffSession } from './session-log.ts';
export { openSession } from './session-source.ts';
export { Supervisor, type SupervisorOptions } from './supervisor.ts';
export { systemTimers } from './system-timers.ts';
export { createTransport, type TransportOptions } from './transport.ts';
export type { Cancel, Socket, SocketHandlers, Timers, Transport, World } from './world.ts';
