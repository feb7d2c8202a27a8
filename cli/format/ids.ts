const shortDigits = 8;

/** The first digits of an id: enough to tell it from its neighbours, and the API takes any unique prefix. */
export function short(id: string): string {
  const end = id.indexOf('_') + 1;
  return end > 0 ? id.slice(0, end + shortDigits) : id.slice(0, shortDigits);
}
