const shortDigits = 8;

/** The first digits of an id: enough to tell it from its neighbours, and the API takes any unique prefix. */
export function short(id: string): string {
  const prefix = /^[a-z]{1,2}_/.exec(id)?.[0] ?? '';
  return id.slice(0, prefix.length + shortDigits);
}
