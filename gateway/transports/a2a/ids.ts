import type { Digest } from '@sallyport/core/model/action.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, type JsonObject, stringMember } from '@sallyport/core/model/json.ts';
import { createSeal, type Seal } from '../mcp/seal.ts';

/** Whose ids they are: an agent working for a principal, at one other agent. */
export interface Owner {
  readonly peer: ServerId;
  readonly agent: string;
  readonly principal: string;
}

/** Names of tasks that an agent gave, and of the conversations that they belong to. */
type IdKind = 'task' | 'context';

/**
 * The ids under which an agent knows tasks and contexts of another: sealed, and bound to who they were given to. Of what is
 * not its own an agent learns nothing: a foreign id, an invented one and one that was edited are the same to it (A2A 1.0 §13.1).
 * Nothing is remembered, so they outlive a restart.
 */
export class PeerIds {
  readonly #seal: Seal;

  /** `digest` is keyed with this installation's key, and gives 32 bytes. */
  constructor(digest: Digest) {
    this.#seal = createSeal(Buffer.from(digest('sallyport a2a id key v1'), 'base64url'), 'sallyport a2a id v1');
  }

  close(kind: IdKind, id: string, { peer, agent, principal }: Owner): string {
    return id === '' ? '' : this.#seal.close(JSON.stringify([kind, peer, agent, principal, id]));
  }

  open(kind: IdKind, sealed: string, { peer, agent, principal }: Owner): string | undefined {
    const text = this.#seal.open(sealed);
    if (text === undefined) return undefined;
    const [ofKind, ofPeer, ofAgent, ofPrincipal, id] = JSON.parse(text) as string[];
    return ofKind === kind && ofPeer === peer && ofAgent === agent && ofPrincipal === principal ? id : undefined;
  }

  /** What the other agent said, with the ids that its reader knows. What lies in parts and metadata is left as it is. */
  outward(node: JsonObject, owner: Owner, isTask = false): JsonObject {
    return mapped(node, isTask, (kind, id) => this.close(kind, id, owner));
  }

  /**
   * What an agent sends, with the other one's own ids; undefined if it names one that it was not given. In a message an empty id is
   * one that is left out; where an operation names its task by it (REQUIRED in `specification/a2a.proto`) it is none.
   */
  inward(node: JsonObject, owner: Owner, isTask = false): JsonObject | undefined {
    let foreign = stringMember(node, 'taskId') === '' || (isTask && stringMember(node, 'id') === '');
    const opened = mapped(node, isTask, (kind, sealed) => {
      const id = sealed === '' ? '' : this.open(kind, sealed, owner);
      foreign ||= id === undefined;
      return id ?? '';
    });
    return foreign ? undefined : opened;
  }
}

/** Members in which tasks and messages lie, and whether each is a task. */
const below: ReadonlyMap<string, boolean> = new Map([
  ['task', true],
  ['tasks', true],
  ['message', false],
  ['history', false],
  ['status', false],
  ['statusUpdate', false],
  ['artifactUpdate', false],
  ['configs', false],
  ['configuration', false],
  ['taskPushNotificationConfig', false],
]);

function mapped(node: JsonObject, isTask: boolean, map: (kind: IdKind, id: string) => string): JsonObject {
  const members = [...node.members].map(([name, value]): [string, JsonNode] => {
    const text = (kind: IdKind, one: JsonNode): JsonNode =>
      one.kind === 'string' ? { kind: 'string', value: map(kind, one.value) } : one;
    if (name === 'contextId') return [name, text('context', value)];
    if (name === 'taskId' || (name === 'id' && isTask)) return [name, text('task', value)];
    if (name === 'referenceTaskIds' && value.kind === 'array')
      return [name, { kind: 'array', items: value.items.map(one => text('task', one)) }];
    const inner = below.get(name);
    return [name, inner === undefined ? value : insideOf(value, inner, map)];
  });
  return { kind: 'object', members: new Map(members) };
}

function insideOf(node: JsonNode, isTask: boolean, map: (kind: IdKind, id: string) => string): JsonNode {
  if (node.kind === 'object') return mapped(node, isTask, map);
  return node.kind === 'array' ? { kind: 'array', items: node.items.map(item => insideOf(item, isTask, map)) } : node;
}
