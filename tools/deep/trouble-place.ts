import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type Place, type Running, type Started, startIn, stop } from './gateway-place.ts';
import { compared } from './record-of.ts';

/** What happens to the machine of a gateway that works all day, and what must hold then. */
export interface Trouble {
  readonly name: string;
  /** Resolves to what was seen; throws where anything is not as it must be. */
  readonly happens: (place: Place) => Promise<string>;
}

export type Serving = Started & { readonly running: Running };

/** Throws if it does not become ready. */
export async function running(place: Place, under?: readonly string[]): Promise<Serving> {
  const started = await startIn(place, under);
  const { running } = started;
  if (running !== undefined) return { ...started, running };
  await started[Symbol.asyncDispose]();
  throw new Error(`it did not start: ${started.log()}`);
}

/** Stops it in order and holds what was acknowledged, which is something, against the record. */
export async function heldAgainst(place: Place, started: Started, acknowledged: ReadonlySet<string>): Promise<string> {
  assert.equal(await stop(started), 0, `it stops in order: ${started.log()}`);
  const found = await compared(place, acknowledged);
  assert.ok(found.acknowledged > 0, 'calls were answered');
  assert.deepEqual([found.lost, found.undecided], [0, 0], 'nothing is lost, nothing was sent undecided');
  return `${found.acknowledged} acknowledged, ${found.sent} sent`;
}

export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Its server's processes that are not zombies, and how many zombies it has. */
export function childrenOf({ pid }: Started): { readonly servers: readonly number[]; readonly zombies: number } {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  const isZombie = (child: number): boolean => / Z /.test(readFileSync(`/proc/${child}/stat`, 'latin1'));
  const isServer = (child: number): boolean => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('stdio.ts');
  return { servers: children.filter(isServer), zombies: children.filter(isZombie).length };
}

/** Its server's process. Throws where it has none: a known server is started after the gateway has said that it is ready. */
export function serverOf(gateway: Started): number {
  const [server] = childrenOf(gateway).servers;
  assert.ok(server !== undefined, `it has a server: ${gateway.log()}`);
  return server;
}
