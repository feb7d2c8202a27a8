import type { Argument } from './arguments.ts';
import type { ClassReason } from './reason.ts';
import { takesText } from './signs.ts';
import { wordsOf } from './words.ts';

/**
 * What asks another agent for something tells it, and that one acts: it only sounds like a question. Somebody's sentence that is handed
 * on so is obeyed where nobody looks. Who asks their own user, or a documentation, is not meant.
 */
export function classesOfAgents(title: string, description: string, all: readonly Argument[]): ClassReason[] {
  if (!all.some(takesText)) return [];
  const words = wordsOf(title);
  const agent = words.find(word => agents.has(word));
  if (agent !== undefined && words.some(word => asking.has(word))) return telling('name', agent);
  const said = toAnother.exec(description.slice(0, charsMax).toLowerCase());
  return said === null ? [] : telling('description', said[0]);
}

function telling(from: ClassReason['from'], word: string): ClassReason[] {
  return [
    { class: 'write', from, word },
    { class: 'message', from, word },
  ];
}

const agents = new Set(['agent', 'subagent', 'assistant', 'colleague', 'coworker', 'teammate']);
const asking = new Set(['ask', 'consult', 'query', 'order', 'tell', 'instruct']);

const charsMax = 1_024;
const another = String.raw`(?:another|one of (?:the|your|our)|an? (?:other|different|remote|specialised|specialized))\s+(?:[\p{L}-]+\s+){0,2}?`;
const agentNoun = String.raw`(?:(?:sub-?)?agents?|assistants?|colleagues?|co-?workers?|team-?mates?)\b`;

const anAgent = String.raw`(?:the|an?)\s+(?:[\p{L}-]+\s+){1,2}${agentNoun}`;

/**
 * `Asks another agent`, `Gives work to one of the assistants`, `Tells the finance assistant what to do`, `Gives it something to do`.
 * For what is in lower case: to read letters without regard to it takes a start a millisecond.
 */
const toAnother = new RegExp(
  String.raw`^(?:asks?|tells?|instructs?|consults?|queries|query|(?:hands?|gives?|pass(?:es)?|assigns?|relays?)\s[^.!?\n]{0,60}?\bto)\s+${another}${agentNoun}|^(?:asks?|tells?|instructs?)\s+${anAgent}\s+(?:what\s+)?to\b|^gives?\s+${anAgent}\s+(?:something to do|work|orders|instructions|tasks|an?\s+(?:task|job|order|instruction))\b`,
  'u',
);
