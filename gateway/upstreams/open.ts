import type { Sha256 } from '@sallyport/core/model/action.ts';
import { type Checked, refused } from '@sallyport/core/model/refusal.ts';
import type { ServerConfig } from './config.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import type { ListenAddress } from './http/dial.ts';
import { readOwnHeaders } from './http/secrets.ts';
import { HttpWire } from './http/wire.ts';
import type { ConnectionKey } from './key.ts';
import type { UpstreamLimits } from './limits.ts';
import { Conversation } from './mcp/conversation.ts';
import type { Era } from './mcp/frame.ts';
import { greet } from './mcp/greet.ts';
import type { Wire, WireEvents } from './mcp/wire.ts';
import { commandOf } from './stdio/command.ts';
import { environmentOf, makePlace } from './stdio/place.ts';
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
  /** The era in which the server was found before. */
  readonly known: Era | undefined;
}

/** A connection that has greeted its server and knows what it offers, or why there is none. Leaves nothing running. */
export async function openConnection(options: OpenOptions): Promise<Checked<Connection>> {
  const first = await attempt(options, options.known);
  // A server of the old era may choke on the probe for the new one; it gets a second life and is greeted as of old.
  const choked = !first.ok && options.known === undefined && options.server.launch.kind !== 'http' && first.probing;
  return choked ? await attempt(options, 'legacy') : first;
}

type Attempt = Checked<Connection> & { readonly probing?: boolean };

async function attempt(options: OpenOptions, known: Era | undefined): Promise<Attempt> {
  const { limits, sha256, events, server, acceptedPin } = options;
  let connection: Connection | undefined;
  let begun = false;
  const conversation = new Conversation(limits, {
    listChanged: what => connection?.listChanged(what),
    resourceUpdated: uri => connection?.resourceUpdated(uri),
    acknowledged: () => connection?.acknowledged(),
  });
  const closing = new AbortController();
  const wireEvents: WireEvents = {
    heard: (message, bytes, from) => conversation.heard(message, bytes, from),
    broken: (broken, from) => conversation.broken(broken, from),
    closed: why => {
      conversation.closed(why);
      closing.abort();
      if (begun) events.closed(why);
    },
  };
  const made = await makeWire(options, wireEvents);
  if (!made.ok) return made;
  const wire = made.value;
  conversation.attach(wire);
  const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(limits.startMillisMax)]);
  const greeting = await greet({ conversation, wire, limits, known, impatient: server.launch.kind !== 'http', signal });
  if (!greeting.ok) {
    const probing = !wire.open();
    await wire.close('it could not be greeted');
    return { ...greeting, probing };
  }
  connection = new Connection({ conversation, wire, greeting: greeting.value, limits, sha256, acceptedPin, events });
  const listed = await connection.begin();
  begun = listed.ok && wire.open();
  if (begun) return { ok: true, value: connection };
  await wire.close('it did not say what it offers');
  return listed.ok
    ? refused({ code: 'upstream-unavailable', what: server.id, why: 'it ended while it was starting' })
    : listed;
}

async function makeWire(options: OpenOptions, events: WireEvents): Promise<Checked<Wire>> {
  const { server, key, stateDir, limits, listening } = options;
  const { launch } = server;
  if (launch.kind === 'http') {
    const own = await readOwnHeaders(launch.headers);
    if (!own.ok) return own;
    return { ok: true, value: new HttpWire({ url: new URL(launch.url), own: own.value, limits, listening }, events) };
  }
  const command = commandOf(launch);
  if (!command.ok) return command;
  try {
    const place = makePlace(stateDir, key);
    const env = environmentOf(place, launch.env);
    return {
      ok: true,
      value: new StdioWire({ command: command.value, cwd: launch.cwd ?? place.work, env, limits }, events),
    };
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    return refused({
      code: 'upstream-unavailable',
      what: server.id,
      why: `its folders could not be made, or it could not be started (${code})`,
    });
  }
}
