/**
 * What stands in data from outside, for an error's message: as JSON, `absent` where there is none, cut where it is long. What is
 * nested is not looked into, for it may be nested without end. Never throws.
 */
export function shown(value: unknown, length = 60): string {
  let text = brief(value);
  if (Array.isArray(value)) text = `[${value.slice(0, 8).map(brief).join(',')}${value.length > 8 ? ',…' : ''}]`;
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function brief(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'object' && value !== null) return '{…}';
  return JSON.stringify(value) ?? 'absent';
}

/** The text that `value` is; '' for anything else. `String` would run out of stack on arrays nested without end. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
