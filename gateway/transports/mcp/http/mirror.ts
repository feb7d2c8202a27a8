import type { World } from '@sallyport/core/mediate/ports.ts';
import { type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { findTool } from '@sallyport/core/model/tool.ts';
import type { Headers } from '../../http/headers.ts';
import { routeName, type Scope } from '../names.ts';
import { headerMismatch, type Malformed } from '../wire/malformed.ts';
import type { RequestMessage } from '../wire/message.ts';
import { requestRows } from '../wire/methods.ts';

/**
 * 2026-07-28, "Server Validation": what the headers repeat of the body must be what the body says, because somebody on
 * the way may have believed the headers. The body alone is decided on.
 */
export function mirrorFault(
  message: RequestMessage,
  headers: Headers,
  scope: Scope,
  world: World,
): Malformed | undefined {
  const method = headers.get('mcp-method');
  if (method === undefined) return headerMismatch('mcp-method', 'is required in this protocol version');
  if (method !== message.method) return headerMismatch('mcp-method', 'must repeat the method in the body');
  const source = requestRows.get(message.method)?.mirrored;
  const value = source && stringMember(message.params, source);
  if (value !== undefined) {
    const fault = nameFault(value, headers, `params.${source}`);
    if (fault !== undefined) return fault;
  }
  return message.method === 'tools/call' ? paramFault(message.params, headers, scope, world) : undefined;
}

function nameFault(value: string, headers: Headers, source: string): Malformed | undefined {
  const header = headers.get('mcp-name');
  if (header === undefined) return headerMismatch('mcp-name', 'is required for this method');
  return decoded(header) === value ? undefined : headerMismatch('mcp-name', `must repeat ${source} in the body`);
}

/** `Mcp-Param-*` for the properties that the tool's pinned schema marks with `x-mcp-header`; others mean nothing to us. */
function paramFault(params: JsonObject, headers: Headers, scope: Scope, world: World): Malformed | undefined {
  const routed = routeName(scope, stringMember(params, 'name') ?? '');
  const tool = routed && findTool(world.catalogue, routed.server, routed.name);
  if (tool === undefined) return undefined; // the line refuses it
  for (const { header, path } of declarationsOf(tool.definition)) {
    const value = path.reduce<JsonNode | undefined>(member, params.members.get('arguments'));
    const sent = headers.get(header);
    const absent = value === undefined || value.kind === 'null';
    if (absent && sent !== undefined) return headerMismatch(header, 'is sent for an argument that is not');
    if (absent) continue;
    if (sent === undefined) return headerMismatch(header, 'is required for an argument that is sent');
    if (!repeats(decoded(sent), value)) return headerMismatch(header, 'must repeat the argument in the body');
  }
  return undefined;
}

function repeats(text: string | undefined, value: JsonNode): boolean {
  if (text === undefined) return false;
  switch (value.kind) {
    case 'string':
      return text === value.value;
    case 'boolean':
      return text === String(value.value);
    case 'number':
      return /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) && Number(text) === value.value;
    default:
      return false;
  }
}

const sentinel = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/** The value of a header that may use the Base64 form; undefined if it claims to and does not decode cleanly. */
export function decoded(header: string): string | undefined {
  if (!header.startsWith('=?base64?') || !header.endsWith('?=')) return header;
  const encoded = sentinel.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // Other spellings of the same bytes are refused: one value, one header.
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

interface Declaration {
  /** Lower case, `mcp-param-region`. */
  readonly header: string;
  readonly path: readonly string[];
}

const declarations = new WeakMap<JsonObject, readonly Declaration[]>();

function declarationsOf(definition: JsonObject): readonly Declaration[] {
  const known = declarations.get(definition);
  if (known !== undefined) return known;
  const found: Declaration[] = [];
  collect(member(definition, 'inputSchema'), [], found);
  declarations.set(definition, found);
  return found;
}

/** Along `properties` only: nothing else is statically reachable (2026-07-28, "Schema Extension"). */
function collect(schema: JsonNode | undefined, path: readonly string[], found: Declaration[]): void {
  const properties = member(schema, 'properties');
  if (properties?.kind !== 'object') return;
  for (const [name, property] of properties.members) {
    const at = [...path, name];
    const header = stringMember(property, 'x-mcp-header');
    if (header !== undefined && header !== '') found.push({ header: `mcp-param-${header.toLowerCase()}`, path: at });
    collect(property, at, found);
  }
}
