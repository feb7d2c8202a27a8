import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type JsonNode, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';

/** For tests of this room: reading `scenarios/attacks/*.json`. */

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

export function loadScenarios<T>(name: string): readonly T[] {
  const file = new URL(`../../scenarios/attacks/${name}`, import.meta.url);
  return expand(JSON.parse(readFileSync(file, 'utf8'))) as readonly T[];
}

export function parsed(text: string): JsonNode {
  const result = parseJson(text, resultJsonLimits);
  assert.ok(result.ok, `the scenario's own text is wrong: ${text.slice(0, 80)}`);
  return result.node;
}

/** The values as a server would send them; `{"$text":"…"}` is JSON text, for what JavaScript cannot hold. */
export function nodesOf(values: readonly unknown[]): JsonNode[] {
  return values.map(value => {
    const text =
      typeof value === 'object' && value !== null && '$text' in value ? String(value.$text) : JSON.stringify(value);
    return parsed(text);
  });
}

/** `{"$repeat":["x",3]}` is `"xxx"`, `{"$range":3}` is `[0,1,2]`, `{"$nest":2}` is two schemas in one another. */
function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value !== 'object' || value === null) return value;
  const { $repeat, $range, $nest } = value as { $repeat?: [string, number]; $range?: number; $nest?: number };
  if ($repeat !== undefined) return $repeat[0].repeat($repeat[1]);
  if ($range !== undefined) return Array.from({ length: $range }, (_, index) => index);
  if ($nest !== undefined)
    return $nest === 0 ? {} : { type: 'object', properties: { x: expand({ $nest: $nest - 1 }) } };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, expand(member)]));
}
