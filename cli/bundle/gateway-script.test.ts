import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../launch.ts';
import { gatewayScript } from './gateway-script.ts';

/** One bundle for all: each test begins with a whole one. */
const sources = resolve(import.meta.dirname, '..', 'serve.ts');
let home: string;
let built: string;

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-bundle-'));
  built = (await script()).script;
});
after(() => rmSync(home, { recursive: true, force: true }));

async function script(env: NodeJS.ProcessEnv = {}): Promise<{ readonly script: string; readonly said: string[] }> {
  const said: string[] = [];
  return { script: await gatewayScript(text => said.push(text), { XDG_CACHE_HOME: home, ...env }), said };
}

test('a bundle is built once, and the next start takes it as it is', async () => {
  assert.equal(built, join(home, 'sallyport', 'bundles', dirname(built).split('/').at(-1) ?? '', 'gateway.js'));
  assert.deepEqual(await script(), { script: built, said: [] });
});

test('who asks for the sources gets them', async () => {
  assert.equal((await script({ SALLYPORT_SOURCES: '1' })).script, sources);
});

test('a bundle in which one byte differs is not run: it is built anew', async () => {
  const [chunk = ''] = readdirSync(dirname(built)).filter(name => /^serving.*\.js$/.test(name));
  const file = join(dirname(built), chunk);
  const whole = readFileSync(file, 'utf8');
  appendFileSync(file, '\nprocess.exit(0);');
  const { script: again, said } = await script();
  assert.equal(again, built);
  assert.deepEqual(said, ['Putting the gateway into one bundle']);
  assert.equal(readFileSync(file, 'utf8'), whole);
});

test('a place where others may write is not used', async () => {
  const place = dirname(dirname(built));
  chmodSync(place, 0o770);
  assert.equal((await script()).script, sources);
  chmodSync(place, 0o700);
});

test('no file of it is kept by the engine at two bytes for each character', () => {
  for (const name of readdirSync(dirname(built)).filter(name => name.endsWith('.js')))
    assert.doesNotMatch(readFileSync(join(dirname(built), name), 'utf8'), /[^\0-\xff]/, name);
});

test('a stack names the lines of the sources', async () => {
  const stderr = await new Promise<string>(done => {
    execFile(process.execPath, [built, '--unheard-of'], (_error, _stdout, text) => done(text));
  });
  const [, line] = /serving\.ts:(\d+):\d+/.exec(stderr) ?? [];
  const text = readFileSync(resolve(sources, '..', 'serving.ts'), 'utf8').split('\n')[Number(line) - 1];
  assert.match(text ?? stderr, /= parseArgs\(/);
});

test('a gateway that runs from it finds what lies beside the sources, and ends in order', async () => {
  const config = join(home, 'sallyport.yaml');
  const policies = resolve(import.meta.dirname, '../../policies');
  writeFileSync(config, `listen: 127.0.0.1:0\npolicies: ${policies}\nagents:\n  a: { principal: "user:a" }\n`);
  const order = { config, stateDir: join(home, 'state'), as: 'within', onProgress: () => {} } as const;
  const { running, stop, ended } = await launch(order, built);
  assert.equal((await fetch(`${running.url}/readyz`)).status, 200);
  await stop();
  assert.equal(await ended, 0);
});
