/** What is checked may have any form: nothing is taken from it before it was looked at. */
export type Members = Readonly<Record<string, unknown>>;

const none: Members = Object.freeze(Object.create(null));

export function hasMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

/** The members of an object; of anything else none. */
export function membersOf(value: unknown): Members {
  return hasMembers(value) ? value : none;
}

/** Half of a surrogate pair has the bytes, and so the hash, of another text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}
