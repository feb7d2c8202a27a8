import type { Tool } from '../../model/tool.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import { isUnit } from '../said/words.ts';
import { fold } from '../spelling/fold.ts';
import { type WordMarks, wordMarks } from '../spelling/word-filter.ts';

/** What was found of one name: results are looked at once, by their numbers in the task. */
interface Known {
  readonly folded: string;
  readonly marks: WordMarks;
  /** The first result that was not looked at. */
  next: number;
  /** The newest that holds the name; −1 for none. */
  newest: number;
}

const known = new WeakMap<TaskMemory, Map<string, Known>>();

/** A text that somebody else wrote names this very tool. Names that are also words of the language tell nothing. */
export function isToolNamed({ name }: Tool, memory: TaskMemory): boolean {
  if (name.length < 6 || !isTelling(name)) return false;
  const found = knownOf(name, memory);
  if (memory.words.say(found.folded)) return false;
  for (let number = Math.max(found.next, memory.forgotten); number < memory.count; number++) {
    const result = memory.numbered(number);
    if (result === undefined || isVouched(result) || !result.index.words.mayHold(found.marks)) continue;
    if (result.index.texts.some(({ folded }) => isUnit(folded, found.folded))) found.newest = number;
  }
  found.next = memory.count;
  return found.newest >= memory.forgotten;
}

function isTelling(name: string): boolean {
  return /[a-z][A-Z]|[_.0-9-]/.test(name) || /^[A-Z].*[A-Z]/.test(name);
}

function knownOf(name: string, memory: TaskMemory): Known {
  const names = known.get(memory) ?? new Map<string, Known>();
  known.set(memory, names);
  const found = names.get(name) ?? { folded: fold(name), marks: wordMarks(fold(name)), next: 0, newest: -1 };
  names.set(name, found);
  return found;
}
