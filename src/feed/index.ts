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
export type { Cancel, Socket, SocketHandlers, Timers, Transport, World } from './world.ts';
