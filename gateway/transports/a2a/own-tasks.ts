import { type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import type { Owner } from './ids.ts';

/** Tasks of which it is known whose they are; the oldest are forgotten. */
const ownTasksMax = 10_000;

/**
 * Which tasks of other agents were given to whom, as far as this run of the gateway has seen: a list that an agent gives
 * holds those of everybody it works for, and each reader is shown its own. What is not known is shown to nobody.
 */
export class OwnTasks {
  readonly #owners = new Map<string, string>();

  note(id: string, owner: Owner): void {
    const key = keyOf(id, owner);
    if (this.#owners.has(key)) return;
    this.#owners.set(key, nameOf(owner));
    const oldest = this.#owners.keys().next().value;
    if (this.#owners.size > ownTasksMax && oldest !== undefined) this.#owners.delete(oldest);
  }

  /** Every task that an answer names. */
  noteAll(said: JsonObject, owner: Owner, isTask: boolean): void {
    const inner = isTask ? said : member(said, 'task');
    const update = member(said, 'statusUpdate') ?? member(said, 'artifactUpdate') ?? member(said, 'message');
    for (const id of [stringMember(inner, 'id'), stringMember(update, 'taskId')])
      if (id !== undefined && id !== '') this.note(id, owner);
  }

  /** A list of tasks without those that are not this reader's, and without a word about how many those are. */
  only(list: JsonObject, owner: Owner): JsonObject {
    const tasks = member(list, 'tasks');
    const items = tasks?.kind === 'array' ? tasks.items : [];
    const own = items.filter(item => this.isOf(stringMember(item, 'id') ?? '', owner));
    const size: JsonNode = { kind: 'number', value: own.length, text: String(own.length) };
    const members = new Map(list.members).set('tasks', { kind: 'array', items: own });
    for (const name of ['totalSize', 'pageSize']) members.set(name, size);
    return { kind: 'object', members };
  }

  isOf(id: string, owner: Owner): boolean {
    return this.#owners.get(keyOf(id, owner)) === nameOf(owner);
  }
}

function keyOf(id: string, { peer }: Owner): string {
  return JSON.stringify([peer, id]);
}

function nameOf({ agent, principal }: Owner): string {
  return JSON.stringify([agent, principal]);
}
