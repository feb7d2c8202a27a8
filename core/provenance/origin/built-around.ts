import { stemsOf, wordsOf } from '../../policy/classify/words.ts';
import type { Sink } from '../call/sinks.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import { isUnit } from '../said/words.ts';
import { wordMarks } from '../spelling/word-filter.ts';

const wordsMax = 6;

/** An argument that names something inside a place, and none where others may be: a branch, and no bucket. */
function isInsideAPlace(argument: string): boolean {
  return wordsOf(argument.replace(/\[\d+\]/g, '').replace(/^.*\./, '')).some(word =>
    stemsOf(word).some(stem => inside.has(stem)),
  );
}

const inside = new Set(
  'branch ref tag label title file filename page sheet section version milestone item article product model'.split(' '),
);

/**
 * A name that the agent made around one of the principal's: a branch `fix-41` for issue 41. All else in it are plain words, and
 * none stands in anything that somebody else wrote, nothing of which is forgotten. Whoever describes a name without saying it is not
 * seen: so it may only be one of something inside the place that the rest of the call names.
 */
export function isBuiltAround({ argument, shape, folded }: Sink, memory: TaskMemory): boolean {
  if ((shape !== 'id' && shape !== 'phrase') || !isInsideAPlace(argument) || memory.forgets) return false;
  const name = memory.words.names().find(one => (one.length > 3 || /\d/.test(one)) && isUnit(folded, one));
  if (name === undefined) return false;
  const own = folded
    .replace(name, ' ')
    .split(/[\s_-]+/)
    .filter(word => word !== '');
  if (own.length > wordsMax || !own.every(word => /^\p{L}+$/u.test(word))) return false;
  return own.every(word => memory.words.say(word) || !isReadAnywhere(word, memory));
}

function isReadAnywhere(word: string, memory: TaskMemory): boolean {
  return memory.mayHold([wordMarks(word)]).some(result => !isVouched(result));
}
