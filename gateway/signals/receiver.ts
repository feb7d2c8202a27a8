import { type ProofFault, type Proven, unproven } from '@sallyport/core/identity/fault.ts';
import { readJws } from '@sallyport/core/identity/jws.ts';
import { readSecurityEvent, type SecurityEvent } from '@sallyport/core/identity/security-event.ts';
import { verifySigned } from '@sallyport/core/identity/workload-token.ts';
import type { Acted } from '@sallyport/core/model/acted.ts';
import type { Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { createKeys, type Keys } from '../identity/keys.ts';
import { verifySignature } from '../identity/verify.ts';
import type { SignalConfig } from './config.ts';

export interface ReceiverPorts {
  readonly signals: readonly SignalConfig[];
  /** Our own address for events, where a transmitter names no other audience. */
  readonly audience: () => string;
  readonly openTasks: () => readonly Task[];
  /** In force at once, durable once it resolves. */
  readonly end: (task: TaskId, by: Acted, why: string) => Promise<void>;
  /** Takes the name of an event, once, durably. */
  readonly useOnce: (name: string, until: Instant, issuedAt: Instant | undefined) => Promise<boolean>;
  readonly isUsed: (name: string) => Promise<boolean>;
  readonly now: () => Instant;
}

export type Received =
  | { readonly ok: true; readonly jti: string; readonly ended: readonly TaskId[] }
  | { readonly ok: false; readonly fault: ProofFault };

/**
 * How long the name of an event is remembered: a transmitter that repeats itself is answered, and nothing is done twice. What
 * is older when it comes may be a repetition, and ends only tasks that were open when it was issued.
 */
const rememberMillis = 7 * 86_400_000;

/** Security events, however they came: verified, taken once, and acted on. What tightens needs no person. */
export function createReceiver(ports: ReceiverPorts): (text: string) => Promise<Received> {
  const keys = new Map<string, Keys>(
    ports.signals.map(({ name, keys: source }) => [name, createKeys(source, 'sig', { now: ports.now })]),
  );

  return async text => {
    const jws = readJws(text);
    if (!jws.ok) return jws;
    const signal = ports.signals.find(({ issuer }) => issuer === stringMember(jws.value.claims, 'iss'));
    const held = signal === undefined ? undefined : keys.get(signal.name);
    if (signal === undefined || held === undefined) return unproven('issuer', '`iss` is no configured transmitter');
    const signed = await signedBy(held, jws.value);
    if (!signed.ok) return signed;
    const event = readSecurityEvent(jws.value, {
      issuer: signal.issuer,
      audiences: [signal.audience ?? ports.audience()],
    });
    if (!event.ok) return event;
    return await act(event.value, signal, ports);
  };
}

/** A key that is not there may be a new one. */
async function signedBy(keys: Keys, jws: Parameters<typeof verifySigned>[0]): Promise<Proven<undefined>> {
  const current = await keys.current();
  if (!current.ok) return current;
  const signed = await verifySigned(jws, current.value, ['RS256', 'ES256'], verifySignature);
  if (signed.ok || signed.fault.reason !== 'key-unknown') return signed;
  const again = await keys.lookAgain();
  return again.ok ? await verifySigned(jws, again.value, ['RS256', 'ES256'], verifySignature) : again;
}

async function act(event: SecurityEvent, signal: SignalConfig, ports: ReceiverPorts): Promise<Received> {
  const { jti, type, issuedAt } = event;
  const name = `set:${signal.name}:${jti}`;
  // Whoever signed in again since must not lose that to an event from before.
  if (await ports.isUsed(name)) return { ok: true, jti, ended: [] };
  const forgotten = issuedAt < ports.now() - rememberMillis;
  const concerned = (task: Task): boolean => isAbout(event, signal, task) && (!forgotten || task.openedAt <= issuedAt);
  const tasks = endsTasks(event) ? ports.openTasks().filter(concerned) : [];
  // Ended first: after a crash in between it is acted on once more, which does no harm; not to act would.
  await Promise.all(tasks.map(({ id }) => ports.end(id, { by: `signal:${signal.name}` }, `${type} of its principal`)));
  await ports.useOnce(name, ports.now() + rememberMillis, ports.now());
  return { ok: true, jti, ended: tasks.map(({ id }) => id) };
}

/** A new credential takes nothing away; every other change of one does. */
function endsTasks({ type, change }: SecurityEvent): boolean {
  return type === 'session-revoked' || (type === 'credential-change' && change !== 'create');
}

function isAbout({ subjects }: SecurityEvent, { subjects: named }: SignalConfig, task: Task): boolean {
  return subjects.some(subject => {
    const [format = '', name = ''] = subject.split(/:(.*)/s, 2);
    if (format === 'opaque' && name === task.id) return true;
    const own = format === 'iss_sub' ? name.slice(name.indexOf(' ') + 1) : name;
    const principal = Object.hasOwn(named, own) ? named[own] : `user:${own}`;
    return task.principal === principal;
  });
}
