import { pinOf } from '@sallyport/core/catalogue/pin.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { callJsonLimits, emptyObject, type JsonObject, parseJson } from '@sallyport/core/model/json.ts';
import type { ActionClass, CatalogueServer, Tool } from '@sallyport/core/model/tool.ts';

/** The server that stands for what coding clients do by themselves, whichever client it is: policy sees the agent. */
export const workspace: ServerId = 'workspace';

export type WorkspaceTool =
  | 'shell'
  | 'read'
  | 'search'
  | 'write'
  | 'edit'
  | 'delete'
  | 'fetch'
  | 'web-search'
  | 'subagent'
  | 'mcp'
  | 'other'
  | 'self'
  /** In no catalogue: it is refused in every mode. */
  | 'sallyport-canary';

interface Described {
  readonly about: string;
  readonly classes: readonly ActionClass[];
  /** JSON Schema types by name; those with `?` may be absent. */
  readonly takes: Readonly<Record<string, 'string' | 'boolean' | 'strings'>>;
}

/**
 * Every client's own tools come down to these. Paths are relative to the folder that the session works in, and absolute
 * where they lead out of it.
 */
const described: Readonly<Record<Exclude<WorkspaceTool, 'sallyport-canary'>, Described>> = {
  shell: {
    about: 'Run a shell command',
    classes: ['write', 'code'],
    takes: { command: 'string', 'cwd?': 'string', 'background?': 'boolean', 'unsandboxed?': 'boolean' },
  },
  read: { about: 'Read a file', classes: ['read'], takes: { path: 'string' } },
  search: {
    about: 'Search files, or list a folder',
    classes: ['read'],
    takes: { 'query?': 'string', 'path?': 'string', 'paths?': 'strings' },
  },
  write: {
    about: 'Write a whole file',
    classes: ['write'],
    takes: { path: 'string', content: 'string' },
  },
  edit: {
    about: 'Change parts of files',
    classes: ['write'],
    takes: { paths: 'strings', content: 'string' },
  },
  delete: { about: 'Delete a file', classes: ['write', 'destructive'], takes: { path: 'string' } },
  fetch: { about: 'Fetch a page from the web', classes: ['read', 'egress'], takes: { url: 'string' } },
  'web-search': { about: 'Search the web', classes: ['read', 'egress'], takes: { query: 'string' } },
  subagent: { about: 'Hand work to a subagent', classes: ['read'], takes: { 'type?': 'string', 'prompt?': 'string' } },
  mcp: {
    about: 'Call a tool of an MCP server that the client runs by itself',
    classes: ['write', 'egress', 'code'],
    takes: { entry: 'string', tool: 'string', input: 'string' },
  },
  other: {
    about: 'A tool of the client that is not known here',
    classes: ['write', 'code'],
    takes: { tool: 'string', input: 'string' },
  },
  self: {
    about: 'What changes nothing but the client itself: a list of things to do, a question to its user',
    classes: ['read'],
    takes: { tool: 'string' },
  },
};

/** The catalogue's side of it. What every agent of a client does stands in one segment, so that it crosses into none. */
export function workspaceServer(segment: string, sha256: Sha256): CatalogueServer {
  const tools = Object.entries(described).map(([name, each]): [string, Tool] => {
    const definition = definitionOf(name, each);
    const fixed = { server: workspace, name, segment, status: { kind: 'pinned' } } as const;
    // Even what an edit answers with holds the file around it: nobody vouches for anything that a client brings.
    return [
      name,
      { ...fixed, definition, classes: each.classes, trustedResult: false, pin: pinOf(definition, sha256) },
    ];
  });
  const nothing = { prompts: [], resourceTemplates: [], instructions: undefined, capabilities: emptyObject };
  return { id: workspace, segment, tools: new Map(tools), ...nothing, advising: true };
}

function definitionOf(name: string, { about, takes }: Described): JsonObject {
  const entries = Object.entries(takes);
  const properties = entries.map(([key, type]) => [
    key.replace('?', ''),
    type === 'strings' ? { type: 'array', items: { type: 'string' } } : { type },
  ]);
  const required = entries.flatMap(([key]) => (key.endsWith('?') ? [] : [key]));
  const inputSchema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    required,
    additionalProperties: false,
  };
  const parsed = parseJson(JSON.stringify({ name, description: about, inputSchema }), callJsonLimits);
  if (!parsed.ok || parsed.node.kind !== 'object') throw new Error('a definition of ours cannot be read');
  return parsed.node;
}
