import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Api } from '../../api.ts';
import type { Finding } from '../finding.ts';
import { type KnownThere, unknownHook } from '../known-there.ts';
import { WrapStore } from '../record.ts';
import type { Client, Machine } from '../table.ts';
import { asleep } from './asleep.ts';
import { proveHook } from './canary.ts';
import { othersBeside, ourEntriesIn } from './edit.ts';
import { pluginState } from './openclaw.ts';
import { type HookTarget, hookCommand, hookTargetsOn, isHere } from './table.ts';

/** What stands between the clients' own tools and the world. `known`: undefined where no gateway runs; `api`: where a call is to be fired through each hook. */
export async function hookFindings(
  machine: Machine,
  clients: readonly Client[],
  stateDir: string,
  known: KnownThere | undefined,
  api: Api | undefined,
): Promise<Finding[]> {
  const here = hookTargetsOn(machine).filter(isHere);
  const found = await Promise.all(
    here.map(target => {
      const name = clients.find(({ id }) => id === target.client)?.name ?? target.client;
      return findingsOf(target, machine, `${name} own tools`, { stateDir, known, api });
    }),
  );
  return found.flat();
}

/** The clients of `clientsOn` in whose files our hooks stand. */
export function hookedClients(machine: Machine, stateDir: string): string[] {
  return hookTargetsOn(machine)
    .filter(target => ['whole', 'changed'].includes(hooksState(target, stateDir).kind))
    .flatMap(({ client, alsoRead }) => [client, ...(alsoRead === undefined ? [] : [alsoRead])]);
}

interface Asked {
  readonly stateDir: string;
  readonly known: KnownThere | undefined;
  readonly api: Api | undefined;
}

async function findingsOf(
  target: HookTarget,
  machine: Machine,
  about: string,
  { stateDir, known, api }: Asked,
): Promise<Finding[]> {
  const { client, path, failing } = target;
  const fix = `sallyport wrap ${client}`;
  const state = hooksState(target, stateDir);
  switch (state.kind) {
    case 'none':
      return wasWritten(target, stateDir)
        ? [{ state: 'bad', about, says: `the hooks that wrap wrote are gone from ${path}`, fix }]
        : [{ state: 'advice', about, says: 'are not asked about here', fix }];
    case 'unreadable':
      return [{ state: 'bad', about, says: `${path} cannot be read` }];
    case 'changed':
      return [{ state: 'bad', about, says: `hooks in ${path} are not as wrap writes them: ${state.what}`, fix }];
  }
  const off = asleep(target, machine);
  if (off !== undefined) return [{ state: 'bad', about, says: off.why, fix: off.fix }];
  if (api === undefined) return [{ state: 'advice', about, says: 'are asked about; unproven' }];
  const unknown = unknownHook(client, known);
  if (unknown !== undefined) return [{ state: 'bad', about, ...unknown }];
  const proof = await proveHook(client, hookCommand(client, 'tool', stateDir, machine.platform), api);
  if (proof.kind === 'unproven')
    return [{ state: 'bad', about, says: `unproven: ${proof.why}`, fix: `sallyport status; ${fix}` }];
  const proven =
    'proven: a call that must be refused was refused, and is on record, also by a subagent and without an answer';
  const beside = client !== 'openclaw' && path.endsWith('.json') ? othersBeside(readFileSync(path, 'utf8')) : 0;
  return [
    { state: 'good', about, says: proven },
    ...advicesOf(
      about,
      failing === 'open' && 'advisory: this client lets a call pass where its hook crashes or is late',
      beside > 0 && `beside ours ${path} has ${beside} of others: one that rewrites a call does so unseen`,
    ),
  ];
}

function advicesOf(about: string, ...all: readonly (string | false)[]): Finding[] {
  return all.flatMap((says): Finding[] => (says === false ? [] : [{ state: 'advice', about, says }]));
}

type HooksState =
  | { readonly kind: 'none' | 'unreadable' | 'whole' }
  /** Events whose entry is missing, or says something else. */
  | { readonly kind: 'changed'; readonly what: string };

/** Whether every hook stands there member by member as `wrap` writes it. What else stands in the file is its client's. */
export function hooksState(target: HookTarget, stateDir: string): HooksState {
  return existsSync(target.path) ? stateIn(target, readFileSync(target.path, 'utf8'), stateDir) : { kind: 'none' };
}

function stateIn(target: HookTarget, text: string, stateDir: string): HooksState {
  try {
    if (target.client === 'openclaw') {
      const kind = pluginState(text, stateDir);
      return kind === 'changed' ? { kind, what: 'the plugin is not loaded, or asks elsewhere' } : { kind };
    }
    const whole = target.written(undefined, stateDir);
    if (!target.path.endsWith('.json'))
      return text === whole ? { kind: 'whole' } : { kind: 'changed', what: 'the plugin was edited' };
    const there = ourEntriesIn(text);
    if (there.length === 0) return { kind: 'none' };
    const off = ourEntriesIn(whole).filter(wanted => !there.some(each => isDeepStrictEqual(each, wanted)));
    if (off.length === 0) return { kind: 'whole' };
    return { kind: 'changed', what: [...new Set(off.map(({ event }) => event))].join(', ') };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** Whether `wrap` put hooks there, as far as its own copy of what it wrote says. */
function wasWritten(target: HookTarget, stateDir: string): boolean {
  const store = new WrapStore(stateDir);
  const path = existsSync(target.path) ? realpathSync(target.path) : target.path;
  const files = store.read().files.filter(each => each.target === path);
  return files.some(({ after, hooksOnly }) => {
    try {
      return hooksOnly || stateIn(target, store.kept(after).toString('utf8'), stateDir).kind !== 'none';
    } catch {
      return false;
    }
  });
}
