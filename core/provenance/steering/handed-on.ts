import { stringMember } from '../../model/json.ts';
import type { Tool } from '../../model/tool.ts';
import { argumentsOf } from '../../policy/classify/arguments.ts';
import { classesOfAgents } from '../../policy/classify/to-an-agent.ts';
import { type Purpose, readPurpose } from '../../purpose/read-purpose.ts';
import { actsOf } from '../../purpose/thesaurus.ts';
import type { Sink } from '../call/sinks.ts';
import { isVouched, type TaskMemory } from '../memory/memory.ts';
import { eachPlainWord } from '../said/plain-words.ts';
import { isUnit, stop } from '../said/words.ts';
import { fold } from '../spelling/fold.ts';
import { wordMarks } from '../spelling/word-filter.ts';

/**
 * What another agent is told to do is done where nobody looks, however grave it is. So an act that the principal's words do not have,
 * and that a sentence of somebody's text names beside another word of what is told, is that text's, also where they told this agent
 * to follow a source. So is an order of which not all is read.
 */
export function isHandedOn({ value }: Sink, tool: Tool, memory: TaskMemory, purpose: Purpose): boolean {
  if (memory.words.isEmpty || memory.count === 0 || !tellsAnAgent(tool)) return false;
  const told = fold(value);
  if (told.length > orderCharsMax) return true;
  const isSaid = (verb: string): boolean => purpose.verbs.has(verb) || memory.words.say(verb);
  const added = [...readPurpose(told).verbs].filter(verb => !isSaid(verb) && doesSomething(verb));
  return added.some(verb => standsBeside(verb, told, memory));
}

/** As much as is read of words at once (`readPurpose`). */
const orderCharsMax = 16_384;

function doesSomething(verb: string): boolean {
  return [...(actsOf(verb) ?? [])].some(act => act !== 'read');
}

const known = new WeakMap<object, boolean>();

function tellsAnAgent({ name, definition }: Tool): boolean {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const description = stringMember(definition, 'description') ?? '';
  const tells = classesOfAgents(name, description, argumentsOf(definition)).length > 0;
  known.set(definition, tells);
  return tells;
}

/** `40230`, `W-7`. */
const numbered = /(?<![\p{L}\p{N}])[\p{L}\p{N}-]{0,20}\p{N}[\p{L}\p{N}-]{0,20}/gu;

function standsBeside(verb: string, told: string, memory: TaskMemory): boolean {
  const marks = wordMarks(verb);
  const others = new Set<string>();
  eachPlainWord(told, word => {
    if (word !== verb && !stop.has(word) && !memory.words.say(word)) others.add(word);
  });
  for (const [token] of told.matchAll(numbered)) if (!memory.words.say(token)) others.add(token);
  const isTelling = (sentence: string): boolean =>
    isUnit(sentence, verb) && [...others].some(word => isUnit(sentence, word));
  return memory
    .mayHold([marks])
    .some(
      result =>
        !isVouched(result) &&
        result.index.texts.some(({ folded }) => isUnit(folded, verb) && folded.split(/[.!?;]\s/).some(isTelling)),
    );
}
