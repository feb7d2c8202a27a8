import type { Action } from '../model/action.ts';
import { countingLabels } from '../model/declassification.ts';
import { reachOf } from '../model/endorsement.ts';
import type { EntryId, TaskId } from '../model/ids.ts';
import type { JsonNode, JsonObject } from '../model/json.ts';
import { type Label, type LabelSource, labelsIn } from '../model/label.ts';
import { hasPrincipalsWords, type Task } from '../model/task.ts';
import type { Tool } from '../model/tool.ts';
import type { Way } from '../model/way.ts';
import { type CallClasses, classesOfCall } from '../policy/classify/by-call.ts';
import { type Asks, noPurpose, type Purpose, readAsks, readPurpose } from '../purpose/read-purpose.ts';
import { argumentTexts } from './call/repeated-arguments.ts';
import { type Sink, sinksOf } from './call/sinks.ts';
import { isName, newNamesIn } from './flow/new-names.ts';
import { type Outsiders, outsidersOf } from './flow/outsiders.ts';
import { nowhereYet, type Place, placeOf, type Visited, visit } from './flow/places.ts';
import { tellsOfSomebody } from './flow/search-tells.ts';
import { isToolNamed } from './flow/tool-named.ts';
import { type Leaving, leavingWith, nothingLeaves } from './leaving/leaving.ts';
import { type Grounds, newSearch } from './memory/grounds.ts';
import { type MemoryLimits, memoryLimits, type Remembered, TaskMemory } from './memory/memory.ts';
import { waysOf, withSpokenOff } from './origin/ways.ts';
import { addedWordsOf, keysIn, pointedBy } from './result/read-source.ts';

/** What the values of one call are, and where they come from. */
export interface Looked {
  readonly sinks: readonly Sink[];
  /** The way of each of them into the call. */
  readonly ways: readonly Way[];
  /** False if the call has more values than are looked at. */
  readonly all: boolean;
  /** Something goes where nobody who is vouched for, and no earlier action of this task, sent it. */
  readonly isNew: boolean;
  /** A text that somebody else wrote names this very tool. */
  readonly told: boolean;
  /** Where it would be, beside where the principal pointed. */
  readonly place: Place;
  /** A search outside would be told whom a record is about. */
  readonly tellsOfSomebody: boolean;
  /** Names that only this action can bring about, as keyed digests. */
  readonly coined: readonly string[];
  /** What comes back was handed out as a secret. */
  readonly yieldsSecrets: boolean;
  /** What stands in the arguments, of what the task has read. */
  readonly leaving: Leaving;
  /** The labels of what its values rest on and the agent has not read: they are not the task's. */
  readonly carries: readonly LabelSource[];
  /** Whether it would be shown to somebody who may not see it. */
  readonly outsiders: Outsiders;
  /** What the principal's words ask for. */
  readonly purpose: Purpose;
  /** What the sources ask for that the principal told the agent to follow; nothing if they told so of none. */
  readonly delegated: Purpose;
}

export const nothingLooked: Looked = {
  sinks: [],
  ways: [],
  all: true,
  isNew: false,
  told: false,
  place: { elsewhere: false, strayed: false },
  tellsOfSomebody: false,
  coined: [],
  yieldsSecrets: false,
  leaving: nothingLeaves,
  carries: [],
  outsiders: 'none',
  purpose: noPurpose,
  delegated: noPurpose,
};

/** About something that entered a task. */
export interface Said {
  /** About its size. */
  readonly chars: number;
  /** Somebody outside may have written it by way of the server. */
  readonly tainted?: boolean;
  /** How what others wrote there is labelled. */
  readonly inherited?: readonly Label[];
  /** A policy stands behind what the tool says in it. */
  readonly endorsed?: boolean;
  /** The agent was given handles in place of its words: what they are marked with. */
  readonly hidden?: readonly LabelSource[] | undefined;
}

const tasksRememberedMax = 256;

/** The memories of the tasks of one node: of the newest ones. What a forgotten task had read is found nowhere. */
export class TaskMemories {
  readonly #digest: (text: string) => string;
  readonly #limits: MemoryLimits;
  /** Whoever was asked about longest ago first. */
  readonly #memories = new Map<TaskId, Held>();
  #newest: TaskId | undefined;

  constructor(digest: (text: string) => string, limits: MemoryLimits = memoryLimits) {
    this.#digest = digest;
    this.#limits = limits;
  }

  /** The principal of this task said more. */
  hear(task: TaskId, words: string): void {
    this.#of(task).memory.words.hear(words);
  }

