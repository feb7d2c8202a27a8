import type { JsonNode, JsonObject } from '@sallyport/core/model/json.ts';

/** A copy with one member set; where it was already, it keeps its place, else it comes last. */
export function withMember(object: JsonObject, name: string, value: JsonNode): JsonObject {
  return { kind: 'object', members: new Map(object.members).set(name, value) };
}

export function withoutMembers(object: JsonObject, names: readonly string[]): JsonObject {
  if (!names.some(name => object.members.has(name))) return object;
  const members = new Map(object.members);
  for (const name of names) members.delete(name);
  return { kind: 'object', members };
}

/** Applies `change` to every item of the array at `name`; the very same object if nothing changed. */
export function mapItems(object: JsonObject, name: string, change: (item: JsonNode) => JsonNode): JsonObject {
  const array = object.members.get(name);
  if (array?.kind !== 'array') return object;
  const items = array.items.map(change);
  if (items.every((item, index) => item === array.items[index])) return object;
  return withMember(object, name, { kind: 'array', items });
}

/** Applies `change` to the member `name` if it is there. */
export function mapMember(node: JsonNode, name: string, change: (value: JsonNode) => JsonNode): JsonNode {
  const value = node.kind === 'object' ? node.members.get(name) : undefined;
  if (node.kind !== 'object' || value === undefined) return node;
  const changed = change(value);
  return changed === value ? node : withMember(node, name, changed);
}

export function mapString(node: JsonNode, change: (value: string) => string): JsonNode {
  return node.kind === 'string' ? { kind: 'string', value: change(node.value) } : node;
}

/** The text of an object with one more member in front: cheaper than rebuilding a large result. */
export function prefixed(objectText: string, memberText: string): string {
  return objectText === '{}' ? `{${memberText}}` : `{${memberText},${objectText.slice(1)}`;
}
