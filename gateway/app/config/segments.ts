import { workspace } from '../../transports/hook/tools.ts';
import type { PeerConfig } from '../../upstreams/a2a/config.ts';
import { credentialsIn, type ServerConfig } from '../../upstreams/config.ts';
import type { Fields } from '../../yaml/fields.ts';

/** A named group of servers, tools and credentials. What lies in no group is a segment of its own: every server by itself. */
export interface SegmentConfig {
  readonly id: string;
  readonly servers: readonly string[];
  /** `server/tool` of tools that lie elsewhere than their server. */
  readonly tools: readonly string[];
  readonly credentials: readonly string[];
}

const segmentIdPattern = /^[a-z0-9][a-z0-9-]{0,47}$/;

/** The section `segments`: by name. Throws `ConfigError` naming file, line and field. */
export function segmentsOf(section: Fields): SegmentConfig[] {
  return section.each(id => {
    if (!segmentIdPattern.test(id))
      throw section.wrong(id, 'is no name of a segment: lower-case letters, digits and `-`, at most 48');
    const fields = section.fields(id);
    const segment = {
      id,
      servers: fields.strings('servers') ?? [],
      tools: fields.strings('tools') ?? [],
      credentials: fields.strings('credentials') ?? [],
    };
    fields.done();
    return segment;
  });
}

/** What a segment is held against: what is configured. */
export interface Placing {
  readonly peers: readonly PeerConfig[];
  readonly servers: readonly ServerConfig[];
  readonly credentials: readonly string[];
  /** Whether clients ask here about their own tools: then there is a server `workspace`. */
  readonly hooks: boolean;
  readonly section: Fields;
}

export interface Segmented {
  readonly servers: readonly Pick<ServerConfig, 'segment' | 'tools'>[];
  readonly peers: readonly Pick<PeerConfig, 'segment'>[];
  readonly hooks: readonly object[];
  readonly workspaceSegment: string;
}

/**
 * The servers with the segments that they and their tools lie in. A member that does not exist, or that lies in two, is
 * an error: a wall that is somewhere else than it is thought to be is none. So is a credential that a server of another
 * segment is given: nothing that is granted in one is of use in another.
 */
export function placed(
  segments: readonly SegmentConfig[],
  { servers, peers, credentials, hooks, section }: Placing,
): ServerConfig[] {
  const placeOf = new Map<string, string>();
  for (const segment of segments) {
    for (const [kind, members] of Object.entries({
      server: segment.servers,
      tool: segment.tools,
      credential: segment.credentials,
    }))
      for (const member of members) {
        const key = `${kind} ${member}`;
        const other = placeOf.get(key);
        if (other !== undefined) throw section.wrong(segment.id, `has the ${key}, which lies in \`${other}\` already`);
        if (
          !exists(
            kind,
            member,
            hooks ? [...servers.map(({ id }) => id), workspace] : servers.map(({ id }) => id),
            credentials,
          )
        )
          throw section.wrong(segment.id, `has the ${key}, and there is none`);
        placeOf.set(key, segment.id);
      }
  }
  const moved = servers.map(server => inPlace(server, placeOf, section));
  const given = moved.map(({ id, segment, launch }) => ({
    what: `server ${id}`,
    segment,
    names: credentialsIn(launch),
  }));
  const shown = peers.map(({ id, segment, headers }) => {
    const names = credentialsIn({ kind: 'http', url: '', headers });
    return { what: `other agent ${id}`, segment, names };
  });
  for (const { what, segment, names } of [...given, ...shown])
    for (const name of names) {
      const home = placeOf.get(`credential ${name}`) ?? segment;
      if (home !== segment)
        throw section.wrong(home, `has the credential ${name}, which the ${what} of \`${segment}\` is given`);
    }
  return moved;
}

function inPlace(server: ServerConfig, placeOf: ReadonlyMap<string, string>, section: Fields): ServerConfig {
  const segment = placeOf.get(`server ${server.id}`);
  if (segment !== undefined && server.segment !== server.id && server.segment !== segment)
    throw section.wrong(segment, `has the server ${server.id}, which names \`${server.segment}\` as its segment`);
  const tools = { ...server.tools };
  for (const [key, home] of placeOf) {
    const name = key.startsWith(`tool ${server.id}/`) ? key.slice(`tool ${server.id}/`.length) : undefined;
    if (name !== undefined) tools[name] = { ...tools[name], segment: home };
  }
  return { ...server, segment: segment ?? server.segment, tools };
}

/** A server's tools are not known before it is reached. */
function exists(kind: string, member: string, servers: readonly string[], credentials: readonly string[]): boolean {
  if (kind === 'credential') return credentials.includes(member);
  const server = kind === 'tool' ? member.slice(0, Math.max(0, member.indexOf('/'))) : member;
  return servers.includes(server);
}

/** Where clients' own tools lie: with the servers that a segment names beside them, or by themselves. */
export function workspaceSegment(segments: readonly SegmentConfig[]): string {
  return segments.find(({ servers }) => servers.includes(workspace))?.id ?? workspace;
}

/** Every segment in which something lies that a task could call. */
export function segmentIds({ servers, peers, hooks, workspaceSegment: own }: Segmented): ReadonlySet<string> {
  const moved = servers.flatMap(({ tools = {} }) => Object.values(tools).flatMap(({ segment }) => segment ?? []));
  const homes = [...servers, ...peers].map(({ segment }) => segment);
  return new Set([...homes, ...moved, ...(hooks.length > 0 ? [own] : [])]);
}
