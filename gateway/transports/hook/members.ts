import {
  emptyObject,
  type JsonNode,
  type JsonObject,
  parseJson,
  resultJsonLimits,
} from '@sallyport/core/model/json.ts';

/** Texts and objects of a hook's body, under the first of the names that clients have for them. */
export function textOf(body: JsonObject, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const node = body.members.get(name);
    if (node?.kind === 'string') return node.value;
  }
  return undefined;
}

export function nodeOf(body: JsonObject, ...names: readonly string[]): JsonNode | undefined {
  return names.map(name => body.members.get(name)).find(node => node !== undefined);
}

/** An object, or the text of one (Cursor, Copilot CLI); undefined where it is neither. */
export function objectOf(body: JsonObject, ...names: readonly string[]): JsonObject | undefined {
  const node = nodeOf(body, ...names);
  if (node === undefined || node.kind === 'null') return emptyObject;
  if (node.kind === 'object') return node;
  if (node.kind !== 'string') return undefined;
  const parsed = parseJson(node.value, hookJsonLimits);
  return parsed.ok && parsed.node.kind === 'object' ? parsed.node : undefined;
}

/** Clients send numbers of their own (times, durations) that nobody here computes with. */
export const hookJsonLimits = { ...resultJsonLimits, inexactNumbers: 'keep' } as const;
