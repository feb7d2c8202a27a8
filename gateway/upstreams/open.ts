import type { Sha256 } from '@sallyport/core/model/action.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Launch, ServerConfig } from './config.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import type { Credentials, Lent } from './credentials.ts';
import type { ListenAddress } from './http/dial.ts';
import { type Issue, readOwnHeaders } from './http/secrets.ts';
import { HttpWire } from './http/wire.ts';
import type { ConnectionKey } from './key.ts';
import type { UpstreamLimits } from './limits.ts';
import { Conversation } from './mcp/conversation.ts';
import type { Era } from './mcp/frame.ts';
import { greet } from './mcp/greet.ts';
import type { Wire, WireEvents } from './mcp/wire.ts';
import type { ChildOptions } from './stdio/child.ts';
import { commandOf } from './stdio/command.ts';
import { forgetChild, noteChild } from './stdio/orphans.ts';
import { environmentOf, makePlace } from './stdio/place.ts';
import { readVariables, type Variables } from './stdio/variables.ts';
import { StdioWire } from './stdio/wire.ts';

export interface OpenOptions {
  readonly server: ServerConfig;
  readonly key: ConnectionKey;
  readonly stateDir: string;
  readonly limits: UpstreamLimits;
  readonly sha256: Sha256;
  readonly listening: () => readonly ListenAddress[];
  readonly acceptedPin: (key: string) => string | undefined;
  readonly events: ConnectionEvents;
  /** Issues a credential for this connection: for its greeting and lists, or for its process. */
  readonly issue: Issue;
  readonly release: Credentials['release'];
  /** The gateway is stopping: whatever is being opened is given up. */
  readonly stopping: AbortSignal;
  /** The era in which the server was found before. */
  readonly known: Era | undefined;
}

/** `lastWords`: what a process that could not be used wrote for people. */
export type Opened = Checked<Connection> & { readonly lastWords?: readonly string[] };

/** A connection that has greeted its server and knows what it offers, or why there is none. Leaves nothing running. */
export async function openConnection(options: OpenOptions): Promise<Opened> {
  const first = await attempt(options, options.known);
  // A server of the old era may choke on the probe for the new one; it gets a second life and is greeted as of old.
  const choked =
    !first.ok &&
    options.known === undefined &&
    options.server.launch.kind !== 'http' &&
    first.probing &&
    !options.stopping.aborted;
  return choked ? await attempt(options, 'legacy') : first;
}

/** `probing`: it ended while it was asked which era it lives in. */
type Attempt = Opened & { readonly probing?: boolean };

async function attempt(options: OpenOptions, known: Era | undefined): Promise<Attempt> {
  const ears = listening(options);
  const lent: Lent[] = [];
  const giveBack = (why: string): void => {
    for (const { lease } of lent) options.release(lease.id, why);
  };
  const issue: Issue = async credential => {
    const issued = await options.issue(credential);
    if (issued.ok) lent.push(issued.value);
    return issued;
  };
  const made = await makeWire({ ...options, issue }, ears.events);
  if (!made.ok) {
    giveBack('the process or session that it was for could not be started');
    return made;
  }
  const wire = made.value;
  const ended = async (): Promise<void> => {
    // A process may go on with it until it has gone, and the end of a session is said with it.
    await wire.close('it has ended');
    giveBack('the process or session that held it has ended');
  };
  ears.closed.addEventListener('abort', () => void ended(), { once: true });
  for (const { ended } of lent) {
    if (ended.aborted) void wire.close(credentialWhy);
    ended.addEventListener('abort', () => void wire.close(credentialWhy), { once: true });
  }
  ears.conversation.attach(wire);
  const stop = (): void => void wire.close('the gateway is stopping');
  options.stopping.addEventListener('abort', stop);
  try {
    if (options.stopping.aborted) stop();
    return await acquainted(options, known, ears, { wire, lent });
  } finally {
    options.stopping.removeEventListener('abort', stop);
  }
}

/** Why a connection ends with the credential that it held: nothing went wrong. */
export const credentialWhy = 'its credential has ended';

