import type { Tool } from '../../model/tool.ts';
import type { Way } from '../../model/way.ts';
import { stemsOf, wordsOf } from '../../policy/classify/words.ts';
import { doingOf } from '../../purpose/asked.ts';
import type { Sink } from '../call/sinks.ts';
import type { TaskMemory } from '../memory/memory.ts';
import { listIn } from '../result/lists.ts';
import { wordMarks } from '../spelling/word-filter.ts';
import { standsInSentence } from './chosen-by-text.ts';

/**
 * A list that was read is written back without one of its values, which the principal's words do not point at and a sentence of
 * somebody's says: whoever wrote the sentence may be who had it left out. What is left of the list is then as good as that text.
 */
export function withoutShortened(
  ways: readonly Way[],
  sinks: readonly Sink[],
  tool: Tool,
  memory: TaskMemory,
): readonly Way[] {
  const lists = Map.groupBy(sinks, ({ argument }) => listIn(argument));
  lists.delete(undefined);
  if (lists.size === 0 || memory.words.isEmpty || memory.count === 0) return ways;
  const isChange = doingOf(tool).acts.has('change');
  const shortened = new Set<string | undefined>();
  for (const [argument, items] of lists)
    if (argument !== undefined && isShortened(argument, items, isChange, memory)) shortened.add(argument);
  if (shortened.size === 0) return ways;
  return ways.map(way => {
    if (!shortened.has(listIn(way.argument)) || way.backing === 'principal') return way;
    const role = way.role === 'plain' ? 'choice' : way.role;
    return { ...way, role, origin: 'text', backing: 'text' };
  });
}

/** `isChange`: a tool that changes something writes back what was read, under whatever name; any other picks from it. */
function isShortened(argument: string, items: readonly Sink[], isChange: boolean, memory: TaskMemory): boolean {
  const kept = new Set(items.map(({ folded }) => folded));
  const isKept = (spellings: readonly string[]): boolean => spellings.some(value => kept.has(value));
  const isMeant = (value: string): boolean => memory.words.say(value) || memory.words.pointAt(value) !== undefined;
  const isLeftOut = (spellings: readonly string[]): boolean =>
    !isKept(spellings) &&
    !spellings.some(isMeant) &&
    spellings.some(value => standsInSentence(value, argument, memory));
  return memory
    .mayHold(items.map(({ folded }) => wordMarks(folded)))
    .some(({ index }) =>
      index
        .lists()
        .some(
          ({ path, values }) =>
            (isChange || isNamedAlike(path, argument)) && values.some(isKept) && values.some(isLeftOut),
        ),
    );
}

function isNamedAlike(path: string, argument: string): boolean {
  const [one, other] = [path, argument].map(name => wordsOf(name.replace(/^.*\./, '')).at(-1) ?? '');
  return stemsOf(one ?? '').some(stem => stemsOf(other ?? '').includes(stem));
}
