import type { ServerTerms, ToolTerms } from '@sallyport/core/catalogue/build.ts';
import { staysOnThisMachine } from '@sallyport/core/facts/url.ts';
import { serverIdPattern } from '@sallyport/core/model/ids.ts';
import type { CredentialRef } from './credentials.ts';

/** One server as the operator configured it. Only the operator's file says what is run; no client ever does. */
export interface ServerConfig extends ServerTerms {
  readonly launch: Launch;
}

/** What the operator says about one tool. */
export type ToolOverride = ToolTerms;

/** Variables of a child: texts that are not secret, and credentials that are issued when it starts. */
export type ChildEnvironment = Readonly<Record<string, string | CredentialRef>>;

/** A header's value. `file` is read whenever a connection is opened, so that a secret can be rotated. */
export type HeaderSource = { readonly file: string } | { readonly value: string } | CredentialRef;

/** The credentials that a server is given, by name. */
export function credentialsIn(launch: Launch): string[] {
  const places = Object.values<string | HeaderSource>(launch.kind === 'http' ? launch.headers : launch.env);
  return places.flatMap(place => (typeof place === 'object' && 'credential' in place ? [place.credential] : []));
}

export type Launch = PackageLaunch | CommandLaunch | HttpLaunch;

/** An npm package that is installed already; nothing is ever downloaded. Its own command is run with the gateway's Node. */
export interface PackageLaunch {
  readonly kind: 'package';
  readonly name: string;
  /** The directory whose `node_modules`, or a parent's, holds the package. */
  readonly from: string;
  readonly args: readonly string[];
  readonly env: ChildEnvironment;
  readonly cwd?: string;
}

/** A program, run without a shell. `node` is the gateway's own Node. */
export interface CommandLaunch {
  readonly kind: 'command';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: ChildEnvironment;
  readonly cwd?: string;
}

/** A Streamable HTTP endpoint. */
export interface HttpLaunch {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, HeaderSource>>;
}

/** What is wrong with a configuration, in words that name the server and the field. Empty means nothing. */
export function serverFaults(servers: readonly ServerConfig[]): string[] {
  const seen = new Set<string>();
  return servers.flatMap(server => {
    const twice = seen.has(server.id);
    seen.add(server.id);
    const faults = [
      !serverIdPattern.test(server.id) && 'the id must be 1 to 24 of a-z 0-9 -, and begin with a letter or digit',
      twice && 'the id stands twice',
      ...launchFaults(server.launch),
    ];
    return faults.filter(fault => fault !== false).map(fault => `server ${JSON.stringify(server.id)}: ${fault}`);
  });
}

function launchFaults(launch: Launch): (string | false)[] {
  if (launch.kind === 'http') return httpFaults(launch);
  const named = launch.kind === 'package' ? launch.name : launch.command;
  const odd = [
    named,
    ...launch.args,
    ...Object.entries(launch.env)
      .flat()
      .filter(text => typeof text === 'string'),
  ].some(text => text.includes('\0'));
  return [
    named === '' && `${launch.kind} is empty`,
    launch.kind === 'package' &&
      !packageName.test(launch.name) &&
      `package: ${JSON.stringify(launch.name)} is not the name of an npm package`,
    odd && 'a command, argument or variable holds a NUL character',
  ];
}

const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** Headers that the transport itself writes. */
const ownHeaders =
  /^(?:host|content-.*|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|accept|accept-encoding|mcp-.*|last-event-id|proxy-.*)$/i;

function httpFaults({ url, headers }: HttpLaunch): (string | false)[] {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return ['url: it must begin with http:// or https://'];
  const secret = Object.values(headers).length > 0;
  return [
    parsed.username + parsed.password !== '' && 'url: credentials do not belong into it; use headers with file:',
    parsed.hash !== '' && 'url: a fragment is never sent; remove it',
    secret &&
      parsed.protocol === 'http:' &&
      !staysOnThisMachine(parsed.hostname) &&
      'headers: they may hold secrets; use https',
    ...Object.keys(headers).map(
      name =>
        !/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(name) && `headers: ${JSON.stringify(name)} is not a header name`,
    ),
    ...Object.keys(headers).map(name => ownHeaders.test(name) && `headers: ${name} is written by the gateway itself`),
  ];
}
