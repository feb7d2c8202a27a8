import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Finding } from './finding.ts';
import { clientsSeen } from './seen.ts';
import type { Client, Machine } from './table.ts';

/** What is known of older versions of a client, out of its own record of changes. */
interface Known {
  /** As its user starts it. */
  readonly program: string;
  /** The first that has hooks at all; undefined: not known. */
  readonly hooksSince?: string;
  /** What an older one does with an answer of ours. */
  readonly flaws: readonly { readonly below: string; readonly says: string }[];
}

const known: Readonly<Record<string, Known>> = {
  'claude-code': {
    program: 'claude',
    hooksSince: '1.0.38',
    flaws: [
      { below: '2.0.43', says: 'does not say which call a hook is about, so what came of it is not known' },
      { below: '2.1.211', says: 'in its auto mode answers a question of a hook by itself' },
    ],
  },
  codex: { program: 'codex', flaws: [] },
  gemini: { program: 'gemini', flaws: [] },
  opencode: { program: 'opencode', flaws: [] },
  'copilot-cli': { program: 'copilot', flaws: [] },
};

const answerMillisMax = 2_000;

/** Whether the clients that are installed here are of a version that is known to heed its hooks. `hooked`: those that have some. */
export async function versionFindings(
  machine: Machine,
  clients: readonly Client[],
  hooked: readonly string[],
): Promise<Finding[]> {
  const asked = Object.keys(known).filter(id => hooked.includes(id));
  const found = await Promise.all(asked.map(async id => ({ id, version: await versionOf(id, machine) })));
  return found.flatMap(({ id, version }) =>
    version === undefined ? [] : judge(id, version, clients.find(each => each.id === id)?.name ?? id),
  );
}

/** Undefined where the program is not in the PATH. */
async function versionOf(id: string, { env }: Machine): Promise<string | undefined> {
  const program = (env.PATH ?? '')
    .split(delimiter)
    .map(dir => join(dir, known[id]?.program ?? ''))
    .find(existsSync);
  if (program === undefined) return undefined;
  const child = spawn(program, ['--version'], { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const stop = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  let said = '';
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  const timer = setTimeout(stop, answerMillisMax);
  await once(child, 'close').catch(() => undefined);
  clearTimeout(timer);
  return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? '';
}

function judge(id: string, version: string, name: string): Finding[] {
  const about = `${name} version`;
  const tried = clientsSeen.find(each => each.id === id)?.version ?? '0.0.0';
  const { hooksSince, flaws } = known[id] ?? { flaws: [] };
  const fix = `update it: ${tried} was seen to heed its hooks`;
  if (version === '')
    return [{ state: 'advice', about, says: `is not known: it did not say within ${answerMillisMax / 1_000} s`, fix }];
  if (hooksSince !== undefined && isOlder(version, hooksSince))
    return [{ state: 'bad', about, says: `${version} has no hooks: its own tools are not asked about`, fix }];
  const seenFlaws = flaws.filter(({ below }) => isOlder(version, below));
  if (seenFlaws.length > 0)
    return seenFlaws.map(({ says }) => ({ state: 'bad', about, says: `${version} ${says}`, fix }));
  return isOlder(version, tried)
    ? [{ state: 'advice', about, says: `${version} is older than the one that was tried`, fix }]
    : [{ state: 'good', about, says: `${version}; ${tried} was seen to heed its hooks` }];
}

export function isOlder(one: string, other: string): boolean {
  const [left, right] = [one, other].map(each => each.split('.').map(Number));
  for (const [index, part] of (left ?? []).entries()) {
    const there = right?.[index] ?? 0;
    if (part !== there) return part < there;
  }
  return false;
}
