import { isUsable, type Lease, leaseEnd } from '@sallyport/core/lease/lease.ts';
import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { AgentId, Instant, PrincipalId, ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { CredentialView } from '../api/view/credential.ts';
import { outsideMillisMax } from '../identity/outside.ts';
import { within } from '../obtain/within.ts';
import { createLeaseEndings, type LeaseEndingPorts, type LeaseEndings } from './lease-endings.ts';
import { createPauses } from './pauses.ts';
import { answerMillisMax, type CredentialSource, lateMillisMax, type Minted, type TurnedAway } from './source.ts';

/** What has not come by then is a refusal, whatever its source still waits for. */
export const mintMillisMax = outsideMillisMax;
/** What came later is kept so long for whoever asks again. */
const lateKeptMillis = 60_000;
const leasesPerTaskMax = 1_000;
/** Ended tasks that are remembered, newest first to stay. */
const endedTasksMax = 10_000;
/** What an earlier run left is ended so many at a time. */
const recoveringMax = 8;

export interface BrokerPorts extends Omit<LeaseEndingPorts, 'source' | 'journal'> {
  readonly sources: readonly CredentialSource[];
  readonly journal: Pick<Journal, 'record' | 'append'>;
}

/** For whom and for what a secret is wanted. Without an action it is for greeting a server and reading its lists. */
export interface Holder {
  readonly agent: AgentId;
  readonly principal: PrincipalId;
  /** Undefined where the gateway itself looks at a server. */
  readonly task: { readonly id: TaskId; readonly endsAt: Instant } | undefined;
  readonly server: ServerId;
  readonly action: Action | undefined;
}

/** A secret in use. It goes into a header or a child's environment, and nowhere else. */
export interface LeasedSecret {
  readonly lease: Lease;
  readonly secret: string;
  readonly until: Instant;
  /** Aborted when the lease is over: whoever holds the secret lets go of it. */
  readonly ended: AbortSignal;
  /** The server would not take it. It is not shown there again. */
  readonly turnedAway: (how: TurnedAway) => void;
}

interface Live extends LeasedSecret {
  readonly end: AbortController;
}

/**
 * Issues secrets late and ends them early: for one task, server and scope, as short as action, task and issuer permit
 * (step 9 of the line). A task's end reaches every one of its leases; none is handed out once that has begun.
 */
export class Broker {
  readonly #ports: BrokerPorts;
  readonly #sources: ReadonlyMap<string, CredentialSource>;
  /** By lease id. */
  readonly #live = new Map<string, Live>();
  readonly #minting = new Map<string, Promise<Checked<LeasedSecret>>>();
  /** What issuers are still waited for, though whoever wanted it has gone. */
  readonly #late = new Map<string, Promise<Checked<unknown>>>();
  /** What issuers are asked for, by lease id: one that is stopped meanwhile is taken off, and ends as soon as it is there. */
  readonly #wanted = new Map<string, Lease>();
  /** Leases that came too late, and nobody has been lent yet. */
  readonly #unclaimed = new Set<string>();
  /** Of what the gateway wants for itself. */
  readonly #pauses = createPauses();
  readonly #ended = new Set<TaskId>();
  readonly #endings: LeaseEndings;
  /** Those under way: a stop waits for them. */
  readonly #ending = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(ports: BrokerPorts) {
    this.#ports = ports;
    this.#sources = new Map(ports.sources.map(source => [source.name, source]));
    this.#endings = createLeaseEndings({ ...ports, source: name => this.#sources.get(name) });
  }

  source(name: string): CredentialSource | undefined {
    return this.#sources.get(name);
  }

  /** The secret of `name` for this holder: the one that is there and lives long enough, or a new one. */
  async issue(name: string, holder: Holder): Promise<Checked<LeasedSecret>> {
    const source = this.#sources.get(name);
    if (source === undefined) return unavailable(name, 'it is not configured');
    if (this.#stopping.signal.aborted) return unavailable(name, 'the gateway is stopping');
    if (this.#hasEnded(holder)) return unavailable(name, 'the task has ended');
    const scope = source.scopeOf(holder.action);
    if (!scope.ok) return scope;
    const there = this.#find(name, holder, scope.value);
    if (there !== undefined) return passed(there);
    const key = JSON.stringify([
      name,
      holder.server,
      holder.agent,
      holder.principal,
      holder.task?.id ?? null,
      scope.value,
    ]);
    const late = this.#late.get(key);
    if (late !== undefined) return await this.#afterAll(late, source.name, holder, scope.value);
    const paused = holder.task === undefined ? this.#pauses.answer(key) : undefined;
    if (paused !== undefined) return paused;
    const under = this.#minting.get(key) ?? this.#attempt(source, holder, scope.value, key);
    this.#minting.set(key, under);
    return await under;
  }

  async #attempt(source: CredentialSource, holder: Holder, scope: string, key: string): Promise<Checked<LeasedSecret>> {
    try {
      const issued = await this.#mint(source, holder, scope, key);
      if (issued.ok) this.#pauses.end(source.name);
      else if (holder.task === undefined) this.#pauses.failed(key, source.name, issued);
      return issued;
    } finally {
      this.#minting.delete(key);
    }
  }

  /** Somebody has done something about it, such as signing in. */
  tryAgain(name: string): void {
    this.#pauses.end(name);
  }

  /** An issuer that is late already is not asked a second time. */
  async #afterAll(
    late: Promise<Checked<unknown>>,
    name: string,
    holder: Holder,
    scope: string,
  ): Promise<Checked<LeasedSecret>> {
    const came = await within(late, AbortSignal.timeout(mintMillisMax)).catch(() => tooLate(name));
    const there = this.#find(name, holder, scope);
    if (there !== undefined) return passed(there);
    return came.ok ? unavailable(name, 'it came too late') : came;
  }

  #find(name: string, { agent, principal, task, server }: Holder, scope: string): LeasedSecret | undefined {
    const now = this.#ports.now();
    for (const held of this.#live.values()) {
      const { lease } = held;
      const same = lease.credential === name && lease.server === server && lease.scope === scope;
      const ours = lease.task === task?.id && lease.agent === agent && lease.principal === principal;
      if (!same || !ours || !isUsable(held.until, now)) continue;
      this.#unclaimed.delete(lease.id);
      return held;
    }
    return undefined;
  }

  async #mint(source: CredentialSource, holder: Holder, scope: string, key: string): Promise<Checked<LeasedSecret>> {
    const { newId, now } = this.#ports;
    const { agent, principal, task, server, action } = holder;
    if (this.#of(task?.id).length >= leasesPerTaskMax) return unavailable(source.name, 'its task has too many already');
    const bounds = { taskEndsAt: task?.endsAt, secondsMax: source.secondsMax };
    const until = leaseEnd({ ...bounds, now: now(), issuerEndsAt: undefined });
    const wanted: Lease = {
      ...{ id: newId('l'), credential: source.name, server, agent, principal, task: task?.id },
      ...{ scope, issuedAt: now(), expiresAt: undefined, revocable: true },
    };
    this.#wanted.set(wanted.id, wanted);
    const isRequested = await this.#isRequested(wanted);
    if (!isRequested || !this.#wanted.has(wanted.id)) {
      this.#wanted.delete(wanted.id);
      const why = isRequested ? this.#whyStopped(holder) : 'that it is wanted could not be recorded';
      this.#endings.drop(wanted, why);
      return unavailable(source.name, why);
    }
    const signal = AbortSignal.timeout(mintMillisMax);
    const leaveOff = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(answerMillisMax)]);
    const asked = { lease: wanted.id, principal, action, forTask: task !== undefined, until };
    const minting = source.mint(asked, leaveOff);
    const minted = await within(minting, signal).catch(() =>
      signal.aborted ? tooLate(source.name) : unavailable(source.name, 'it could not be obtained'),
    );
    const take = (got: Minted): Live => {
      const usable = leaseEnd({ ...bounds, now: now(), issuerEndsAt: got.expiresAt });
      return this.#take(source, wanted, got, usable);
    };
    if (minted.ok) return this.#handOut(take(minted.value), holder);
    const late = this.#wait(wanted, minting, take);
    if (signal.aborted) this.#late.set(key, late);
    void this.#track(
      late.then(async came => {
        if (signal.aborted) this.#late.delete(key);
        if (!came.ok)
          await this.#endings.revoke(wanted, undefined, { failed: 'failed', why: 'it could not be obtained' });
      }),
    );
    return minted;
  }

  /** First that it may exist, then that it does: a crash in between is found at the next start. */
  async #isRequested(wanted: Lease): Promise<boolean> {
    const { journal, store } = this.#ports;
    const { id, credential, server, agent, principal, task, scope } = wanted;
    const said = { id, credential, server, agent, principal, scope, ...(task === undefined ? {} : { task }) };
    try {
      await Promise.all([store.put(wanted), journal.record({ kind: 'credential.requested', ...said })]);
      return true;
    } catch {
      return false;
    }
  }

  /** What was made is on record and still of use, or it ends. */
  async #handOut(held: Live, holder: Holder): Promise<Checked<LeasedSecret>> {
    const { id, credential: name } = held.lease;
    const isWanted = this.#wanted.delete(id);
    if (!this.#isOnRecord(held)) {
      await this.#end(held, 'that it exists could not be recorded');
      return unavailable(name, 'that it exists could not be recorded');
    }
    if (isWanted && isUsable(held.until, this.#ports.now())) return passed(held);
    await this.#end(held, 'it came too late');
    return unavailable(name, isWanted ? 'it would end before it could be used' : this.#whyStopped(holder));
  }

  /** It exists now. */
  #take(source: CredentialSource, wanted: Lease, { secret, expiresAt, revocable }: Minted, until: Instant): Live {
    const lease: Lease = { ...wanted, expiresAt, revocable };
    const end = new AbortController();
    const turnedAway = (how: TurnedAway): void => this.#turnedAway(held, source, how);
    const held: Live = { lease, secret, until, ended: end.signal, end, turnedAway };
    // That there may be one is on disk already; when it ends, a crash may forget.
    this.#ports.store.put(lease).catch(() => undefined);
    this.#live.set(lease.id, held);
    return held;
  }

  #isOnRecord({ lease: { id, task, expiresAt, revocable } }: Live): boolean {
    const { journal, newId } = this.#ports;
    const said = { ...(task === undefined ? {} : { task }), ...(expiresAt === undefined ? {} : { expiresAt }) };
    try {
      journal.append({ kind: 'credential.issued', id: newId('e'), lease: id, revocable, ...said });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * The issuer said no, or nothing in time. What it makes all the same is there for whoever asks again, and ends if nobody does;
   * what it may have made without our knowing is ended without its secret.
   */
  async #wait(
    { id, credential }: Lease,
    minting: Promise<Checked<Minted>>,
    take: (got: Minted) => Live,
  ): Promise<Checked<unknown>> {
    const late = await within(minting, AbortSignal.timeout(lateMillisMax)).catch(() => tooLate(credential));
    const isWanted = this.#wanted.delete(id);
    if (!late.ok) return late;
    const held = take(late.value);
    if (!this.#isOnRecord(held) || this.#stopping.signal.aborted || !isWanted) this.release(id, 'it came too late');
    else {
      this.#unclaimed.add(id);
      setTimeout(() => this.#unclaimed.delete(id) && this.release(id, 'it came too late'), lateKeptMillis).unref();
    }
    return late;
  }

  /** Nobody uses it any more: a process or session has ended. */
  release(id: string, why: string): void {
    const held = this.#live.get(id);
    if (held !== undefined) this.#track(this.#end(held, why));
  }

  #turnedAway(held: Live, source: CredentialSource, how: TurnedAway): void {
    if (!this.#live.has(held.lease.id)) return;
    source.turnedAway?.(held.lease.principal, how);
    // With too little scope it is still good for other calls.
    if (how.status === 401) this.#track(this.#end(held, 'its server turned it away'));
  }

  /** Ends every lease of a task. None is handed out from the moment this is called. */
  endTask(task: TaskId, why: string): Promise<void> {
    this.#ended.add(task);
    // Whoever asks for an older one is refused by the line itself; these may still be on their way through it.
    const [oldest] = this.#ended;
    if (this.#ended.size > endedTasksMax && oldest !== undefined) this.#ended.delete(oldest);
    return this.stopWhere(lease => lease.task === task, why);
  }

  /** Ends these leases, and those of them that are being obtained, as soon as they are there. */
  stopWhere(which: (lease: Lease) => boolean, why: string): Promise<void> {
    for (const lease of this.#wanted.values()) if (which(lease)) this.#wanted.delete(lease.id);
    return this.endWhere(which, why);
  }

  /** Ends those that are there: what is being obtained may be what comes in their place. */
  endWhere(which: (lease: Lease) => boolean, why: string): Promise<void> {
    const held = [...this.#live.values()].filter(({ lease }) => which(lease));
    return this.#track(Promise.all(held.map(each => this.#end(each, why))).then(() => undefined));
  }

  /** Leases of an earlier run that nobody ended: what can be ended without the secret is, the rest is reported. */
  recover(): Promise<void> {
    const left = [...this.#ports.store.all()];
    const next = async (): Promise<void> => {
      for (let lease = left.pop(); lease !== undefined; lease = left.pop()) await this.#endings.endLeft(lease);
    };
    return this.#track(Promise.all(Array.from({ length: recoveringMax }, next)).then(() => undefined));
  }

  views(): CredentialView[] {
    return [...this.#sources.values()].map(source => ({
      name: source.name,
      kind: source.kind,
      state: source.state(),
      ...(source.signedIn === undefined ? {} : { signedIn: source.signedIn() }),
      leases: [...this.#live.values()]
        .filter(({ lease }) => lease.credential === source.name)
        .map(({ lease }) => lease),
    }));
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#endings.stop();
    // One that is under way may be what an issuer gave in the place of another, and has to be kept.
    await Promise.allSettled(this.#minting.values());
    await this.endWhere(() => true, 'the gateway is stopping');
    await this.settled();
    await this.#ports.store.close();
  }

  /** Everything that was to end so far has. */
  async settled(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  #hasEnded({ task }: Holder): boolean {
    return task !== undefined && this.#ended.has(task.id);
  }

  #whyStopped(holder: Holder): string {
    return this.#hasEnded(holder) ? 'the task has ended' : 'whoever it is for was stopped';
  }

  #of(task: TaskId | undefined): Live[] {
    return [...this.#live.values()].filter(({ lease }) => lease.task === task);
  }

  async #end(held: Live, why: string): Promise<void> {
    const { lease, secret } = held;
    if (!this.#live.delete(lease.id)) return;
    held.end.abort();
    await this.#endings.end(lease, secret, why);
  }

  #track(end: Promise<void>): Promise<void> {
    const tracked = end.finally(() => this.#ending.delete(tracked));
    this.#ending.add(tracked);
    return tracked;
  }
}

function tooLate(name: string): Checked<never> {
  return unavailable(name, `it did not come within ${mintMillisMax} ms; what comes later serves the next call`);
}

function unavailable(name: string, why: string): Checked<never> {
  return refused({
    code: 'credential-unavailable',
    what: `credential ${name}`,
    why,
    fix: 'an operator can look with `sallyport credentials`',
  });
}
