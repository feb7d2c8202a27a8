import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { nearest } from '@sallyport/core/model/nearest.ts';
import { carryOut } from '../clients/carry-out.ts';
import { lineDiff } from '../clients/diff.ts';
import type { HookPlan } from '../clients/hooks/plan.ts';
import { keyAt, nameOf } from '../clients/key-store.ts';
import { changes, type FilePlan, type PlannedEntry } from '../clients/plan.ts';
import { isShared, projectFilesOf } from '../clients/project-files.ts';
import { WrapStore } from '../clients/record.ts';
import { type Client, clientsOn, thisMachine } from '../clients/table.ts';
import { letGo, planUndo, type Undo, undo } from '../clients/unwrap.ts';
import { changesHooks, planWrap, type WrapPlan } from '../clients/wrap.ts';
import { type Command, confirmed, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { usageError } from '../exit.ts';
import { placed } from '../format/placed.ts';
import { safeLine } from '../format/safe.ts';
import { homeOf } from '../home.ts';
import { chosenKeys, keysOption } from '../key-choice.ts';
import { hasService } from '../service.ts';
import { didYouMean } from '../suggest.ts';

const dryRun = { flags: '--dry-run', text: 'show what would be done, and do nothing' };

export const wrap: Command = {
  name: 'wrap',
  group: 'Connect',
  args: '[clients...]',
  summary: "put a client's MCP servers behind the gateway",
  about: `Moves the servers out of the files of Claude Code, Cursor, VS Code, Codex and others into the gateway's configuration, and
leaves an entry of ours in their place. Keys go into your keychain, or into private files where there is none. Nothing is written before you have seen it and said yes, and
\`sallyport unwrap\` brings back every byte. It begins in observe mode: nothing is refused that was not refused before.`,
  examples: [
    ['sallyport wrap --dry-run', 'which clients there are, and what would change'],
    ['sallyport wrap cursor', 'one client; asks first'],
    ['sallyport wrap --project', 'also the files of the project in this folder'],
  ],
  options: [
    dryRun,
    { flags: '--project', text: 'also the files of the project in this folder' },
    { flags: '--servers-only', text: "only MCP servers: clients' own tools are not asked about" },
    { flags: '--config <file>', text: "the gateway's configuration (default: the one in your configuration folder)" },
    keysOption,
    yesOption,
  ],
  choices: clientIds,
  run: runWrap,
};

export const unwrap: Command = {
  name: 'unwrap',
  group: 'Connect',
  args: '[clients...]',
  summary: 'give clients their servers back, byte for byte',
  about: `A file that nobody changed since is restored as it was. In one that was changed only our entries are undone, and shown first.`,
  examples: [
    ['sallyport unwrap cursor', 'one client; asks first'],
    ['sallyport unwrap --all', 'everything that wrap ever did, the gateway’s own configuration included'],
  ],
  options: [{ flags: '--all', text: 'every client, and what was added to the configuration' }, dryRun, yesOption],
  choices: clientIds,
  run: runUnwrap,
};

/** Whoever named a client is told where it was looked for. */
function notFound(clients: readonly Client[], areNamed: boolean): string {
  if (!areNamed) return 'No client with MCP servers was found here; see `sallyport wrap --help`.';
  const files = clients.flatMap(client => client.files.filter(({ scope }) => scope === 'user').map(({ path }) => path));
  const names = clients.map(({ name }) => name).join(', ');
  return `Nothing of ${names} was found: looked for ${files.map(safeLine).join(', ')}; see \`sallyport wrap --help\`.`;
}

function clientIds(): readonly string[] {
  return clientsOn(thisMachine('/')).map(({ id }) => id);
}

async function runWrap(given: Given): Promise<Outcome> {
  const machine = thisMachine(given.terminal.cwd, given.terminal.env);
  const clients = chosen(given, clientsOn(machine));
  const store = new WrapStore(given.stateDir);
  const canAsk = process.platform === 'win32' || hasCurl(given.terminal.env);
  const keys = chosenKeys(given, machine, store.keyFolder);
  const withHooks = canAsk && !flag(given, 'serversOnly');
  const usual = join(machine.env.XDG_STATE_HOME ?? join(machine.home, '.local', 'state'), 'sallyport');
  const ownWords = resolve(given.stateDir) === resolve(usual) ? [] : ['--state', resolve(given.stateDir)];
  const plan = planWrap({
    ...{ machine, clients, stateDir: given.stateDir, config: configFile(given) },
    project: flag(given, 'project'),
    ownWords,
    principal: `user:${safeUser()}`,
    hooks: withHooks,
    keys: keys.store,
  });
  const work = plan.files.filter(changes);
  const hooks = plan.hooks.filter(changesHooks);
  const ofProject = flag(given, 'project') ? [] : projectFilesOf(clients);
  const shown = [
    ...plan.files.flatMap(file => fileLines(file, plan, given)),
    ...plan.hooks.flatMap(hook => hookLines(hook, plan, clients, given)),
    ...keyLines(plan, keys.why()),
    ...(canAsk ? [] : ['there is no curl here, and hooks need it: clients’ own tools are left alone']),
    ...plan.unreadableHooks.map(({ target, why }) => safeLine(placed(target.path, 'left alone', why))),
    ...plan.unreadable.map(({ file, why }) => safeLine(placed(file.path, 'left alone', why))),
    ...ofProject.map(path =>
      safeLine(`${path}: left alone: it is the project's, and may be others' too; --project takes it`),
    ),
  ];
  const json = {
    files: plan.files.map(viewOf),
    hooks: plan.hooks.map(hook => ({ client: hook.target.client, path: hook.file, changes: changesHooks(hook) })),
    unreadable: [
      ...plan.unreadable.map(({ file, why }) => ({ path: file.path, why })),
      ...plan.unreadableHooks.map(({ target, why }) => ({ path: target.path, why })),
    ],
    config: plan.config.target,
  };
  if (work.length + hooks.length === 0)
    return {
      json,
      text: [...shown, 'nothing to wrap'].join('\n'),
      notes: shown.length > 0 ? [] : [notFound(clients, clients.length < clientsOn(machine).length)],
    };
  if (flag(given, 'dryRun')) return { json, text: shown.join('\n'), notes: ['nothing was changed: --dry-run'] };
  if (!given.json) given.terminal.err(`${shown.join('\n')}\n`);
  const count = new Set([...work.map(({ target }) => target), ...hooks.map(({ file }) => file)]).size;
  await confirmed(given, `Change ${count === 1 ? 'this file' : `these ${count} files`}?`);
  const failed = carryOut(plan, store, machine);
  const isDone = (file: string): boolean => failed.every(({ target }) => target !== file);
  const nameOf = (id: string): string => clients.find(client => client.id === id)?.name ?? id;
  const changed = [
    ...work.filter(({ target }) => isDone(target)).map(({ client }) => client.name),
    ...hooks.filter(({ file }) => isDone(file)).map(({ target }) => nameOf(target.client)),
  ];
  const names = [...new Set(changed)].join(', ') || 'nothing';
  return {
    status: failed.length > 0 ? 1 : 0,
    json: { ...json, failed },
    text: `wrapped ${names}; servers and agents stand in ${plan.config.target} now`,
    notes: [
      ...failed.map(({ target, why }) => `${target}: left as it was: ${why}`),
      `start it: ${['sallyport up --config', plan.config.target, ...ownWords].join(' ')} (if it runs, stop it first)`,
      `then restart ${names}, and prove it: ${['sallyport doctor --canary', ...ownWords].join(' ')}`,
      `take it back: ${['sallyport unwrap --all', ...ownWords].join(' ')}`,
    ],
  };
}

function fileLines(plan: FilePlan, { keys }: WrapPlan, { paint }: Given): string[] {
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
  const diff = lineDiff(
    before.toString('utf8'),
    after.toString('utf8'),
    keys.map(({ secret }) => secret),
  );
  return [
    ...lines,
    ...diff.map(line => `    ${line.startsWith('-') ? paint.bad(safeLine(line)) : paint.good(safeLine(line))}`),
  ];
}

/** Without it every call of every client would be refused. */
function hasCurl({ PATH = process.env.PATH ?? '' }: NodeJS.ProcessEnv): boolean {
  return PATH.split(delimiter).some(dir => existsSync(join(dir, 'curl')));
}

function hookLines(hook: HookPlan, plan: WrapPlan, clients: readonly Client[], { paint }: Given): string[] {
  const { target, file, after } = hook;
  const client = clients.find(({ id }) => id === target.client);
  const before = plan.files.find(each => each.target === file)?.after ?? hook.before;
  const head = `${paint.bold(client?.name ?? target.client)}  ${safeLine(file)}${paint.faint(`  (${target.note})`)}`;
  if (before?.equals(after) === true) return [head, '  its hooks lead here already'];
  const diff = lineDiff(before?.toString('utf8') ?? '', after.toString('utf8'), []);
  const says = target.failing === 'open' ? '; advisory: this client lets a call pass when a hook fails' : '';
  return [
    head,
    `  its own tools are asked about here${says}`,
    ...diff.map(line => `    ${line.startsWith('-') ? paint.bad(safeLine(line)) : paint.good(safeLine(line))}`),
  ];
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

async function runUnwrap(given: Given): Promise<Outcome> {
  const machine = thisMachine(given.terminal.cwd, given.terminal.env);
  const all = clientsOn(machine);
  const store = new WrapStore(given.stateDir);
  const record = store.read();
  const everything = flag(given, 'all');
  if (!everything && given.args.length === 0)
    throw usageError(
      'say which clients, or --all',
      `wrapped: ${[...new Set(record.files.map(({ client }) => client))].join(', ') || 'none'}`,
    );
  const ids = chosen(given, all).map(({ id }) => id);
  const meant = record.files.filter(({ client }) => everything || ids.includes(client));
  // With the last client goes what was added to our own configuration.
  const rest = record.files.filter(file => !meant.includes(file));
  const files = rest.every(({ client }) => client === 'gateway') ? record.files : meant;
  if (files.length === 0) {
    // A crash may have come before anything but a secret was written.
    if (record.files.length === 0 && !flag(given, 'dryRun')) letGo(store, machine);
    return { json: { files: [] }, text: 'nothing is wrapped' };
  }
  const plan = planUndo(files, all, store);
  const secrets = record.secrets.flatMap(place => keyAt(place, machine) ?? []);
  const lines = plan.flatMap(step => undoLines(step, secrets));
  const json = { files: plan.map(({ kind, file }) => ({ path: file.target, done: kind })) };
  if (flag(given, 'dryRun')) return { json, text: lines.join('\n'), notes: ['nothing was changed: --dry-run'] };
  if (!given.json) given.terminal.err(`${lines.join('\n')}\n`);
  await confirmed(given, 'Go back?');
  const { failed, kept } = undo(plan, store, machine);
  const isWhole = failed.length === 0 && plan.every(({ kind }) => kind !== 'stuck');
  const notes = [
    ...failed.map(({ target, why }) => `${target}: ${why}; it is still on record`),
    ...kept.map(place => `the keychain did not let go of ${nameOf(place)}: take it out there`),
    ...(hasService(resolve(given.stateDir)) ? ['the service is still there: sallyport down --service'] : []),
  ];
  const isAsBefore = plan.every(({ kind }) => kind === 'restore' || kind === 'untouched');
  const text = !isWhole
    ? 'done, but for what is said above'
    : isAsBefore
      ? 'everything is as it was'
      : 'nothing of ours is left; what was changed since stays';
  return { status: isWhole ? 0 : 1, json: { ...json, failed }, text, notes };
}

function undoLines(step: Undo, secrets: readonly string[]): string[] {
  const path = safeLine(step.file.target);
  switch (step.kind) {
    case 'restore':
      return [`${path}: ${step.before === undefined ? 'removed; wrap made it' : 'restored, byte for byte'}`];
    case 'untouched':
      return [`${path}: ${step.file.before === undefined ? 'is not there, as before' : 'is as it was'}`];
    case 'gone':
      return [`${path}: is not there any more`];
    case 'aside':
      return [`${path}: was changed since; out of the client's way now, and kept as ${safeLine(step.to)}`];
    case 'stuck':
      return [`${path}: left alone: ${safeLine(step.why)}`];
    case 'entries':
      return [
        `${path}: was changed since, so only our entries are undone: ${step.names.map(safeLine).join(', ') || 'none is left'}${step.exact ? '; every other byte stays' : '; the lines around them are laid out anew'}`,
        ...lineDiff(step.now.toString('utf8'), step.after.toString('utf8'), secrets).map(
          line => `    ${safeLine(line)}`,
        ),
      ];
  }
}

function chosen(given: Given, all: readonly Client[]): readonly Client[] {
  const words = given.args.flat() as readonly string[];
  const unknown = words.find(word => !all.some(({ id }) => id === word));
  if (unknown === undefined) return words.length === 0 ? all : all.filter(({ id }) => words.includes(id));
  const ids = all.map(({ id }) => id);
  const near = nearest(unknown, ids);
  throw usageError(
    `${safeLine(unknown)} is no client`,
    near === undefined ? `There are ${ids.join(', ')}.` : didYouMean(near),
  );
}

function configFile(given: Given): string {
  const { cwd, env } = given.terminal;
  const named = text(given, 'config');
  if (named !== undefined) return resolve(cwd, named);
  const home = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(homeOf(env), '.config');
  return join(home, 'sallyport', 'sallyport.yaml');
}

function safeUser(): string {
  return (
    userInfo()
      .username.toLowerCase()
      .replace(/[^a-z0-9._-]/g, '-') || 'me'
  );
}
