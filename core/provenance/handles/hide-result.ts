import { type JsonNode, type JsonObject, member, stringMember } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import type { HeldValue } from './handle.ts';
import { Hider, type Hiding, NoRoom } from './hide.ts';
import { roomOf } from './room.ts';

export type HiddenResult =
  | {
      readonly ok: true;
      /** What the agent is shown. */
      readonly result: JsonObject;
      readonly held: readonly HeldValue[];
      /** Of what it is shown. */
      readonly labels: readonly Label[];
    }
  | { readonly ok: false; readonly why: string };

/** The results in which values can be kept from an agent: of other methods nothing is taken apart. */
export const hidingMethods: ReadonlySet<string> = new Set(['tools/call', 'resources/read']);

/**
 * A result with handles in place of what outside may have written. Only members that the protocol gives a meaning are passed
 * on (MCP 2025-11-25 and 2026-07-28, `CallToolResult`, `ReadResourceResult`): `_meta` and what else a server puts there is not. Where there
 * is no room for a handle, the whole result is kept back, and `why` says so without a value.
 */
export function hideResult(method: string, input: JsonObject, result: JsonObject, hiding: Hiding): HiddenResult {
  const hider = new Hider(hiding);
  try {
    const shown = method === 'tools/call' ? toolResult(result, hider, hiding) : resourceResult(input, result, hider);
    return { ok: true, result: shown, held: hider.held, labels: hider.labels };
  } catch (thrown) {
    if (thrown instanceof NoRoom) return { ok: false, why: thrown.message };
    throw thrown;
  }
}

function toolResult(result: JsonObject, hider: Hider, { tool }: Hiding): JsonObject {
  const type = stringMember(result, 'resultType');
  if (type !== undefined && type !== 'complete')
    throw new NoRoom('its server asks back or goes on by itself, and its words cannot be kept back then');
  const failed = member(result, 'isError');
  const isError = failed?.kind === 'boolean' && failed.value;
  const listed = member(result, 'content');
  const blocks = listed?.kind === 'array' ? listed.items : [];
  const content = blocks.map((block, index) => {
    const text = blockText(block, `content[${index}]`, hider, isError);
    return text === undefined ? block : textBlock(text);
  });
  const structured = isError ? undefined : member(result, 'structuredContent');
  const shown =
    structured === undefined ? undefined : hider.node(structured, 'structuredContent', roomOf(tool.definition));
  const told = hider.held.length === 0 ? [] : [textBlock(explanation)];
  const members = new Map<string, JsonNode>([['content', { kind: 'array', items: [...content, ...told] }]]);
  if (shown !== undefined) members.set('structuredContent', shown);
  if (failed !== undefined) members.set('isError', { kind: 'boolean', value: isError });
  if (type !== undefined) members.set('resultType', { kind: 'string', value: type });
  return { kind: 'object', members };
}

/** The one sentence that tells an agent what it may do with them. */
const explanation =
  'Words starting with hv_ are handles: they stand for values that were written by others and are kept from you. Give one as the whole value of an argument, or as a word by itself inside a text, and the value goes in its place.';

function blockText(block: JsonNode, path: string, hider: Hider, isError: boolean): string | undefined {
  const text = stringMember(block, 'text');
  if (stringMember(block, 'type') === 'text' && text !== undefined)
    return isError ? hider.whole(text, `${path}.text`) : hider.text(text, `${path}.text`);
  // Pictures, sounds, links and embedded resources: what they are called is somebody's words as well.
  return hider.whole(stringMember(block, 'data') ?? stringMember(block, 'uri') ?? embeddedText(block), path);
}

function embeddedText(block: JsonNode): string {
  const resource = member(block, 'resource');
  return stringMember(resource, 'text') ?? stringMember(resource, 'blob') ?? '';
}

function textBlock(value: string): JsonNode {
  const members = new Map<string, JsonNode>([
    ['type', { kind: 'string', value: 'text' }],
    ['text', { kind: 'string', value }],
  ]);
  return { kind: 'object', members };
}

/** The address is the one that was asked for, whatever the server calls its parts. */
function resourceResult(input: JsonObject, result: JsonObject, hider: Hider): JsonObject {
  const listed = member(result, 'contents');
  const uri = stringMember(input, 'uri') ?? '';
  const contents = (listed?.kind === 'array' ? listed.items : []).map((part, index): JsonNode => {
    const path = `contents[${index}]`;
    const text = stringMember(part, 'text');
    const value = text === undefined ? hider.whole(stringMember(part, 'blob') ?? '', path) : hider.text(text, path);
    if (value === undefined) return part;
    return {
      kind: 'object',
      members: new Map<string, JsonNode>([
        ['uri', { kind: 'string', value: uri }],
        ['text', { kind: 'string', value }],
      ]),
    };
  });
  return { kind: 'object', members: new Map<string, JsonNode>([['contents', { kind: 'array', items: contents }]]) };
}
