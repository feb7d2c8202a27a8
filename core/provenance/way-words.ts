import type { Found, Way } from '../model/way.ts';

/**
 * Where a value comes from, in words that stand behind the name of its argument. They hold names of tools, and never a value.
 *
 * What an agent is told names no result that it has not seen, and says the same of a value that stands in one as of a value that was
 * found nowhere: whoever guesses what was kept back from it would else be told that the guess is right.
 */
export function wordsForAgent({ backing, found }: Way): string {
  const at = found.find(({ unseen }) => unseen !== true);
  if (at === undefined) return 'is no value that your principal gave or pointed at';
  const where = toolNamed(at);
  switch (backing) {
    case 'text':
      return `comes from ${where}, not from your principal's words`;
    case 'nobody':
      return `is from another record of ${where} than your principal pointed at`;
    case 'field':
      return `is from a record of ${where} that your principal did not point at`;
    case 'picked':
    case 'principal':
      return `is from a record of ${where}, at which your principal only pointed`;
  }
}

/** `said`: whether anything that the principal said is known. */
export function wordsForPeople({ backing, found: [at] }: Way, principal: string, said: boolean): string {
  const where = at === undefined ? '' : toolNamed(at);
  const words = said ? `${principal}'s words` : `anything ${principal} is known to have said`;
  const unled = said ? `${words} do not lead` : `nothing ${principal} is known to have said leads`;
  const s = said ? '' : 's';
  switch (backing) {
    case 'principal':
      return at === undefined ? `stands behind this: ${principal}, or a yes` : `somebody vouches for ${where}`;
    case 'picked':
      return `stands in a record of ${where} that ${words} point${s} at`;
    case 'field':
      return at === undefined
        ? 'is the agent’s own, from before it had read anything'
        : `stands in a record of ${where} that ${unled} to`;
    case 'text':
      return at === undefined
        ? `takes the place of another value in ${words}, as a text has it that this task read`
        : `comes from what ${where} returned, which others wrote, and not from ${words}`;
    case 'nobody':
      return at === undefined
        ? `was found nowhere: not in ${words}, and not in what this task is known to have read`
        : `stands in a record of ${where} beside the one that ${words} pick${s} out`;
  }
}

function toolNamed({ server, tool }: Found): string {
  return plainName(`${server}/${tool}`);
}

const plain = /^[\w@$][\w .:/@$[\]()-]*$/;
const nameCharsMax = 64;

/** Names come from servers and agents: what is no plain name stands in quotes, so that no name reads as a sentence of ours. */
export function plainName(name: string): string {
  const cut = name.length > nameCharsMax ? `${name.slice(0, nameCharsMax - 1)}…` : name;
  if (plain.test(name) && !/ (?!\(link\)$)/.test(name) && cut === name) return name;
  return JSON.stringify(cut).replace(hidden, char => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Spaces in a row would look like the columns of a table of ours. */
const hidden = /[^ -~\p{L}\p{N}\p{P}\p{S}]|\p{Default_Ignorable_Code_Point}|(?<= ) /gu;
