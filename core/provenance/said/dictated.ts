import { readPaths } from '../../facts/path.ts';
import { type Clause, clausesOf } from '../../purpose/clauses.ts';
import { fold } from '../spelling/fold.ts';
import { isUnit, type Words } from './words.ts';

/**
 * A command or a statement of which the principal said all that matters: all of it; every word but the program's name, in one
 * piece (`npm install zod` of who said `install zod`); or the act, and everything that it is done to, in one clause (`rm -r dist` of
 * who said `delete the dist folder`). Programs and statements that are not known, any sign of more than one, and words that are
 * no plain order make it none.
 */
export function isDictated(command: string, words: Words): boolean {
  const sentences = sentencesOf(words.text);
  if (words.say(command)) return isSaidToRun(command, words.folded);
  const removal = removalIn(command);
  if (removal === undefined) {
    const said = command.replace(/^\S+\s+/, '');
    return plain.test(said) && words.say(said) && isSaidToRun(said, words.folded);
  }
  if (sentences.some(sentence => takesBack(sentence, removal.things))) return false;
  const ordered = new Set(
    sentences
      .filter(isOrder)
      .flatMap(clausesOf)
      .flatMap(clause => thingsOf(clause, removal)),
  );
  return removal.things.every(thing => ordered.has(thing));
}

const plain = /^[\p{L}\p{N}][\p{L}\p{N}_.@/-]*(?: [\p{L}\p{N}@][\p{L}\p{N}_.@/-]*)+$/u;

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?;])\s+|\n+/).map(fold);
}

/** Refused, or somebody else's words, or only a question. */
const averse = String.raw`\b(?:not|never|nor|no|nobody|none|avoid|without|cannot|rather than|instead of|says?|said|writes?|wrote|asks?|asked|suggests?|whether|should|why|how|what)\b|n['’]?t\b`;
const refused = new RegExp(averse);
/** Also a condition or another time: what stands beside these is no plain order. */
const held = new RegExp(
  `${averse}|${String.raw`["“”]|[?:](?=\s|$)|\b(?:if|unless|when|whenever|once|after|until|till|only|would|might|tomorrow|later|yet|wait|confirms?|approves?|agrees?|tells?|told)\b`}`,
);

/** Somewhere they said it, all of it and no more (`rm -r dist` is not `rm -r dist/tmp`), and did not refuse it or quote somebody. */
function isSaidToRun(piece: string, said: string): boolean {
  for (let at = said.indexOf(piece); at >= 0; at = said.indexOf(piece, at + 1)) {
    const sentence =
      said
        .slice(0, at)
        .split(/[.!?;]\s/)
        .at(-1) ?? '';
    if (/(?:^|[\s"'“‘«`(])$/.test(sentence) && !refused.test(sentence) && ends.test(said.slice(at + piece.length)))
      return true;
  }
  return false;
}

/** Neither the word goes on, nor the command: `delete from t` is not `delete from t where id = 4`. */
const ends = /^["'”’»`)]*[.,;:!?]*(?:$|\s(?!-|[|&<>*/$=]|(?:where|limit|having|using|only)\b))/;

/** `Wait, do not do that.` */
function takesBack(sentence: string, things: readonly string[]): boolean {
  if (retracted.test(sentence)) return true;
  if (isOrder(sentence) || !held.test(sentence)) return false;
  return pronoun.test(sentence) || things.some(thing => isUnit(sentence, thing));
}

const retracted = /\b(?:never mind|scratch that|forget (?:it|that)|second thoughts?|hold on|changed my mind)\b/;
const pronoun = /\b(?:it|its|that|this|them|so|those|these|anything|everything|nothing)\b/;

/** It begins with a verb, and nothing in it makes it less than an order to the agent itself. */
function isOrder(sentence: string): boolean {
  const [first] = clausesOf(sentence);
  return first?.begins === true && !held.test(sentence) && !clausesOf(sentence).some(({ acts }) => acts.has('tell'));
}

/** The one place where such commands are run. */
const house =
  /\s(?:in|from|of) (?:the|this|our|my) (?:database|db|schema|warehouse|project|repository|repo|workspace)\s*$/;

/** What is removed, and the words for it. */
interface Removal {
  readonly things: readonly string[];
  readonly verbs: RegExp;
  readonly kinds: string;
}

/** Nothing for a clause that says anything beside the things: `the old orders` are not the table. */
function thingsOf({ verb, text }: Clause, { verbs, kinds }: Removal): readonly string[] {
  if (!verbs.test(verb)) return [];
  const said = text
    .replace(/\s(?:before|because)\s.*$/, ' ')
    .replace(house, ' ')
    .replace(/(?:\s(?:first|again|please|too|now|also|completely|entirely|and|then))+\s*$/, '')
    .trim();
  const item = new RegExp(
    `^(?:(?:the|my|our|this|that|these|those|both) )?(?:(?:\\p{L}+ ){0,2}(?:${kinds}) (\\S+)|(?:(?:old|stale|temporary|generated|whole|entire|empty) )?(\\S+) (?:${kinds})|(\\S+))$`,
    'u',
  );
  const found = said.split(/, and | and |, /).map(one =>
    item
      .exec(one)
      ?.slice(1)
      .find(name => name !== undefined),
  );
  return found.every(name => name !== undefined) ? found.map(bare) : [];
}

/** What a plain command or statement removes; undefined for any other. */
function removalIn(command: string): Removal | undefined {
  const names = '["`]?[\\p{L}_][\\p{L}\\p{N}_.]*["`]?';
  const statement = new RegExp(
    `^(drop|truncate)( table| view| index)?(?: if exists)? (${names}(?:, ?${names})*) ?;?$`,
    'iu',
  ).exec(command);
  if (statement !== null) {
    const [, act = '', kind = ' table', things = ''] = statement;
    const verbs = act.toLowerCase() === 'drop' ? /^(?:drop|delete|remove)$/ : /^(?:truncate|empty|clear|wipe)$/;
    return { things: things.split(/, ?/).map(bare), verbs, kinds: `${kind.trim().toLowerCase()}s?|indexes|indices` };
  }
  const removed =
    /^(?:rm|rmdir|unlink)((?: -[rRfvd]+| --(?:recursive|force|verbose|dir))*)((?: [\p{L}\p{N}_][\p{L}\p{N}_./-]*)+)$/u.exec(
      command,
    );
  const paths = removed?.[2]?.trim().split(' ');
  if (paths === undefined) return undefined;
  const { climbs, disguised, outside } = readPaths(paths);
  if (climbs || disguised || outside) return undefined;
  const verbs = /^(?:delete|remove|erase|wipe|purge|trash)$/;
  return { things: paths.map(bare), verbs, kinds: 'folders?|director(?:y|ies)|dirs?|files?' };
}

function bare(name: string): string {
  return name.replace(/["'`]/g, '').replace(/\/$/, '');
}
