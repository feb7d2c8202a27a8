import { type Act, actsOf } from './thesaurus.ts';

/** One act of the principal's words. */
export interface Clause {
  readonly verb: string;
  readonly acts: ReadonlySet<Act>;
  /** All that stands behind its verb, up to the next verb or the end of the sentence. */
  readonly text: string;
  /** Nothing but `please` and the like stands before it. */
  readonly begins: boolean;
}

const joins = new Set(['and', 'then', 'but', 'or']);
const leads = new Set(['please', 'then', 'also', 'now', 'just', 'to']);

/**
 * The principal's words, folded, cut at verbs that stand where a sentence or a part of one begins. English: of words in
 * another language nothing is found.
 */
export function clausesOf(folded: string): readonly Clause[] {
  const clauses: { verb: string; acts: ReadonlySet<Act>; words: string[]; begins: boolean }[] = [];
  let begins = true;
  let isFirst = true;
  for (const token of folded.split(/\s+/)) {
    const word = token.replace(/^[^\p{L}\p{N}]+|(?<![^\p{L}\p{N}])[^\p{L}\p{N}]+$/gu, '');
    const acts = begins ? actsOf(word) : undefined;
    if (acts !== undefined) clauses.push({ verb: word, acts, words: [], begins: isFirst });
    else clauses.at(-1)?.words.push(token);
    if (word !== '' && !leads.has(word)) isFirst = false;
    begins = /[.,;:!?]$/.test(token) || joins.has(word) || (begins && (word === '' || leads.has(word)));
    if (/[.;!?]$/.test(token)) clauses.push({ verb: '', acts: new Set(), words: [], begins: false });
  }
  return clauses
    .filter(({ acts }) => acts.size > 0)
    .map(({ words, ...rest }) => ({
      ...rest,
      text: ` ${words.join(' ').replace(/(?<![.,;:!?])[.,;:!?]+(?= |$)/g, '')} `,
    }));
}
