/** What stands in data from outside, as JSON for an error's message: `absent`, and cut where it is long. Never throws. */
export function shown(value: unknown, length = 60): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? 'absent';
  } catch {
    // What `parse` takes may be nested more deeply than `stringify` has stack for.
    return `${Array.isArray(value) ? 'an array' : 'an object'} of great depth`;
  }
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
