/** What a caller may do about an error: give up, reconnect to the venue, or try the same call later. */
export type Retry = 'never' | 'reconnect' | 'later';

/** Every operating error there is: its HTTP status, and whether trying again can help. */
export const ERRORS = {
  'bad-argument': { status: 400, retry: 'never' },
  'bad-input': { status: 422, retry: 'never' },
  forbidden: { status: 403, retry: 'never' },
  'not-found': { status: 404, retry: 'never' },
  'schema-mismatch': { status: 409, retry: 'never' },
  'already-exists': { status: 409, retry: 'never' },
  'port-in-use': { status: 409, retry: 'never' },
  'missing-package': { status: 501, retry: 'never' },
  'upgrade-required': { status: 426, retry: 'never' },
  'unsupported-version': { status: 422, retry: 'never' },
  'not-ready': { status: 503, retry: 'later' },
  overloaded: { status: 503, retry: 'later' },
  'disk-failed': { status: 507, retry: 'later' },
  'venue-unreachable': { status: 502, retry: 'reconnect' },
} as const satisfies Record<string, { status: number; retry: Retry }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * An operating error: something outside the program is not as it must be. The message says what was found, what was
 * expected, where, and what to do; it is shown to users without a stack trace.
 */
export class BookcastError extends Error {
  readonly code: ErrorCode;
  /** Facts for logs and tests, such as `path`, `line` or `offset`. Never secrets. */
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, context: { cause?: unknown; [fact: string]: unknown } = {}) {
    const { cause, ...facts } = context;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BookcastError';
    this.code = code;
    this.context = facts;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retry(): Retry {
    return ERRORS[this.code].retry;
  }
}
