import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { adviceFor, install, installReason, npmCommand } from './install.js';

const root = resolve(import.meta.dirname, '..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-bootstrap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lockFiles(wanted: object, present: object | undefined): void {
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (present === undefined) return;
  mkdirSync(join(folder, 'node_modules', 'a'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }));
}

const a = { version: '1.0.0', integrity: 'sha512-a' };

test('an empty checkout has to be installed', () => {
  lockFiles({ 'node_modules/a': a }, undefined);
  assert.equal(installReason(folder), 'nothing is installed yet');
});

test('what the lock file says is not installed again', () => {
  lockFiles(
    { '': {}, core: {}, 'node_modules/a': a, 'node_modules/other-os': { ...a, optional: true } },
    { 'node_modules/a': a },
  );
  assert.equal(installReason(folder), undefined);
});

for (const [what, present] of [
  ['another version', { 'node_modules/a': { ...a, version: '0.9.0' } }],
  ['another content', { 'node_modules/a': { ...a, integrity: 'sha512-b' } }],
  ['a missing package', {}],
] as const) {
  test(`${what} is installed anew, and named`, () => {
    lockFiles({ 'node_modules/a': a }, present);
    assert.equal(installReason(folder), 'a is not what the lock file says');
  });
}

test('a package whose folder was deleted is installed anew', () => {
  lockFiles({ 'node_modules/a': a }, { 'node_modules/a': a });
  rmSync(join(folder, 'node_modules', 'a'), { recursive: true });
  assert.equal(installReason(folder), 'a is not what the lock file says');
});

test('the checkout that runs these tests is installed as its lock file says', () => {
  assert.equal(installReason(root), undefined);
});

test('the npm that runs the script is the npm that installs', () => {
  const script = join(folder, 'npm-cli.js');
  writeFileSync(script, '');
  assert.deepEqual(npmCommand({ npm_execpath: script }), { command: process.execPath, before: [script] });
  assert.equal(npmCommand({ npm_execpath: join(folder, 'gone.js') }).before.length, 0);
});

function fakeNpm(source: string): { command: string; before: string[] } {
  const script = join(folder, 'fake-npm.cjs');
  writeFileSync(script, source);
  return { command: process.execPath, before: [script] };
}

function sink(): { out: { write: (text: string) => void }; text: () => string } {
  const written: string[] = [];
  return { out: { write: text => void written.push(text) }, text: () => written.join('') };
}

test('installing says what it does and how long it took', async () => {
  const { out, text } = sink();
  assert.equal(await install(folder, out, fakeNpm('if (process.argv[2] !== "ci") process.exit(9)')), undefined);
  assert.match(text(), /^Installing packages \(npm ci\) … 0 s\nInstalled packages in [0-9.]+ s\.\n$/);
});

test('an install that fails shows what npm said and what to do', async () => {
  const { out } = sink();
  const npm = fakeNpm('console.error("npm error code ENOTFOUND"); process.exit(1)');
  const problem = await install(folder, out, npm);
  assert.match(
    String(problem),
    /npm error code ENOTFOUND\n\n`npm ci` failed \(1\)\. The package registry cannot be reached/,
  );
});

test('no npm at all is said plainly', async () => {
  const problem = await install(folder, sink().out, { command: join(folder, 'no-such-npm'), before: [] });
  assert.match(String(problem), /^npm was not found\. Install Node 20/);
});

test('each usual cause has its own advice', () => {
  const advice = ['ETIMEDOUT', 'ENOSPC', 'EACCES', 'npm ci can only install … in sync', 'EINTEGRITY', ''].map(
    adviceFor,
  );
  assert.equal(new Set(advice).size, advice.length);
});

/** Runs the bootstrap of a copy of the checkout's plain JavaScript, in which nothing is installed. */
function bootstrap(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; stderr: string }> {
  for (const path of ['tools/bootstrap.js', 'tools/install.js', 'cli/bin/find-node.js', 'cli/bin/compile-cache.js'])
    cpSync(join(root, path), join(folder, path));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return new Promise(done => {
    execFile(process.execPath, [join(folder, 'tools/bootstrap.js'), ...args], { env }, (error, _stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stderr }),
    );
  });
}

test('a clone in which the install fails ends with status 1 and the reason', async () => {
  lockFiles({ 'node_modules/a': a }, undefined);
  const script = join(folder, 'npm.js');
  writeFileSync(script, 'console.error("npm error code E404 nothing"); process.exit(7)');
  const { code, stderr } = await bootstrap(['test'], { npm_execpath: script });
  assert.equal(code, 1);
  assert.match(stderr, /nothing is installed yet\.\n[\s\S]*npm error code E404 nothing\n\n`npm ci` failed \(7\)/);
});

test('the bootstrap hands its arguments to the script and takes over its exit status', async () => {
  lockFiles({}, {});
  mkdirSync(join(folder, 'tools'), { recursive: true });
  writeFileSync(join(folder, 'tools', 'run-tests.ts'), 'process.exitCode = process.argv[2] === "one" ? 5 : 6;');
  assert.equal((await bootstrap(['test', 'one'], {})).code, 5);
  assert.equal((await bootstrap(['tset'], {})).code, 2);
});

test('after it has installed the bootstrap has the first start prepared, and goes on whatever comes of that', async () => {
  lockFiles({ 'node_modules/a': a }, undefined);
  const npm = join(folder, 'npm.js');
  writeFileSync(npm, '');
  mkdirSync(join(folder, 'tools'), { recursive: true });
  writeFileSync(join(folder, 'tools', 'run-tests.ts'), 'console.error("the tests"); process.exitCode = 5;');
  const prepare = join(folder, 'tools', 'prepare.ts');
  for (const [script, says] of [
    ['console.error("prepared");', /^Installed packages in [0-9.]+ s\.\nprepared\nthe tests$/m],
    ['console.error("not prepared"); process.exitCode = 1;', /^not prepared\nthe tests$/m],
  ] as const) {
    writeFileSync(prepare, script);
    const { code, stderr } = await bootstrap(['test'], { npm_execpath: npm });
    assert.equal(code, 5, stderr);
    assert.match(stderr, says);
  }
  writeFileSync(prepare, 'process.kill(process.pid, "SIGINT"); setInterval(() => {}, 1_000);');
  assert.equal((await bootstrap(['test'], { npm_execpath: npm })).code, 130);
  lockFiles({ 'node_modules/a': a }, { 'node_modules/a': a });
  const again = await bootstrap(['test'], {});
  assert.equal(again.stderr, 'the tests\n', 'nothing was installed, nothing is prepared');
});
