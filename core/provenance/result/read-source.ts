import type { EntryId } from '../../model/ids.ts';
import type { Label, LabelSource } from '../../model/label.ts';
import type { Tool } from '../../model/tool.ts';
import type { Way } from '../../model/way.ts';
import type { Sink } from '../call/sinks.ts';

/** Where a result came from. `digest` is that of the action that read it. */
export interface ReadSource {
  readonly entry: EntryId;
  readonly tool: Tool;
  readonly digest: string;
  /** Who pointed at it: see `Pointed`. */
  readonly pointed: Pointed;
  /** Where `pointed` is `exact`: by which of their words, folded. */
  readonly keys?: readonly string[] | undefined;
  /** It was looked for with words of which at least half are the principal's: the others (`bared`). */
  readonly addedWords?: readonly string[] | undefined;
  /** It came from a tool that hands out secrets. */
  readonly secret?: boolean | undefined;
  /** Somebody outside may have written it by way of the server, whatever the catalogue says of the server itself. */
  readonly tainted?: boolean | undefined;
  /** A policy stands behind it, but for this, which its action was given (`argumentTexts`). */
  readonly endorsed?: { readonly given: readonly string[] | undefined } | undefined;
  /** Labels of those who wrote there by way of the gateway: all of it may be marked so. */
  readonly inherited?: readonly Label[] | undefined;
  /** The agent was given handles in place of what others wrote there; what it could read of it carries these labels on. */
  readonly hidden?: readonly LabelSource[] | undefined;
  /** Another task read it, and this one goes on with it. */
  readonly handed?: true;
}

/**
 * How far the principal's words lead to a result. `exact`: every value that its call was made with stands in the words.
 * `by-record`: each stands there or in a record that the words pick out. `no`: anything else, and calls without such values.
 */
export type Pointed = 'exact' | 'by-record' | 'no';

/** By what was known when the call was decided: nothing that came later can have led to it. */
export function pointedBy(ways: readonly Way[], delegates = false): Pointed {
  let pointed: Pointed | undefined;
  for (const { argument, role, backing } of ways) {
    // Whoever is told to do what the log of the 2nd says is led to that log by its date.
    if (delegates && role === 'plain' && backing === 'principal' && dayNames.test(argument)) pointed ??= 'exact';
    if (role === 'plain' || argument.endsWith('(link)')) continue;
    if (backing === 'principal') pointed ??= 'exact';
    else if (backing === 'picked') pointed = 'by-record';
    else return 'no';
  }
  return pointed ?? 'no';
}

/** What a call of these values was pointed by, as far as it is short. */
export function keysIn(sinks: readonly Sink[]): readonly string[] {
  const pointing = sinks.filter(({ role, argument }) => role !== 'plain' && !argument.endsWith('(link)'));
  return pointing.map(({ folded }) => folded).filter(({ length }) => length > 0 && length <= keyCharsMax);
}

const keyCharsMax = 200;

/**
 * The words that a search is made with beside the principal's. Undefined where fewer than half are theirs, names and language alike, or
 * there are none.
 */
export function addedWordsOf(sinks: readonly Sink[], say: (folded: string) => boolean): readonly string[] | undefined {
  const words = sinks
    .filter(({ role, argument }) => role !== 'plain' && !argument.endsWith('(link)'))
    .flatMap(({ folded }) => folded.match(longWords) ?? []);
  const others = words.filter(word => !say(word));
  return words.length > 0 && 2 * others.length <= words.length ? others : undefined;
}

const longWords = /[\p{L}\p{N}]{4,}/gu;
const dayNames = /(?:^|_|\b)(?:date|day|on|datum|jour|fecha|dia|giorno|dag)$/i;
