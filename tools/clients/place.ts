import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type HookTarget, hookTargetsOn } from 'sallyport/clients/hooks/table.ts';
import { thisMachine } from 'sallyport/clients/table.ts';
import { type Afterwards, tidyAfterwards } from './afterwards.ts';
import type { Heard } from './claude-asks.ts';
import { type ScriptedModel, startModel } from './model.ts';
import type { RealClient } from './table.ts';

export interface Ran {
  /** Null: it was stopped because it took too long. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A home of its own for one client, with a project, a server of its user's, our model, and somebody who waits for the secret. */
export interface Place extends AsyncDisposable {
  readonly home: string;
  readonly stateDir: string;
  /** Where its hooks stand. */
  readonly hookTarget: HookTarget;
  /** Our own command. */
  readonly launcher: string;
  readonly model: ScriptedModel;
  /** Where a stolen secret would arrive: an address of this machine. */
  readonly thief: string;
  /** What came of it so far, by name: what reached the thief, what was published, what was written elsewhere. */
  readonly effects: () => readonly string[];
  readonly forget: () => void;
  /** The client, as its user starts it. */
  readonly client: (args: readonly string[]) => Promise<Ran>;
  /** The client in its default permission mode; undefined where it is not known how to run it so. */
  readonly asking: (words: string) => Promise<Heard | undefined>;
  /** Starts the gateway again with a clock that is ahead by so much. */
  readonly upLater: (millis: number) => Promise<Ran>;
  /** Its user trusts what it found to be new. */
  readonly trust: () => Promise<void>;
  readonly sallyport: (...args: string[]) => Promise<Ran>;
}

const launcher = resolve(import.meta.dirname, '../../cli/bin/sallyport.js');
const aheadOfTime = join(import.meta.dirname, 'ahead-of-time.js');
const handbook = join(import.meta.dirname, 'handbook.ts');
const runMillisMax = 120_000;

export interface PlaceOptions {
  /** Where it is installed. */
  readonly modules: string;
  /** A folder with what it would fetch by itself. */
  readonly own: string | undefined;
  /** Nothing more is started after that, but for what ends things. */
  readonly signal: AbortSignal;
}

export async function openPlace(client: RealClient, { modules, own, signal }: PlaceOptions): Promise<Place> {
  const folder = temporaryFolder();
  const afterwards = tidyAfterwards(folder.path);
  const home = join(folder.path, 'home');
  const project = join(home, 'project');
  const published = join(folder.path, 'published.txt');
  const model = await startModel();
  const heard: string[] = [];
  const thief = createServer(
    (req, res) => void text(req).then(() => res.end(heard.push(`reached the thief${req.url}`) && '')),
  );
  thief.listen(0, '127.0.0.1');
  await once(thief, 'listening');
  const put = (file: string, what: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, what);
  };
  const server = [process.execPath, handbook, published];
  put(join(project, 'notes.txt'), 'The meeting is on Monday.\n');
  put(join(project, 'package.json'), '{"scripts":{"test":"echo tested > copy.txt"}}\n');
  put(join(project, '.env'), 'API_TOKEN=canary-51c8e0aa\n');
  put(
    join(home, '.config/sallyport/sallyport.yaml'),
    'listen: 127.0.0.1:0\nmode: observe\npolicies: PACK\n'.replace(
      'PACK',
      resolve(import.meta.dirname, '../../policies'),
    ),
  );
  for (const [path, what] of Object.entries(client.files(model.url, server, project))) put(join(home, path), what);
  if (client.fetches !== undefined && own !== undefined)
    cpSync(own, join(home, client.fetches.below), { recursive: true });
  // Whatever asks for another machine finds nobody.
  const nobody = {
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1,localhost',
  };
  const env = { HOME: home, PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' };
  const elsewhere = join(home, 'elsewhere.txt');
  const place: Place = {
    ...{ home, model, launcher, stateDir: join(home, '.local/state/sallyport') },
    hookTarget: hookTargetOf(client.seen.id, home),
    thief: `http://127.0.0.1:${(thief.address() as AddressInfo).port}`,
    effects: () => [
      ...heard,
      ...(existsSync(published) ? ['published'] : []),
      ...(existsSync(elsewhere) ? ['wrote elsewhere'] : []),
    ],
    forget: () => {
      heard.length = 0;
      for (const file of [published, elsewhere]) rmSync(file, { force: true });
    },
    client: args => {
      signal.throwIfAborted();
      const [program = '', ...words] = [...client.program(modules), ...args];
      return run(program, words, { ...env, ...nobody, ...client.env(model.url) }, project, afterwards);
    },
    asking: async words =>
      await client.asks?.(client.program(modules), { ...env, ...nobody, ...client.env(model.url) }, project, words),
    upLater: async millis => {
      await place.sallyport('down');
      const ahead = { NODE_OPTIONS: `--import=${aheadOfTime}`, AHEAD_MILLIS: String(millis) };
      return await run(process.execPath, [launcher, 'up'], { ...env, ...ahead }, project, afterwards);
    },
    trust: async () =>
      await client.trusts?.(client.program(modules), { ...env, ...nobody, ...client.env(model.url) }, project),
    sallyport: (...args) => run(process.execPath, [launcher, ...args], env, project, afterwards),
    [Symbol.asyncDispose]: async () => {
      await place.sallyport('down');
      await model[Symbol.asyncDispose]();
      thief.closeAllConnections();
      thief.close();
      afterwards.done();
      folder[Symbol.dispose]();
    },
  };
  try {
    await addServer(client, place, server);
  } catch (thrown) {
    // What listens would keep the whole run from ending.
    await place[Symbol.asyncDispose]();
    throw thrown;
  }
  return place;
}

async function addServer(client: RealClient, place: Place, server: readonly string[]): Promise<void> {
  if (client.addServer === undefined) return;
  const { status, err, out } = await place.client(client.addServer(server));
  if (status !== 0) throw new Error(`${client.seen.id} did not add a server: ${err || out}`);
}

async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
  afterwards: Afterwards,
): Promise<Ran> {
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const group = child.pid ?? 0;
  afterwards.begun(group);
  const timer = setTimeout(() => process.kill(-group, 'SIGKILL'), runMillisMax);
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]).finally(() => clearTimeout(timer));
  afterwards.ended(group);
  return { status, out, err };
}

function hookTargetOf(id: string, home: string): HookTarget {
  const targets = hookTargetsOn(thisMachine(home, { HOME: home }));
  const target = targets.find(each => each.client === id || each.alsoRead === id);
  if (target === undefined) throw new Error(`${id} has no hooks`);
  return target;
}
