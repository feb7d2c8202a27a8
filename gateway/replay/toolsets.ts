import { buildCatalogue, type ServerTerms } from '@sallyport/core/catalogue/build.ts';
import { meet } from '@sallyport/core/catalogue/pins.ts';
import { readTools } from '@sallyport/core/catalogue/read.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import { type ServerId, serverIdPattern } from '@sallyport/core/model/ids.ts';
import {
  emptyObject,
  type JsonNode,
  type JsonObject,
  member,
  parseJsonBytes,
  resultJsonLimits,
} from '@sallyport/core/model/json.ts';
import type { Catalogue, CatalogueServer } from '@sallyport/core/model/tool.ts';
import { ReplayFault } from './fault.ts';

/** The toolsets of a TOOLS.json as servers of a catalogue, so that the line finds its tools where it always does. */
export interface Toolsets {
  readonly catalogue: Catalogue;
  readonly byName: ReadonlyMap<string, Toolset>;
}

export interface Toolset {
  /** The toolset's name where that can be a server's id, else made of it: policies name `<server>/<tool>`. */
  readonly server: ServerId;
  /** Tools that cannot be registered, by name as it may be shown, and why. */
  readonly refused: ReadonlyMap<string, string>;
  /** Why there is no such toolset; every tool of it is unknown. */
  readonly missing?: string;
}

/**
 * Reads `{"<toolset>": [<tool>, …]}`, each tool as in MCP `tools/list`; `{"tools": […]}` in place of the list is
 * accepted. All of it counts as first contact: what is clean is pinned, the rest is quarantined as it would be on the
 * wire. Toolsets are not neighbours in one installation, so that alike names in two of them are no concern.
 *
 * `terms`: what an operator says of servers, by their names.
 */
export function readToolsets(
  bytes: Uint8Array,
  path: string,
  sha256: Sha256,
  terms: readonly ServerTerms[] = [],
): Toolsets {
  const parsed = parseJsonBytes(bytes, { ...resultJsonLimits, inexactNumbers: 'keep' });
  if (!parsed.ok) throw new ReplayFault(`${path}: ${parsed.fault.path || 'the file'}: ${parsed.fault.message}`);
  if (parsed.node.kind !== 'object')
    throw new ReplayFault(`${path}: the file must be a JSON object of toolset names and lists of tools`);
  const servers = new Map<ServerId, CatalogueServer>();
  const byName = new Map<string, Toolset>();
  for (const [name, value] of parsed.node.members) {
    const list = value.kind === 'array' ? value : member(value, 'tools');
    if (list?.kind !== 'array') throw new ReplayFault(`${path}: ${JSON.stringify(name)} must be a list of tools`);
    const id = serverIdOf(name, servers);
    const said = terms.find(each => each.id === id) ?? { id, segment: id };
    const { server, refused } = serverOf(said, list.items, sha256);
    servers.set(id, server);
    byName.set(name, { server: id, refused });
  }
  return { catalogue: { servers }, byName };
}

/** The servers of a catalogue as toolsets of the same names. */
export function toolsetsOf(catalogue: Catalogue): Toolsets {
  const byName = [...catalogue.servers.keys()].map((id): [string, Toolset] => [id, { server: id, refused: new Map() }]);
  return { catalogue, byName: new Map(byName) };
}

function serverOf(terms: ServerTerms, list: readonly JsonNode[], sha256: Sha256) {
  const { id } = terms;
  const { items, refused } = readTools(list.map(withSchema), sha256);
  const { pins } = meet(undefined, { items, capabilities: emptyObject, whole: true }, 0);
  const server = buildCatalogue([terms], new Map([[id, pins]]), sha256).servers.get(id);
  if (server === undefined) throw new ReplayFault(`the toolset ${id} could not be read`);
  return { server, refused: new Map(refused.map(({ shown, why }) => [shown, why])) };
}

/** A recorded tool without a schema takes anything: there is nothing to hold its arguments against. */
function withSchema(tool: JsonNode): JsonNode {
  if (tool.kind !== 'object' || tool.members.has('inputSchema')) return tool;
  return { kind: 'object', members: new Map([...tool.members, ['inputSchema', anyArguments]]) };
}

const anyArguments: JsonObject = {
  kind: 'object',
  members: new Map<string, JsonNode>([
    ['type', { kind: 'string', value: 'object' }],
    ['additionalProperties', { kind: 'boolean', value: true }],
  ]),
};

function serverIdOf(name: string, taken: ReadonlyMap<string, unknown>): ServerId {
  if (serverIdPattern.test(name) && !taken.has(name)) return name;
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  for (let count = 1; ; count++) {
    const end = count === 1 ? '' : `-${count}`;
    const id = `${plain.slice(0, 24 - end.length) || 'tools'}${end}`;
    if (!taken.has(id)) return id;
  }
}
