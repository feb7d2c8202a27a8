import type { PersonalKind } from '../model/redaction.ts';
import { decodings } from './leak.ts';

/** Something in a text that says who somebody is, or how to reach or charge them. */
export interface PersonalSpan {
  readonly kind: PersonalKind;
  readonly start: number;
  readonly end: number;
}

/** What of a text is personal, in its order and without overlaps. `name`: of the member that holds it, where there is one. */
export type ReadPersonal = (text: string, name?: string) => readonly PersonalSpan[];

/** `context.personal`: what an action's arguments say about people, also where it is encoded. */
export interface PersonalFacts {
  /** `PersonalKind`s, or `unsearched`: there was more than is looked through. */
  readonly kinds: readonly string[];
  readonly count: number;
  readonly encoded: boolean;
}

/** Text beyond this is not searched. */
const personalCharsMax = 262_144;

/** `all`: these are all texts that there are. */
export function personalFacts(texts: readonly string[], read: ReadPersonal, all = true): PersonalFacts {
  const kinds = new Set<string>(all ? [] : ['unsearched']);
  let [count, chars, encoded] = [0, 0, false];
  for (const text of texts) {
    chars += text.length;
    if (chars > personalCharsMax) {
      kinds.add('unsearched');
      break;
    }
    const plain = read(text);
    const hidden = plain.length > 0 ? [] : [...decodings(text)].flatMap(inner => read(inner));
    for (const { kind } of [...plain, ...hidden]) kinds.add(kind);
    count += plain.length + hidden.length;
    encoded ||= hidden.length > 0;
  }
  return { kinds: [...kinds], count, encoded };
}
