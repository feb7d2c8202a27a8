/** What says who somebody is, or how to reach or charge them. */
export type PersonalKind = 'email' | 'phone' | 'card' | 'iban' | 'national-id';

const personalKinds: readonly PersonalKind[] = ['email', 'phone', 'card', 'iban', 'national-id'];

/** What an obligation wants taken out. */
export interface Redaction {
  readonly secrets: boolean;
  readonly personal: ReadonlySet<PersonalKind>;
}

/** `secrets`, `personal` (all of its kinds) or kinds by name, joined by `+`: `personal+secrets`, `card+iban`. */
export function parseRedaction(text: string): Redaction | undefined {
  const words = text.split('+').map(word => word.trim());
  const personal = new Set<PersonalKind>();
  for (const word of words) {
    if (word === 'secrets') continue;
    const kinds = word === 'personal' ? personalKinds : personalKinds.filter(kind => kind === word);
    if (kinds.length === 0) return undefined;
    for (const kind of kinds) personal.add(kind);
  }
  return { secrets: words.includes('secrets'), personal };
}

/** Both together: what one of them takes out is out. */
export function bothRedactions(one: Redaction, other: Redaction): Redaction {
  return { secrets: one.secrets || other.secrets, personal: new Set([...one.personal, ...other.personal]) };
}
