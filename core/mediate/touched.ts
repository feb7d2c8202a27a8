import { hostOf, readingsOf } from '../facts/url.ts';
import type { Action } from '../model/action.ts';
import { member, stringMember } from '../model/json.ts';
import type { Manifest } from '../model/task.ts';
import { labellingOf, type Tool, toolKey } from '../model/tool.ts';
import { type Sink, sinksOf } from '../provenance/call/sinks.ts';
import { isGrouped, squeezed } from '../provenance/spelling/fold.ts';
import type { Touched } from '../task/manifest.ts';

/**
 * What an action touches, as far as its arguments say so: where it goes (addresses, accounts, whom it names), and what it is
 * done to (paths, identifiers, names). Where the catalogue says which argument names the thing, that one alone. What a command
 * or a query touches is not known, and neither is where something goes that goes out and says no address. Nothing is looked
 * for that the manifest does not ask about.
 */
export function touchedBy(action: Action, asked: Pick<Manifest, 'resources' | 'destinations'>): Touched {
  const { method, server, tool, input } = action;
  if (asked.resources === undefined && asked.destinations === undefined)
    return { tool: toolKey(server, tool.name), resources: undefined, destinations: undefined };
  const uri = method.startsWith('resources/') ? stringMember(input, 'uri') : undefined;
  if (uri !== undefined)
    return {
      tool: toolKey(server, tool.name),
      resources: [uri],
      destinations: /^https?:/i.test(uri) ? placesIn(uri) : [],
    };
  const { sinks, all } = sinksOf(tool, input);
  const clear = all && sinks.every(({ role }) => role !== 'command');
  return {
    tool: toolKey(server, tool.name),
    resources: clear ? resourcesOf(action, sinks) : undefined,
    destinations: clear ? destinationsOf(tool, sinks) : undefined,
  };
}

function resourcesOf({ tool, input }: Action, sinks: readonly Sink[]): readonly string[] {
  const mapped = labellingOf(tool).resource;
  const value = mapped === undefined ? undefined : member(input, mapped);
  if (value?.kind === 'string') return [value.value];
  if (value?.kind === 'number') return [value.text];
  return sinks
    .filter(sink => (sink.role === 'object' || sink.role === 'choice' || isUri(sink)) && !isWhom(sink, tool))
    .map(({ value: name }) => name);
}

/** An address that is fetched is a thing as well; one inside a text is only mentioned. */
function isUri({ argument, shape }: Sink): boolean {
  return shape === 'url' && !argument.endsWith('(link)');
}

function destinationsOf(tool: Tool, sinks: readonly Sink[]): readonly string[] | undefined {
  const places = sinks
    .filter(sink => sink.role === 'destination' || isWhom(sink, tool))
    .flatMap(({ value }) => placesIn(value));
  return places.length === 0 && goesOut(tool) ? undefined : places;
}

function goesOut({ classes }: Tool): boolean {
  return classes.some(name => name === 'message' || name === 'egress' || name === 'money');
}

const whom =
  /(?:^|[_.\- ])(?:to|cc|bcc|recipients?|attendees?|participants?|invitees?|guests?|payees?|beneficiar(?:y|ies)|receivers?|destinations?|channels?|rooms?|collaborators?|audience|subscribers?|addressees?)(?:[_.\- ](?:ids?|names?))?$/;

/** A name of somebody or some place that the server knows, in an action that goes out. */
function isWhom({ argument, role }: Sink, tool: Tool): boolean {
  if (role !== 'object' && role !== 'choice') return false;
  const name = argument
    .replace(/\[\d+\]/g, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return goesOut(tool) && whom.test(name);
}

/** `api.example.org` of an address, `ann@example.org` of `Ann <ann@example.org>`, an account without what groups it. */
function placesIn(value: string): string[] {
  if (/^file:/i.test(value)) return [];
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return hostsOf(value, value);
  const parts = value
    .split(/[,;]/)
    .map(part => part.trim())
    .filter(part => part !== '');
  return parts.flatMap(part => {
    const address = /^(?:mailto:|[^<>@]*<)?([^<>\s@:]+@[^<>\s@]+?)>?$/i.exec(part)?.[1];
    if (address !== undefined) return address.toLowerCase();
    if (isGrouped(part.toLowerCase())) return squeezed(part.toLowerCase());
    return /^[^\s/@]+\.[^\s/@]+\/?/.test(part) ? hostsOf(`https://${part}`, part) : part;
  });
}

/** Where it leads by each way to read it; `unread` where it is no address by one of them. */
function hostsOf(address: string, unread: string): string[] {
  const hosts = readingsOf(address).map(url => (url === null ? '' : hostOf(url)));
  return [...new Set(hosts.map(host => (host === '' ? unread : host)))];
}
