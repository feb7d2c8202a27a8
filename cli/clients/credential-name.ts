import type { Document } from 'yaml';

/** A name for a credential: lower-case letters, digits and `-`, at most 40, and nobody else's in this configuration. */
export function freeCredential(document: Document, wanted: string): string {
  const plain = wanted
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 36)
    .replace(/^-|-$/g, '');
  for (let n = 1; ; n++) {
    const name = n === 1 ? plain : `${plain}-${n}`;
    if (!document.hasIn(['credentials', name])) return name;
  }
}
