import { type Act, actsOf } from './thesaurus.ts';

/** One act of the principal's words. */
export interface Clause {
  readonly acts: ReadonlySet<Act>;
  /** All that stands behind its verb, up to the next verb or the end of the sentence. */
  readonly text: string;
  /** The same up to where it lies, or what is spared. */
  readonly things: string;
}

const joins = new Set(['and', 'then', 'but', 'or']);
const leads = new Set(['please', 'then', 'also', 'now', 'just', 'to']);
const endsThings =
  /\s(?:but|except|besides|not|other|apart|without|unless|if|when|after|before|in|from|of|under|inside|within|on|at|to|with|for|that|which|like|keep|leave)\s.*$/u;

/**
 * The principal's words, folded, cut at verbs that stand where a sentence or a part of one begins. English: of words in
 * another language nothing is found.
 */
export function clausesOf(folded: string): readonly Clause[] {
  const clauses: { acts: ReadonlySet<Act>; words: string[] }[] = [];
  let begins = true;
  for (const token of folded.split(/\s+/)) {
    const word = token.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    const acts = begins ? actsOf(word) : undefined;
    if (acts !== undefined) clauses.push({ acts, words: [] });
    else clauses.at(-1)?.words.push(token);
    begins = /[.,;:!?]$/.test(token) || joins.has(word) || (begins && (word === '' || leads.has(word)));
    if (/[.;!?]$/.test(token)) clauses.push({ acts: new Set(), words: [] });
  }
  return clauses
    .filter(({ acts }) => acts.size > 0)
    .map(({ acts, words }) => {
      const text = ` ${words.join(' ').replace(/[.,;:!?]+(?= |$)/g, '')} `;
      return { acts, text, things: text.replace(endsThings, ' ') };
    });
}
