import { fileURLToPath } from 'node:url';
import { type Document, isMap, parseDocument } from 'yaml';
import { freeCredential } from './credential-name.ts';
import type { KeyPlace } from './key-store.ts';
import { type Described, type Env, isSecret } from './shape.ts';

/** A server that moves from a client's file into the gateway's configuration. */
export interface MovedServer {
  readonly id: string;
  /** With the folder that the client ran it in. */
  readonly described: Exclude<Described, { kind: 'other' }>;
}

export interface Additions {
  readonly servers: readonly MovedServer[];
  /** Agents, one for each client, each with an entry of the same name. */
  readonly clients: readonly string[];
  /** Clients whose hooks lead here, with their own names for servers that do. */
  readonly hooks: readonly { readonly client: string; readonly servers: Readonly<Record<string, string>> }[];
  readonly principal: string;
  /** The home folder that servers had before. */
  readonly home: string;
  /** Says where a key of this credential will lie. */
  readonly keep: (credential: string, secret: string) => KeyPlace;
}

export const packDir = fileURLToPath(new URL('../../policies', import.meta.url));

/** A first configuration: everything is observed, nothing is refused yet. */
export function firstConfig(policies: string): string {
  return `# Written by \`sallyport wrap\`, and yours to change (docs/reference/configuration.md).
# Observe shows what happens and refuses nothing that policy would. \`sallyport mode\` changes it.
mode: observe
policies: ${JSON.stringify(policies)} # the default pack; copy it to change it
`;
}

/** The configuration with what is new. What stands there already stays as it is, comments included. */
export function extendedConfig(text: string, additions: Additions): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new SyntaxError(document.errors[0]?.message.split('\n', 1)[0] ?? 'is not YAML');
  for (const server of additions.servers) addServer(document, server, additions);
  const beside = [...additions.servers.map(({ id }) => id), ...(additions.hooks.length > 0 ? ['workspace'] : [])];
  if (beside.length > 0) addToSegment(document, beside);
  for (const client of additions.clients) addAgent(document, client, additions.principal);
  for (const hook of additions.hooks) addHook(document, hook, additions.principal);
  return document.toString({ lineWidth: 0 });
}

/** Server ids with what they run, to find the same again. */
export function serversOf(text: string): ReadonlyMap<string, unknown> {
  const servers: unknown = parseDocument(text).get('servers', true);
  return new Map(isMap(servers) ? Object.entries(servers.toJSON() as Record<string, unknown>) : []);
}

function addServer(document: Document, { id, described }: MovedServer, additions: Additions): void {
  const secretOf = (name: string, value: string): { credential: string } => {
    const credential = freeCredential(document, `${id}-${name}`);
    document.setIn(['credentials', credential], document.createNode(additions.keep(credential, value)));
    return { credential };
  };
  const node =
    described.kind === 'stdio'
      ? {
          command: described.command,
          args: described.args,
          env: { HOME: additions.home, ...variables(described.env, secretOf) },
          ...(described.cwd === undefined ? {} : { cwd: described.cwd }),
        }
      : { url: described.url, headers: headers(described.headers, secretOf) };
  document.setIn(['servers', id], document.createNode(node));
}

/** What worked side by side before goes on doing so: otherwise every step from one server to the next would be a question. */
function addToSegment(document: Document, servers: readonly string[]): void {
  const path = ['segments', 'laptop', 'servers'];
  const there: unknown = document.hasIn(path) ? (document.getIn(path) as { toJSON: () => unknown }).toJSON() : [];
  document.setIn(path, document.createNode([...new Set([...(Array.isArray(there) ? there : []), ...servers])]));
}

type SecretOf = (name: string, value: string) => { credential: string };

function variables(env: Env, secretOf: SecretOf): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, isSecret(name, value) ? secretOf(name, value) : value]),
  );
}

/** What a header carries to a server is a secret unless its name says that it is none. */
function headers(all: Env, secretOf: SecretOf): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => {
      const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9-]{0,31}) +(\S.*)$/.exec(value) ?? [];
      if (/^authorization$/i.test(name) && scheme !== undefined && rest !== undefined)
        return [name, { ...secretOf(name, rest), scheme }];
      return [
        name,
        /^(?:x-)?(?:accept|client|version|region|user-agent)/i.test(name) ? { value } : secretOf(name, value),
      ];
    }),
  );
}

function addAgent(document: Document, client: string, principal: string): void {
  if (document.hasIn(['agents', client])) return;
  document.setIn(['agents', client], document.createNode({ principal, classes: ['developer'], entries: [client] }));
}

/** Its subagents are an agent of their own: policy and the record tell them apart. */
function addHook(document: Document, { client, servers }: Additions['hooks'][number], principal: string): void {
  addAgent(document, client, principal);
  const subagents = `${client}.subagent`;
  if (!document.hasIn(['agents', subagents]))
    document.setIn(['agents', subagents], document.createNode({ principal, classes: ['developer'] }));
  if (!document.hasIn(['hooks', client]))
    document.setIn(['hooks', client], document.createNode({ agent: client, subagents }));
  for (const [name, server] of Object.entries(servers)) document.setIn(['hooks', client, 'servers', name], server);
}
