import { existsSync, readFileSync } from 'node:fs';
import type { Api } from '../../api.ts';
import type { Finding } from '../finding.ts';
import type { Client, Machine } from '../table.ts';
import { asleep } from './asleep.ts';
import { proveHook } from './canary.ts';
import { hooksIn } from './edit.ts';
import { type HookTarget, hookCommand, hookTargetsOn } from './table.ts';

/** What stands between the clients' own tools and the world. `api`: where a call is to be fired through each hook. */
export async function hookFindings(
  machine: Machine,
  clients: readonly Client[],
  stateDir: string,
  api: Api | undefined,
): Promise<Finding[]> {
  const here = hookTargetsOn(machine).filter(({ home }) => existsSync(home));
  const found = await Promise.all(
    here.map(target => {
      const name = clients.find(({ id }) => id === target.client)?.name ?? target.client;
      return findingsOf(target, machine, `${name} own tools`, stateDir, api);
    }),
  );
  return found.flat();
}

async function findingsOf(
  target: HookTarget,
  machine: Machine,
  about: string,
  stateDir: string,
  api: Api | undefined,
): Promise<Finding[]> {
  const { client, path, failing } = target;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const command = text === undefined ? undefined : commandIn(target, text, stateDir);
  if (command === undefined)
    return [{ state: 'advice', about, says: 'are not asked about here', fix: `sallyport wrap ${client}` }];
  if (command === 'unreadable') return [{ state: 'bad', about, says: `${path} cannot be read` }];
  const off = asleep(target, machine);
  if (off !== undefined) return [{ state: 'bad', about, says: off.why, fix: off.fix }];
  if (api === undefined) return [{ state: 'advice', about, says: 'are asked about; unproven' }];
  const proof = await proveHook(client, command, api);
  if (proof.kind === 'unproven')
    return [{ state: 'bad', about, says: `unproven: ${proof.why}`, fix: `sallyport status; sallyport wrap ${client}` }];
  const proven =
    'proven: a call that must be refused was refused, and is on record, also by a subagent and without an answer';
  if (failing === 'closed') return [{ state: 'good', about, says: proven }];
  return [
    { state: 'good', about, says: proven },
    { state: 'advice', about, says: 'advisory: this client lets a call pass where its hook crashes or is late' },
  ];
}

/** The command that the client runs before a tool, as it stands there. */
function commandIn(target: HookTarget, text: string, stateDir: string): string | undefined | 'unreadable' {
  if (!target.path.endsWith('.json'))
    return text === target.written(undefined, stateDir) ? hookCommand(target.client, 'tool', stateDir) : undefined;
  try {
    return hooksIn(text).find(({ event, command }) => /^(?:pre|before)tool/i.test(event) && command.endsWith(' tool'))
      ?.command;
  } catch {
    return 'unreadable';
  }
}
