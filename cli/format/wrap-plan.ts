import { lineDiff } from '../clients/diff.ts';
import type { HookPlan } from '../clients/hooks/plan.ts';
import { changes, type FilePlan, type PlannedEntry } from '../clients/plan.ts';
import { isShared } from '../clients/project-files.ts';
import type { Client } from '../clients/table.ts';
import { changesHooks, type WrapPlan } from '../clients/wrap.ts';
import type { Paint } from './paint.ts';
import { placed } from './placed.ts';
import { safeLine } from './safe.ts';

/** What wrapping would change, file by file, before it is done. `whyFiles`: why keys do not go into a keychain. */
export function wrapLines(
  plan: WrapPlan,
  clients: readonly Client[],
  whyFiles: string | undefined,
  paint: Paint,
): string[] {
  return [
    ...plan.files.flatMap(file => fileLines(file, plan, paint)),
    ...plan.hooks.flatMap(hook => hookLines(hook, plan, clients, paint)),
    ...keyLines(plan, whyFiles),
    ...unreadable(plan).map(({ path, why }) => safeLine(placed(path, 'left alone', why))),
  ];
}

/** The same as data. */
export function wrapView(plan: WrapPlan): object {
  return {
    files: plan.files.map(viewOf),
    hooks: plan.hooks.map(hook => ({ client: hook.target.client, path: hook.file, changes: changesHooks(hook) })),
    unreadable: unreadable(plan),
    config: plan.config.target,
  };
}

function unreadable(plan: WrapPlan): { readonly path: string; readonly why: string }[] {
  return [
    ...plan.unreadable.map(({ file, why }) => ({ path: file.path, why })),
    ...plan.unreadableHooks.map(({ target, why }) => ({ path: target.path, why })),
  ];
}

function fileLines(plan: FilePlan, { keys }: WrapPlan, paint: Paint): string[] {
  const { client, file, entries, before, after } = plan;
  const lines = [
    `${paint.bold(client.name)}  ${safeLine(file.path)}${client.note === undefined ? '' : paint.faint(`  (${client.note})`)}`,
  ];
  if (changes(plan) && isShared(plan))
    lines.push(
      paint.warn(
        '  is in a git repository: where it is shared, our entry starts nothing for people without Sallyport; the file of your own can hold the server instead',
      ),
    );
  for (const { name, fate } of entries) lines.push(`  ${safeLine(name)}: ${fateText(fate)}`);
  const secrets = keys.map(({ secret }) => secret);
  return [...lines, ...diffLines(before, after, secrets, paint)];
}

function diffLines(before: Buffer | undefined, after: Buffer, secrets: readonly string[], paint: Paint): string[] {
  return lineDiff(before?.toString('utf8') ?? '', after.toString('utf8'), secrets).map(
    line => `    ${line.startsWith('-') ? paint.bad(safeLine(line)) : paint.good(safeLine(line))}`,
  );
}

function hookLines(hook: HookPlan, plan: WrapPlan, clients: readonly Client[], paint: Paint): string[] {
  const { target, file, after } = hook;
  const client = clients.find(({ id }) => id === target.client);
  const before = plan.files.find(each => each.target === file)?.after ?? hook.before;
  const head = `${paint.bold(client?.name ?? target.client)}  ${safeLine(file)}${paint.faint(`  (${target.note})`)}`;
  if (before?.equals(after) === true) return [head, '  its hooks lead here already'];
  const says = target.failing === 'open' ? '; advisory: this client lets a call pass when a hook fails' : '';
  return [head, `  its own tools are asked about here${says}`, ...diffLines(before, after, [], paint)];
}

/** Where keys go, if there are any, and why not into a keychain. */
function keyLines({ keys }: WrapPlan, why: string | undefined): string[] {
  const [first] = keys;
  if (first === undefined) return [];
  const many = keys.length === 1 ? 'one key goes' : `${keys.length} keys go`;
  if ('keychain' in first.place) return [`${many} into the keychain, as items of ${first.place.keychain.service}`];
  return [`${many} into private files${why === undefined ? '' : `: ${why}`}`];
}

function fateText(fate: PlannedEntry['fate']): string {
  if (fate.kind === 'ours') return 'wrapped already';
  return fate.kind === 'left' ? `left as it is: ${fate.why}` : `goes through the gateway, as server ${fate.server}`;
}

function viewOf({ client, file, entries }: FilePlan): object {
  const fates = entries.map(({ name, fate }) => ({
    name,
    fate: fate.kind,
    ...(fate.kind === 'left' ? { why: fate.why } : {}),
  }));
  return { client: client.id, path: file.path, entries: fates };
}
