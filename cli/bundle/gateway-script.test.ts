import assert from 'node:assert/strict';
import { execFile, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { foldingCode } from '@sallyport/gateway/app/record/folding-code.ts';
import type { Finding } from '@sallyport/gateway/engines/cedar/examine.ts';
import { launch } from '../launch.ts';
import { gatewayScript } from './gateway-script.ts';
import { inLatin1 } from './plugins.ts';
import { sourcesIn } from './sources-digest.ts';

/** One bundle for all: each test begins with a whole one. */
const sources = resolve(import.meta.dirname, '..', 'serve.ts');
let home: string;
let built: string;

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-bundle-'));
  built = (await script()).script;
});
after(() => rmSync(home, { recursive: true, force: true }));

interface Chosen {
  readonly script: string;
  readonly said: string[];
  readonly because?: string;
}

async function script(env: NodeJS.ProcessEnv = {}): Promise<Chosen> {
  const said: string[] = [];
  const { path, sourcesBecause } = await gatewayScript(text => said.push(text), { XDG_CACHE_HOME: home, ...env });
  return { script: path, said, ...(sourcesBecause === undefined ? {} : { because: sourcesBecause }) };
}

test('a bundle is built once, and the next start takes it as it is', async () => {
  assert.equal(built, join(home, 'sallyport', 'bundles', dirname(built).split('/').at(-1) ?? '', 'gateway.js'));
  assert.deepEqual(await script(), { script: built, said: [] });
});

test('who asks for the sources gets them', async () => {
  const asked = { script: sources, said: [], because: 'SALLYPORT_SOURCES is set' };
  assert.deepEqual(await script({ SALLYPORT_SOURCES: '1' }), asked);
});

test('a bundle in which one byte differs is not run: it is built anew', async () => {
  const [chunk = ''] = readdirSync(dirname(built)).filter(name => /^serving.*\.js$/.test(name));
  for (const name of [chunk, 'package.json']) {
    const file = join(dirname(built), name);
    const whole = readFileSync(file, 'utf8');
    appendFileSync(file, '\nprocess.exit(0);');
    const { script: again, said } = await script();
    assert.equal(again, built);
    assert.deepEqual(said, ['Putting the gateway into one bundle']);
    assert.equal(readFileSync(file, 'utf8'), whole);
  }
});

test('what is kept under the name of some sources is made of no others', () => {
  const place = mkdtempSync(join(home, 'named-'));
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts'), place, 'others']);
  assert.equal(status, 1);
  assert.match(String(stderr), /Error: they changed while they were read/);
  assert.deepEqual(readdirSync(place), []);
});

test('old bundles are cleared away, but for those that may still run', async () => {
  const place = dirname(dirname(built));
  const hourAgo = Date.now() / 1_000 - 3_600;
  for (const name of ['12', '11', '10', '9', '8', '7', '6', '5', '4']) {
    mkdirSync(join(place, name));
    utimesSync(join(place, name), hourAgo - Number(name), hourAgo - Number(name));
  }
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) mkdirSync(join(place, name));
  rmSync(join(dirname(built), 'gateway.js'));
  assert.equal((await script()).script, built);
  assert.deepEqual(
    readdirSync(place).sort(),
    ['4', 'a', 'b', 'c', 'd', 'e', 'f', dirname(built).slice(place.length + 1)].sort(),
  );
  for (const name of ['g', 'h', 'i']) mkdirSync(join(place, name));
  rmSync(join(dirname(built), 'gateway.js'));
  await script();
  assert.equal(readdirSync(place).length, 10, 'nine that may run, and the new one');
});

test('what the folders above the sources are called hides none of them, nor does a link', () => {
  const room = join(home, 'app.test.d', 'node_modules', 'core');
  mkdirSync(join(room, 'node_modules'), { recursive: true });
  for (const name of ['rule.ts', 'rule.test.ts', 'notes.md', 'node_modules/other.js'])
    writeFileSync(join(room, name), '');
  symlinkSync(join(room, 'notes.md'), join(room, 'linked.ts'));
  symlinkSync('nowhere', join(room, 'left-by-an-editor.ts'));
  assert.deepEqual(sourcesIn(room).sort(), [join(room, 'linked.ts'), join(room, 'rule.ts')]);
});

test('characters beyond Latin-1 are escaped, and mean what they meant', () => {
  const code = String.raw`['—', '\—', '\\—', '\n', 'é😀', /^[“\—]+$/.test('“—'), /^\\—$/.test('\\—')].join()`;
  assert.doesNotMatch(inLatin1(code), /[^\0-\xff]/);
  assert.equal(runInNewContext(inLatin1(code)), '—,—,\\—,\n,é😀,true,true');
});

test('a place where others may write is not used', async () => {
  const place = dirname(dirname(built));
  chmodSync(place, 0o770);
  const { script: run, because } = await script();
  assert.equal(run, sources);
  assert.equal(because, "the user's cache has no folder that is this user's alone");
  chmodSync(place, 0o700);
});

test('no file of it is kept by the engine at two bytes for each character, or asks where it lies', () => {
  const scripts = readdirSync(dirname(built)).filter(name => name.endsWith('.js'));
  assert.ok(scripts.length > 0);
  for (const name of scripts)
    assert.doesNotMatch(readFileSync(join(dirname(built), name), 'utf8'), /[^\0-\xff]|import\.meta/, name);
});

test('a stack names the lines of the sources', async () => {
  const stderr = await new Promise<string>(done => {
    execFile(process.execPath, [built, '--unheard-of'], (_error, _stdout, text) => done(text));
  });
  assert.match(stderr, /^TypeError \[ERR_PARSE_ARGS_UNKNOWN_OPTION\]: /m);
  const [, line] = /serving\.ts:(\d+):\d+/.exec(stderr) ?? [];
  const text = readFileSync(resolve(sources, '..', 'serving.ts'), 'utf8').split('\n')[Number(line) - 1];
  assert.match(text ?? stderr, /= parseArgs\(/);
});

test('what identifies the folding code, and what reads policies, is that of the sources', async () => {
  const names = readdirSync(dirname(built)).filter(name => name.endsWith('.js'));
  const constant = JSON.stringify(foldingCode());
  assert.ok(names.some(name => readFileSync(join(dirname(built), name), 'utf8').includes(constant)));
  const reader = fork(join(dirname(built), 'reader.js'), { serialization: 'advanced' });
  try {
    const policies = [
      { text: 'permit (principal, action, resource);', unscoped: 'permit (principal, action, resource);' },
    ];
    reader.send({ policies, schema: { '': { entityTypes: {}, actions: {} } } });
    const [[finding]] = (await once(reader, 'message')) as [Finding[]];
    assert.equal(finding?.json?.effect, 'permit');
  } finally {
    reader.kill('SIGKILL');
  }
});

test('a gateway that runs from it finds what lies beside the sources, and ends in order', async () => {
  const config = join(home, 'sallyport.yaml');
  const policies = resolve(import.meta.dirname, '../../policies');
  writeFileSync(config, `listen: 127.0.0.1:0\npolicies: ${policies}\nagents:\n  a: { principal: "user:a" }\n`);
  const order = { config, stateDir: join(home, 'state'), as: 'within', onProgress: () => {} } as const;
  const { running, stop, ended } = await launch(order, { path: built });
  assert.equal((await fetch(`${running.url}/readyz`)).status, 200);
  await stop();
  assert.equal(await ended, 0);
  await assert.rejects(launch({ ...order, signal: AbortSignal.abort() }, { path: built }), { code: 'interrupted' });
});
