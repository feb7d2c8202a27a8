import type { EntryDraft, EntryKind } from '@sallyport/core/model/entry.ts';

/** What entries of some kind or other say of themselves, as far as it is looked for. */
export interface Said {
  readonly kind: EntryKind;
  readonly id: string;
  readonly task?: string;
  readonly agent?: string;
  readonly server?: string;
  readonly tool?: string;
  readonly action?: { readonly server: string; readonly tool: string };
  readonly answer?: string;
  readonly decision?: string;
  readonly approval?: string;
}

export function said(entry: EntryDraft): Said {
  return entry as Said;
}

/** Of whom and what an entry is. */
export interface Subject {
  readonly agent: string | undefined;
  readonly server: string | undefined;
  readonly tool: string | undefined;
}

/** As the entry itself says; what follows from a decision is of the decision's. */
export function ownSubject(entry: Said): Subject {
  const { server, tool } = entry.kind === 'decided' ? (entry.action ?? entry) : entry;
  return { agent: entry.agent, server, tool: server === undefined ? undefined : tool };
}
