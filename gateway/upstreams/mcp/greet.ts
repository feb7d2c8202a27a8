import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { emptyObject, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { UpstreamLimits } from '../limits.ts';
import type { Conversation } from './conversation.ts';
import {
  clientInfo,
  type Era,
  handshakeCapabilities,
  legacyVersion,
  legacyVersions,
  modernVersion,
  notificationText,
} from './frame.ts';
import type { Wire } from './wire.ts';

/** What a server said of itself when it was first spoken to. */
export interface Greeting {
  readonly era: Era;
  /** The version that both speak. */
  readonly version: string;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** A wire whose headers depend on the phase of the conversation; pipes have none. */
export interface Speaking {
  readonly speak?: (phase: 'probing' | 'greeting' | 'modern' | 'legacy', version?: string) => void;
}

export interface GreetOptions {
  readonly conversation: Conversation;
  readonly wire: Wire & Speaking;
  readonly limits: UpstreamLimits;
  /** The era this server was found in before: a known legacy server is not probed again. */
  readonly known: Era | undefined;
  /** Pipes: what does not answer the probe may be deaf to it, so it is greeted beside it. HTTP answers each request. */
  readonly impatient: boolean;
  readonly signal: AbortSignal;
}

/**
 * Finds out which era a server lives in and greets it: `server/discover` for the modern one (MCP 2026-07-28, Discovery),
 * and `initialize` where that is not understood (MCP 2025-11-25, Lifecycle).
 */
export async function greet(options: GreetOptions): Promise<Checked<Greeting>> {
  if (options.known === 'legacy') return await initialize(options);
  const probe = discover(options);
  const early = options.impatient ? await within(probe, options.limits.probeMillisMax) : await probe;
  if (early?.ok) return early;
  if (early !== undefined && !mayBeLegacy(early.refusal.code)) return early;
  if (early !== undefined) return await initialize(options);
  return await firstOf([probe, initialize(options)]);
}

/** A server that could not be reached or would not know us is not asked again in another language. */
function mayBeLegacy(code: string): boolean {
  return code !== 'upstream-unavailable' && code !== 'credential-unavailable' && code !== 'cancelled';
}

async function discover(options: GreetOptions): Promise<Checked<Greeting>> {
  const { conversation, wire } = options;
  conversation.era = 'modern';
  wire.speak?.('probing');
  const reply = await ask(options, 'server/discover', '{}');
  if (reply.kind !== 'result') return unanswered(reply);
  const versions = member(reply.result, 'supportedVersions');
  const speaks =
    versions?.kind === 'array' && versions.items.some(item => item.kind === 'string' && item.value === modernVersion);
  if (!speaks)
    return refused({ code: 'malformed', what: 'server/discover', why: `the server does not speak ${modernVersion}` });
  conversation.era = 'modern';
  wire.speak?.('modern');
  return passed(greetingOf('modern', modernVersion, reply.result));
}

async function initialize(options: GreetOptions): Promise<Checked<Greeting>> {
  const { conversation, wire } = options;
  conversation.era = 'legacy';
  wire.speak?.('greeting');
  const params = `{"protocolVersion":"${legacyVersion}","capabilities":${handshakeCapabilities},"clientInfo":${clientInfo}}`;
  const reply = await ask(options, 'initialize', params);
  if (reply.kind !== 'result') return unanswered(reply);
  const version = stringMember(reply.result, 'protocolVersion') ?? '';
  if (!legacyVersions.includes(version))
    return refused({
      code: 'upstream-unavailable',
      what: 'initialize',
      why: 'the server speaks a version of MCP that is not known here',
    });
  conversation.era = 'legacy';
  wire.speak?.('legacy', version);
  wire.tell(notificationText('notifications/initialized', '{}'));
  return passed(greetingOf('legacy', version, reply.result));
}

function greetingOf(era: Era, version: string, result: JsonObject): Greeting {
  const capabilities = member(result, 'capabilities');
  return {
    era,
    version,
    capabilities: capabilities?.kind === 'object' ? capabilities : emptyObject,
    instructions: stringMember(result, 'instructions'),
  };
}

async function ask(
  { conversation, wire, limits, signal }: GreetOptions,
  method: string,
  params: string,
): Promise<UpstreamReply> {
  const slot = await wire.lease(signal);
  if (!slot.ok) return { kind: 'lost', sent: false, code: 'upstream-unavailable', why: slot.refusal.why };
  return await conversation.send(slot.value, {
    method,
    params,
    signal,
    millisMax: limits.startMillisMax,
    replyBytesMax: limits.askBytesMax,
  });
}

function unanswered(reply: Exclude<UpstreamReply, { kind: 'result' }>): Checked<Greeting> {
  const what = 'the greeting';
  if (reply.kind === 'lost') return refused({ code: reply.code, what, why: reply.why });
  return refused({ code: 'malformed', what, why: reply.kind === 'error' ? `error ${reply.error.code}` : reply.why });
}

async function within<T>(promise: Promise<T>, millisMax: number): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, millisMax);
  const first = await Promise.race([promise, over]);
  clearTimeout(timer);
  return first ?? undefined;
}

/** The first greeting that was understood, or the last refusal. */
async function firstOf(greetings: readonly Promise<Checked<Greeting>>[]): Promise<Checked<Greeting>> {
  const understood = greetings.map(async greeting => {
    const answer = await greeting;
    return answer.ok ? answer : await Promise.reject(answer);
  });
  return await Promise.any(understood).catch(async () => (await Promise.all(greetings)).at(-1) as Checked<Greeting>);
}
