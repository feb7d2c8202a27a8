import { type Mark, redactNode, redactSecrets } from '../journal/redact.ts';
import type { JsonObject, JsonText } from '../model/json.ts';
import type { PersonalKind, Redaction } from '../model/redaction.ts';
import type { ReadPersonal } from './personal.ts';

export interface Redacted<T extends JsonObject | JsonText> {
  readonly data: T;
  /** How many of each kind were taken out. */
  readonly found: Readonly<Record<string, number>>;
}

/**
 * The same data with a word in place of all that the redaction names: in texts, under names of secrets, and in names. Texts
 * that are in `kept` stay whole. Throws where it cannot look for it: nothing may then be passed on.
 */
export function redacted<T extends JsonObject | JsonText>(
  data: T,
  redaction: Redaction,
  read: ReadPersonal | undefined,
  kept: ReadonlySet<string> = new Set(),
): Redacted<T> {
  const found: Record<string, number> = {};
  const out = (kind: string): string => {
    found[kind] = (found[kind] ?? 0) + 1;
    return `[redacted: ${kind}]`;
  };
  const mark: Mark = () => out('secret');
  const people = (text: string, name: string | undefined): string =>
    redaction.personal.size === 0 ? text : withoutPeople(text, name, redaction.personal, read, out);
  const secrets = redactSecrets(mark);
  const node = redactNode(data, {
    whole: (name, value) => (redaction.secrets ? secrets.whole(name, value) : undefined),
    text: (text, name) => (kept.has(text) ? text : people(redaction.secrets ? secrets.text(text, name) : text, name)),
  });
  // An object stays an object, and a text a text.
  return { data: node as T, found };
}

function withoutPeople(
  text: string,
  name: string | undefined,
  kinds: ReadonlySet<PersonalKind>,
  read: ReadPersonal | undefined,
  out: (kind: string) => string,
): string {
  if (read === undefined) throw new Error('nothing here can look for what is personal');
  let [left, at] = ['', 0];
  for (const { kind, start, end } of read(text, name)) {
    if (!kinds.has(kind)) continue;
    left += text.slice(at, start) + out(kind);
    at = end;
  }
  return at === 0 ? text : left + text.slice(at);
}
