import { readPaths } from '../facts/path.ts';
import { clausesOf } from '../purpose/clauses.ts';
import { isUnit, type Words } from './words.ts';

/**
 * A command or a statement of which the principal said all that matters: every word but the program's name, in one piece
 * (`npm install zod` of who said `install zod`); or the act, and everything that it is done to, in one clause (`rm -r dist` of who
 * said `delete the dist folder`). Programs and statements that are not known, and any sign of more than one, make it none.
 */
export function isDictated(command: string, words: Words): boolean {
  const said = command.replace(/^\S+\s+/, '');
  if (/^[\p{L}\p{N}][\p{L}\p{N}_.@/-]*(?: [\p{L}\p{N}@][\p{L}\p{N}_.@/-]*)+$/u.test(said) && words.say(said))
    return true;
  const done = removal(command);
  if (done === undefined) return false;
  const removing = clausesOf(words.folded).filter(({ acts }) => acts.has('remove'));
  return done.every(thing => removing.some(({ things }) => isUnit(things, thing)));
}

/** What a plain command or statement removes; undefined for any other. */
function removal(command: string): readonly string[] | undefined {
  const names = '["`]?[\\p{L}_][\\p{L}\\p{N}_.]*["`]?';
  const statement = new RegExp(
    `^(?:drop (?:table|view|index)(?: if exists)?|truncate(?: table)?) (${names}(?:, ?${names})*) ?;?$`,
    'iu',
  ).exec(command);
  if (statement !== null) return (statement[1] ?? '').split(/, ?/).map(name => name.replace(/["`]/g, ''));
  const removed =
    /^(?:rm|rmdir|unlink)((?: -[rRfvd]+| --(?:recursive|force|verbose|dir))*)((?: [\p{L}\p{N}_][\p{L}\p{N}_./-]*)+)$/u.exec(
      command,
    );
  const paths = removed?.[2]?.trim().split(' ');
  if (paths === undefined) return undefined;
  const { climbs, disguised, outside } = readPaths(paths);
  return climbs || disguised || outside ? undefined : paths.map(path => path.replace(/\/$/, ''));
}