  look(task: Task, { tool, input }: Action): Looked {
    const held = this.#of(task.id);
    if (!held.opened) {
      held.opened = true;
      // What an agent says about a task, its own or one it hands on, is nobody's words.
      if (hasPrincipalsWords(task)) held.memory.words.hear(task.purpose);
    }
    const purpose = purposeOf(held);
    const { sinks: given, off, all } = sinksOf(tool, input);
    const grounds = this.#groundsOf(held, task, tool, input);
    const sinks = withSpokenOff(given, off, grounds);
    const ways = waysOf(sinks, grounds);
    const isNew = !all || goesSomewhereNew(ways, held);
    if (tool.classes.includes('write'))
      for (const { digest, backing } of ways)
        if (backing === 'text' && held.kept.size <= namesMax) held.kept.add(digest);
    const told = isToolNamed(tool, held.memory);
    const coined = newNamesIn(ways, held.names);
    const place = placeOf({ sinks, all }, ways, held.visited, held.memory.words.text);
    // Whatever text comes later, it did not bring these about. Where it must not go is not the agent's own for having asked once.
    if (!task.labels.has('untrusted') && !task.labels.has('org') && !place.elsewhere)
      for (const { digest, origin } of ways) if (origin === 'unknown' && held.own.size < namesMax) held.own.add(digest);
    const leaving = held.memory.guarded.isEmpty ? nothingLeaves : this.#leavingWith(held.memory, task, input);
    const carries = held.memory.unseen.carriedBy(sinks, ways, all);
    const own = countingLabels(task);
    const labels = carries.length === 0 ? own : new Set([...own, ...labelsIn(carries)]);
    return {
      sinks,
      ways,
      all,
      isNew,
      told,
      place,
      tellsOfSomebody: tellsOfSomebody({ sinks, all }, tool, held.memory),
      coined,
      yieldsSecrets: handsOutSecrets(tool, input),
      leaving,
      carries,
      outsiders: outsidersOf(labels, leaving, { sinks, all }, this.#digest),
      purpose,
      delegated: purpose.handsOver === 'work' ? delegatedBy(held.memory) : noPurpose,
    };
  }

  /** Takes apart what was read since, so that the next look need not. */
  settle(id: TaskId): void {
    this.#memories.get(id)?.memory.settle();
  }

  #leavingWith({ guarded, words }: TaskMemory, { declassified }: Task, input: JsonObject): Leaving {
    return leavingWith(guarded, input, folded => words.say(folded), { declassified, digest: this.#digest });
  }

  #groundsOf(held: Held, task: Task, tool: Tool, input: JsonObject): Grounds {
    const { classes } = classesOfCall(tool, input);
    return {
      memory: held.memory,
      search: newSearch(),
      tool,
      endorsements: task.endorsements,
      reach: reachOf(classes),
      changes: classes.includes('write'),
      openedAt: task.openedAt,
      digest: this.#digest,
      purpose: purposeOf(held),
      own: held.own,
      kept: held.kept.size > namesMax ? anyValue : held.kept,
    };
  }

  /** Something entered the task; where its action went is no new destination any more. */
  read(
    task: TaskId,
    { action: { tool, input, digest }, looked }: { readonly action: Action; readonly looked: Looked },
    entry: EntryId,
    said: JsonNode,
    { chars, tainted, inherited = nothingInherited, endorsed, hidden }: Said,
  ): void {
    const held = this.#of(task);
    for (const way of looked.ways) {
      if (way.role === 'destination' && held.destinations.size < destinationsMax) held.destinations.add(way.digest);
      if (isName(way) && held.names.size < namesMax) held.names.add(way.digest);
    }
    visit(held.visited, looked.ways, looked.place);
    const pointed = pointedBy(looked.ways, looked.purpose.delegates);
    const addedWords = pointed === 'no' ? addedWordsIn(held.memory, looked, classesOfCall(tool, input)) : undefined;
    // What is read again after a start was not looked at.
    const sinks = (): readonly Sink[] => (looked.sinks.length > 0 ? looked.sinks : sinksOf(tool, input).sinks);
    const keys = pointed === 'exact' ? keysIn(sinks()) : undefined;
    const stands = endorsed === true ? { given: argumentTexts(input) } : undefined;
    const secret = looked.yieldsSecrets;
    const source = {
      entry,
      tool,
      digest,
      pointed,
      keys,
      addedWords,
      tainted,
      secret,
      inherited,
      endorsed: stands,
      hidden,
    };
    held.memory.read(source, said, chars);
  }

  /** It has read more than can be said any more. */
  misses(task: TaskId): void {
    this.#of(task).memory.misses();
  }

  /** Another agent goes on with what this task has read. */
  handOver(from: TaskId, to: TaskId): void {
    const held = this.#of(to);
    held.memory.inheritFrom(this.#of(from).memory);
  }

  forget(task: TaskId): void {
    this.#memories.delete(task);
    if (task === this.#newest) this.#newest = undefined;
  }

  #of(task: TaskId): Held {
    const known = this.#memories.get(task);
    if (known !== undefined) {
      if (task === this.#newest) return known;
      this.#memories.delete(task);
      this.#memories.set(task, known);
      this.#newest = task;
      return known;
    }
    const made: Held = {
      memory: new TaskMemory(this.#limits, this.#digest),
      opened: false,
      destinations: new Set(),
      names: new Set(),
      own: new Set(),
      kept: new Set(),
      visited: nowhereYet(),
      purpose: noPurpose,
      heard: '',
    };
    this.#memories.set(task, made);
    this.#newest = task;
    const oldest = this.#memories.keys().next().value;
    if (this.#memories.size > tasksRememberedMax && oldest !== undefined) this.#memories.delete(oldest);
    return made;
  }
}

/** Somewhere that nobody who is vouched for, and no earlier action of the task, sent it. */
function goesSomewhereNew(ways: readonly Way[], { destinations }: Held): boolean {
  for (const { role, backing, digest } of ways)
    if (role === 'destination' && backing !== 'principal' && !destinations.has(digest)) return true;
  return false;
}

/** Of the texts that the principal's words lead to. Each is read once. */
function delegatedBy(memory: TaskMemory): Purpose {
  const all = memory.pointedAt().map(asksIn);
  return {
    acts: new Set(all.flatMap(({ acts }) => [...acts])),
    verbs: new Set(all.flatMap(({ verbs }) => [...verbs])),
    things: [...new Set(all.flatMap(({ things }) => things))],
    delegates: false,
    handsOver: undefined,
    onlyAsks: false,
  };
}

const asksBySource = new WeakMap<Remembered, Asks>();

function asksIn(source: Remembered): Asks {
  const known = asksBySource.get(source);
  if (known !== undefined) return known;
  const made = readAsks(source.index.texts.map(({ folded }) => folded).join('\n'));
  asksBySource.set(source, made);
  return made;
}

function handsOutSecrets(tool: Tool, input: JsonObject): boolean {
  const { classes } = classesOfCall(tool, input);
  return classes.includes('admin') && !classes.includes('write');
}

/** Of a search with the principal's words, on the web or elsewhere, that led to no address: see `addedWordsOf`. */
function addedWordsIn(
  { words }: TaskMemory,
  { sinks }: Looked,
  { classes }: CallClasses,
): readonly string[] | undefined {
  if (words.isEmpty || !classes.every(one => one === 'read')) return undefined;
  return addedWordsOf(sinks, folded => words.say(folded));
}

const nothingInherited: readonly Label[] = [];

const destinationsMax = 1_000;
const namesMax = 4_000;
/** Of more than are kept, any may be one. */
const anyValue = { has: (): boolean => true };

interface Held {
  readonly memory: TaskMemory;
  opened: boolean;
  /** Digests of values that earlier actions of the task went to. */
  readonly destinations: Set<string>;
  /** Digests of the names in its earlier actions: what they name is there already. */
  readonly names: Set<string>;
  /** Digests of values that the agent used before anything of others was read. */
  readonly own: Set<string>;
  /** Digests of values of a text that it would have written somewhere. */
  readonly kept: Set<string>;
  readonly visited: Visited;
  /** What `heard`, all of the principal's words so far, asks for. */
  purpose: Purpose;
  heard: string;
}

function purposeOf(held: Held): Purpose {
  const { text } = held.memory.words;
  if (text !== held.heard) {
    held.heard = text;
    held.purpose = readPurpose(text);
  }
  return held.purpose;
}

/** The line's port. `later` does work once the answer is on its way; without it, the next look does. */
export function portOf(
  memories: TaskMemories,
  later?: (work: () => void) => void,
): Pick<TaskMemories, 'look' | 'read'> {
  /** Tasks that read since the work was put off last. */
  const waiting = new Set<TaskId>();
  const settle = (): void => {
    const tasks = [...waiting];
    waiting.clear();
    for (const task of tasks) memories.settle(task);
  };
  return {
    look: (task, action) => memories.look(task, action),
    read: (task, performed, entry, said, about) => {
      memories.read(task, performed, entry, said, about);
      if (later === undefined) return;
      if (waiting.size === 0) later(settle);
      waiting.add(task);
    },
  };
}
