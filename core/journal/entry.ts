import type { Bodies, EntryDraft, Written } from '../model/entry.ts';
import { EntryFault, writeBoth } from './canonical.ts';

/** Bytes of one entry's canonical text. */
const entryBytesMax = 32 * 1024;

/** `Bodies` of one entry: field names stand in the entry, in clear. */
const bodyFieldsMax = 16;
const fieldName = /^[a-z][a-zA-Z0-9]{0,31}$/;

/** `what` and `why` may quote what came in from outside. */
const wordsCharsMax = 500;

const page = new Uint8Array(entryBytesMax);

/**
 * Canonical JSON, one line, of the entry that `draft` becomes. The bytes stand where the next entry will be written: to
 * be copied at once. Throws `EntryFault` if it cannot be an entry; nothing is then written.
 */
export function writeEntry(draft: EntryDraft, written: Written): Uint8Array {
  const length = writeBoth(draft, written, page);
  if (length === undefined)
    throw new EntryFault(
      '',
      `of kind ${draft.kind} is larger than ${entryBytesMax} bytes; put large content in bodies`,
    );
  return page.subarray(0, length);
}

/** Throws unless every field can be named in an entry. */
export function checkFields(bodies: Bodies): void {
  const names = Object.keys(bodies);
  if (names.length > bodyFieldsMax) throw new EntryFault('bodies', `has more than ${bodyFieldsMax} fields`);
  const wrong = names.find(name => !fieldName.test(name));
  if (wrong !== undefined) throw new EntryFault('bodies', `has a field whose name is not a plain word`);
}

/** The draft with `what` and `why` made safe by `clean` and cut to `wordsCharsMax`; the same object if nothing changes. */
export function cleanWords<D extends EntryDraft>(draft: D, clean: (text: string) => string): D {
  let cleaned = draft;
  for (const member of ['what', 'why'] as const) {
    const text = (draft as { what?: unknown; why?: unknown })[member];
    if (typeof text !== 'string') continue;
    const words = clean(text.length > 4 * wordsCharsMax ? text.slice(0, 4 * wordsCharsMax) : text);
    const short = words.length > wordsCharsMax ? `${words.slice(0, wordsCharsMax - 1)}…` : words;
    if (short !== text) cleaned = { ...cleaned, [member]: short };
  }
  return cleaned;
}
