import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { defaultStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { carryOut, type NotWritten } from '../clients/carry-out.ts';
import { changes } from '../clients/plan.ts';
import { projectFilesOf } from '../clients/project-files.ts';
import { WrapStore } from '../clients/record.ts';
import { type Client, clientsOn, thisMachine } from '../clients/table.ts';
import { changesHooks, planWrap, type WrapPlan } from '../clients/wrap.ts';
import { type Command, confirmed, dryRunOption, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { safeLine } from '../format/safe.ts';
import { wrapLines, wrapView } from '../format/wrap-plan.ts';
import { chosenClients, clientIds } from '../given/client-choice.ts';
import { chosenKeys, keysOption } from '../given/key-choice.ts';
import { homeOf } from '../home.ts';

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
    dryRunOption,
    { flags: '--project', text: 'also the files of the project in this folder' },
    { flags: '--servers-only', text: "only MCP servers: clients' own tools are not asked about" },
    { flags: '--config <file>', text: "the gateway's configuration (default: the one in your configuration folder)" },
    keysOption,
    yesOption,
  ],
  choices: clientIds,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { terminal, stateDir, paint } = given;
  const machine = thisMachine(terminal.cwd, terminal.env);
  const all = clientsOn(machine);
  const clients = chosenClients(given, all);
  const store = new WrapStore(stateDir);
  const canAsk = process.platform === 'win32' || hasCurl(terminal.env);
  const keys = chosenKeys(given, machine, store.keyFolder);
  const state = resolve(stateDir);
  const ownWords = state === defaultStateDir(terminal.env) ? [] : ['--state', state];
  const plan = planWrap({
    ...{ machine, clients, stateDir, ownWords, config: configToFill(given) },
    project: flag(given, 'project'),
    principal: `user:${safeUser()}`,
    hooks: canAsk && !flag(given, 'serversOnly'),
    keys: keys.store,
  });
  const shown = [
    ...wrapLines(plan, clients, keys.why(), paint),
    ...(canAsk ? [] : ['there is no curl here, and hooks need it: clients’ own tools are left alone']),
    ...(flag(given, 'project') ? [] : projectFilesOf(clients)).map(path =>
      safeLine(`${path}: left alone: it is the project's, and may be others' too; --project takes it`),
    ),
  ];
  const json = wrapView(plan);
  const changed = new Set(changesIn(plan).map(({ path }) => path)).size;
  if (changed === 0) {
    const notes = shown.length > 0 ? [] : [notFound(clients, clients.length < all.length)];
    return { json, text: [...shown, 'nothing to wrap'].join('\n'), notes };
  }
  if (flag(given, 'dryRun')) return { json, text: shown.join('\n'), notes: ['nothing was changed: --dry-run'] };
  if (!given.json) terminal.err(`${shown.join('\n')}\n`);
  await confirmed(given, `Change ${changed === 1 ? 'this file' : `these ${changed} files`}?`);
  return outcomeOf(plan, carryOut(plan, store, machine), ownWords, clients);
}

/** The files that are written, each with the client that it is of. */
function changesIn({ files, hooks }: WrapPlan): { readonly path: string; readonly client: string }[] {
  return [
    ...files.filter(changes).map(({ target, client }) => ({ path: target, client: client.id })),
    ...hooks.filter(changesHooks).map(({ file, target }) => ({ path: file, client: target.client })),
  ];
}

function outcomeOf(
  plan: WrapPlan,
  failed: readonly NotWritten[],
  ownWords: readonly string[],
  clients: readonly Client[],
): Outcome {
  const written = changesIn(plan).filter(({ path }) => failed.every(({ target }) => target !== path));
  const wrapped = new Set(written.map(({ client }) => clients.find(({ id }) => id === client)?.name ?? client));
  const names = [...wrapped].join(', ') || 'nothing';
  return {
    status: failed.length > 0 ? 1 : 0,
    json: { ...wrapView(plan), failed },
    text: `wrapped ${names}; servers and agents stand in ${plan.config.target} now`,
    notes: [
      ...failed.map(({ target, why }) => `${target}: left as it was: ${why}`),
      `start it: ${['sallyport up --config', plan.config.target, ...ownWords].join(' ')} (if it runs, stop it first)`,
      `then restart ${names}, and prove it: ${['sallyport doctor --canary', ...ownWords].join(' ')}`,
      `take it back: ${['sallyport unwrap --all', ...ownWords].join(' ')}`,
    ],
  };
}

/** Whoever named a client is told where it was looked for. */
function notFound(clients: readonly Client[], areNamed: boolean): string {
  if (!areNamed) return 'No client with MCP servers was found here; see `sallyport wrap --help`.';
  const files = clients.flatMap(client => client.files.filter(({ scope }) => scope === 'user').map(({ path }) => path));
  const names = clients.map(({ name }) => name).join(', ');
  return `Nothing of ${names} was found: looked for ${files.map(safeLine).join(', ')}; see \`sallyport wrap --help\`.`;
}

/** Without it every call of every client would be refused. */
function hasCurl({ PATH = process.env.PATH ?? '' }: NodeJS.ProcessEnv): boolean {
  return PATH.split(delimiter).some(dir => existsSync(join(dir, 'curl')));
}

/** The configuration that gets what clients had: the user's own, where none is named. */
function configToFill(given: Given): string {
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
