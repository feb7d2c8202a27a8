import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { seeded } from '@sallyport/testkit/random.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { orderOf, pacing, seconds } from './run.ts';

/**
 * `npm run deep:wrap-kill [kills] [seed]`: clients' files in random shapes, and `wrap` or `unwrap` killed (SIGKILL) at random
 * instants, mostly while it writes. Then `unwrap --all` has to bring back every byte, every mode and every folder, and keep no key.
 * Exits with 1 if anything is not as it was.
 */
const { count: kills, seed } = orderOf(process.argv.slice(2), 60);
const goesOn = pacing('kills');
const random = seeded(seed);
const launcher = resolve(import.meta.dirname, '../../cli/bin/sallyport.js');
/** What our own command keeps of its compiled files is no file of a client. */
using cache = temporaryFolder();

/** Odd ways to write the same down: each is used or not. */
const habits: readonly ((text: string, comment: string) => string)[] = [
  text => text.replaceAll('\n', '\r\n'),
  (text, comment) => `${comment} kept by hand\n${text}`,
  text => text.replaceAll('  ', '\t'),
  text => `${text}\n\n`,
  text => text.trimEnd(),
];

const servers = { hub: { command: 'npx', args: ['hub'], env: { HUB_TOKEN: 'canary-91c7' } }, two: { command: 'two' } };
const files: readonly { readonly file: string; readonly text: string }[] = [
  { file: '.cursor/mcp.json', text: JSON.stringify({ mcpServers: servers, x: 1 }, undefined, 2) },
  { file: '.gemini/settings.json', text: JSON.stringify({ theme: 'x', mcpServers: servers }, undefined, 2) },
  { file: '.claude.json', text: JSON.stringify({ projects: { '/p': { mcpServers: servers } } }, undefined, 2) },
  { file: '.codex/config.toml', text: '[mcp_servers.two]\ncommand = "two"\n\n[mcp_servers.two.env]\nA = "b"\n' },
  { file: '.config/goose/config.yaml', text: 'extensions:\n  two:\n    cmd: two\n    args:\n    - x\n' },
  { file: '.config/sallyport/sallyport.yaml', text: 'mode: observe\npolicies: ./policies # own\n' },
];
const folders = ['.claude', '.copilot', '.config/opencode', '.openclaw'];

function furnish(home: string): void {
  for (const folder of folders) if (random.chance(0.5)) mkdirSync(join(home, folder), { recursive: true });
  for (const { file, text } of files.filter(() => random.chance(0.7))) {
    const comment = file.endsWith('.json') ? '//' : '#';
    const isYaml = file.endsWith('.yaml');
    const shaped = habits
      .filter((_, index) => random.chance(0.4) && !(isYaml && index === 2))
      .reduce((at, habit) => habit(at, comment), text);
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), random.chance(0.3) ? `\ufeff${shaped}` : shaped, {
      mode: random.chance(0.5) ? 0o600 : 0o644,
    });
  }
}

function listing(home: string): string {
  const all = readdirSync(home, { recursive: true, withFileTypes: true }).map(each => {
    const path = join(each.parentPath, each.name);
    return each.isFile() ? `${path} ${statSync(path).mode} ${readFileSync(path, 'hex')}` : path;
  });
  return all.sort().join('\n');
}

interface House {
  readonly home: string;
  readonly state: string;
}

/** Runs the command to its end, or to its death; answers whether it was killed. */
async function run({ home, state }: House, words: readonly string[], dies: boolean): Promise<boolean> {
  const env = { HOME: home, PATH: process.env.PATH ?? '', XDG_CACHE_HOME: cache.path };
  const child = spawn(process.execPath, [launcher, '--state', state, ...words], { env, cwd: home, stdio: 'ignore' });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  if (dies) {
    const record = join(state, 'wrapped/record.json');
    const first = existsSync(record) ? statSync(record).mtimeMs : 0;
    const isWriting = (): boolean => existsSync(join(state, 'wrapped')) && first !== (mtimeOf(record) ?? first);
    const anywhere = random.chance(0.2) ? performance.now() + random.below(800) : Number.POSITIVE_INFINITY;
    while (child.exitCode === null && !isWriting() && performance.now() < anywhere) await setImmediate();
    const until = performance.now() + random.below(8) * random.below(8);
    while (child.exitCode === null && performance.now() < until) await setImmediate();
    child.kill('SIGKILL');
  }
  const [, signal] = await exit;
  return signal === 'SIGKILL';
}

function mtimeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

const [wrapWords, unwrapWords] = [
  ['wrap', '--keys', 'file', '--yes'],
  ['unwrap', '--all', '--yes'],
];
let [killed, halfway, wrong] = [0, 0, 0];
for (let round = 0; killed < kills && goesOn(killed); round++) {
  using folder = temporaryFolder();
  const house = { home: folder.file('home'), state: folder.file('state') };
  mkdirSync(house.home);
  furnish(house.home);
  const before = listing(house.home);
  const steps: (readonly [readonly string[], boolean])[] = [[wrapWords, random.chance(0.8)]];
  if (random.chance(0.4)) steps.push([wrapWords, random.chance(0.5)]);
  if (random.chance(0.5)) steps.push([unwrapWords, true]);
  for (const [words, dies] of steps) {
    if (await run(house, words, dies)) killed++;
    if (dies && existsSync(join(house.state, 'wrapped')) && listing(house.home) !== before) halfway++;
  }
  await run(house, unwrapWords, false);
  if (listing(house.home) !== before || existsSync(join(house.state, 'wrapped'))) {
    wrong++;
    console.log(
      `round ${round}, ${steps.map(([[name], dies]) => (dies ? `${name} killed` : name)).join(', ')}: not as it was`,
    );
  }
}
console.log(
  `seed ${seed}: ${killed} of ${kills} kills, ${halfway} of them with something written; ${wrong} homes not as they were; ` +
    `${seconds()}`,
);
process.exitCode = wrong === 0 && killed > 0 ? 0 : 1;
