import type { Sha256 } from '../model/action.ts';
import type { JsonNode, JsonObject } from '../model/json.ts';

/** SHA-256 of the definition's sorted normal form, base64url: what an operator accepts and every decision names. */
export function pinOf(definition: JsonObject, sha256: Sha256): string {
  return sha256(`sallyport pin v1\n${sortedText(definition)}`);
}

/**
 * The normal form with members in code unit order, so that a server that shuffles them has not changed anything.
 * Number text stays as it came: `1` and `1.0` are two definitions.
 */
export function sortedText(node: JsonNode): string {
  switch (node.kind) {
    case 'string':
      return JSON.stringify(node.value);
    case 'number':
      return node.text;
    case 'boolean':
      return node.value ? 'true' : 'false';
    case 'null':
      return 'null';
    case 'array':
      return `[${node.items.map(sortedText).join(',')}]`;
    case 'object': {
      const names = [...node.members.keys()].sort();
      return `{${names.map(name => memberText(node, name)).join(',')}}`;
    }
  }
}

function memberText(node: JsonObject, name: string): string {
  const value = node.members.get(name);
  return value === undefined ? '' : `${JSON.stringify(name)}:${sortedText(value)}`;
}
