import type { JsonNode } from './json.ts';

/** Laid out for reading, a member and an item a line, in the order in which they are sent; numbers keep their text. */
export function laidOut(node: JsonNode, indent = ''): string {
  const inner = `${indent}  `;
  switch (node.kind) {
    case 'string':
      return JSON.stringify(node.value);
    case 'number':
      return node.text;
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'array':
      return node.items.length === 0
        ? '[]'
        : `[\n${node.items.map(item => inner + laidOut(item, inner)).join(',\n')}\n${indent}]`;
    case 'object': {
      const members = [...node.members].map(
        ([name, value]) => `${inner}${JSON.stringify(name)}: ${laidOut(value, inner)}`,
      );
      return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
    }
  }
}