async function acquainted(options: OpenOptions, known: Era | undefined, ears: Ears, made: Made): Promise<Attempt> {
  const { wire, lent } = made;
  const { limits, sha256, server, acceptedPin, events } = options;
  const { conversation, closed } = ears;
  const signal = AbortSignal.any([closed, AbortSignal.timeout(limits.startMillisMax)]);
  const greeting = await greet({ conversation, wire, limits, known, impatient: server.launch.kind !== 'http', signal });
  if (!greeting.ok) {
    const [late, probing] = [signal.aborted && !closed.aborted, closed.aborted];
    const why = late ? lateWhy(limits) : greeting.refusal.why;
    return { ...(await givenUp(wire, { ...greeting.refusal, why })), probing };
  }
  const connection = new Connection({
    conversation,
    wire,
    greeting: greeting.value,
    limits,
    sha256,
    acceptedPin,
    events,
    lent,
  });
  ears.serve(connection);
  const tooLate = (): void => void wire.close(lateWhy(limits));
  signal.addEventListener('abort', tooLate, { once: true });
  const listed = await connection.begin();
  signal.removeEventListener('abort', tooLate);
  if (listed.ok && ears.begin()) return passed(connection);
  const ended: Refusal = { code: 'upstream-unavailable', what: server.id, why: 'it ended while it was starting' };
  return await givenUp(wire, listed.ok ? ended : listed.refusal);
}

function lateWhy({ startMillisMax }: UpstreamLimits): string {
  return `it did not answer within ${startMillisMax} ms`;
}

interface Ears {
  readonly conversation: Conversation;
  readonly events: WireEvents;
  readonly closed: AbortSignal;
  readonly serve: (connection: Connection) => void;
  /** From now on the end of the wire is the end of a connection. False if it has ended already. */
  readonly begin: () => boolean;
}

/** What a wire is to tell, before and after there is a connection to tell it to. */
function listening({ limits, events }: OpenOptions): Ears {
  let connection: Connection | undefined;
  let begun = false;
  const closed = new AbortController();
  const conversation = new Conversation(limits, {
    listChanged: what => connection?.listChanged(what),
    resourceUpdated: uri => connection?.resourceUpdated(uri),
    acknowledged: (subscription, honoured) => connection?.acknowledged(subscription, honoured),
  });
  const wireEvents: WireEvents = {
    heard: (message, bytes, from) => conversation.heard(message, bytes, from),
    broken: (broken, from) => conversation.broken(broken, from),
    closed: why => {
      conversation.closed(why);
      closed.abort();
      if (begun) events.closed(why);
    },
  };
  return {
    conversation,
    events: wireEvents,
    closed: closed.signal,
    serve: (made: Connection): void => {
      connection = made;
    },
    begin: (): boolean => {
      begun = !closed.signal.aborted;
      return begun;
    },
  };
}

async function givenUp(wire: Wire, refusal: Refusal): Promise<Opened> {
  await wire.close('it could not be used');
  return { ok: false, refusal: { ...refusal, code: 'upstream-unavailable' }, lastWords: wire.lastWords?.() ?? [] };
}

/** A wire, and what was issued for it. */
interface Made {
  readonly wire: Wire;
  readonly lent: readonly Lent[];
}

async function makeWire(options: OpenOptions, events: WireEvents): Promise<Checked<Wire>> {
  const { launch } = options.server;
  if (launch.kind !== 'http') return await makeChild(launch, options, events);
  const own = await readOwnHeaders(launch.headers, options.issue);
  if (!own.ok) return own;
  const { limits, listening } = options;
  return passed(new HttpWire({ url: new URL(launch.url), own: own.value, limits, listening }, events));
}

async function makeChild(
  launch: Exclude<Launch, { kind: 'http' }>,
  { server, key, stateDir, limits, issue }: OpenOptions,
  events: WireEvents,
): Promise<Checked<Wire>> {
  const command = commandOf(launch);
  if (!command.ok) return command;
  const variables = await readVariables(launch.env, issue);
  if (!variables.ok) return variables;
  try {
    const place = makePlace(stateDir, key);
    const env = environmentOf(place, variables.value.env);
    const child = { command: command.value, cwd: launch.cwd ?? place.work, env, limits };
    return passed(await startWire(child, variables.value, stateDir, events));
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    return refused({
      code: 'upstream-unavailable',
      what: server.id,
      why: `its folders could not be made, or it could not be started (${code})`,
    });
  }
}

async function startWire(
  child: Omit<ChildOptions, 'events'>,
  unsaid: Pick<Variables, 'secrets' | 'unspoken'>,
  stateDir: string,
  events: WireEvents,
): Promise<Wire> {
  const closed = (why: string): void => {
    const pid = wire.pid();
    if (pid !== undefined) forgetChild(stateDir, pid);
    events.closed(why);
  };
  const wire: StdioWire = new StdioWire(child, unsaid, { ...events, closed });
  const pid = wire.pid();
  try {
    if (pid !== undefined) noteChild(stateDir, pid);
  } catch (thrown) {
    await wire.close('it could not be noted');
    throw thrown;
  }
  return wire;
}
