import type { Argument } from './arguments.ts';
import { stemsOf, type Words, wordSet } from './words.ts';

/** Names of arguments that say which things are meant, and how they are shown: whoever only asks gives nothing else. */
const lookups: Words = wordSet(
  `query q search filter from to date day since until before after start end limit max min page per size cursor offset sort by direction
   field column include exclude format lang language locale view state status id no number name key slug ref reference kind type
   category tag area zone region city country location hour day month year week window range depth path file folder directory
   minute hour second duration unit point customer client patient supplier vendor user person contact employee account order invoice ticket document product article item
   patron member device machine server instance meter sensor room building house apartment vehicle plant store warehouse branch
   project repo repository dataset table bucket collection site company doi isbn keyword term phrase prefix pattern group email phone`,
);

/** Flags that only say how much is shown. Any other flag sets something. */
const showing: Words = wordSet(
  'include only with show unread recursive all verbose full detailed exact has is open active archived raw',
);

/**
 * The argument brings something: a text, a value, a list, a flag. What brings nothing tells the tool where to look. `nouns`
 * are the words of the tool's own name, which its key usually repeats (`badge` of `badge_rights`).
 */
export function isCarried({ words, types }: Argument, nouns: ReadonlySet<string>): boolean {
  if (types.includes('boolean')) return !showing.has(words[0] ?? '');
  const last = stemsOf(words.at(-1) ?? '');
  return !(
    words.includes('id') ||
    words.includes('ids') ||
    words.every(word => stemsOf(word).some(stem => nouns.has(stem))) ||
    last.some(stem => lookups.has(stem))
  );
}
