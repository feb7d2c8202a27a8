/** `application/json`, or A2A's own name for it (§11.1), in UTF-8. */
export function isA2aJson(type: string): boolean {
  return /^application\/(?:a2a\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type);
}
