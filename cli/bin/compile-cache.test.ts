import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { boundCompileCache, compileCacheDir, compileCacheFor } from './compile-cache.js';

const root = mkdtempSync(join(tmpdir(), 'sallyport-cache-'));
after(() => rmSync(root, { recursive: true }));

function envIn(name: string): { env: NodeJS.ProcessEnv; dir: string } {
  const base = join(root, name);
  mkdirSync(base);
  return { env: { XDG_CACHE_HOME: base }, dir: join(base, 'sallyport', 'compiled') };
}

test('compiled sources lie in the cache of the user, for nobody else to enter', () => {
  const { env, dir } = envIn('new');
  assert.equal(compileCacheDir(env), dir);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.deepEqual(compileCacheFor(env), { NODE_COMPILE_CACHE: dir });
});

test('a directory that others may write is not used: what lies there would be executed', () => {
  const { env, dir } = envIn('open');
  compileCacheDir(env);
  chmodSync(dir, 0o777);
  assert.equal(compileCacheDir(env), undefined);
  assert.deepEqual(compileCacheFor(env), {});
});

test('nor is a link, wherever it leads', () => {
  const { env, dir } = envIn('linked');
  mkdirSync(join(dir, '..'), { recursive: true, mode: 0o700 });
  mkdirSync(join(root, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(root, 'elsewhere'), dir);
  assert.equal(compileCacheDir(env), undefined);
});

test('nor is whatever folder a command was called in, where there is no home', t => {
  const { HOME } = process.env;
  t.after(() => {
    process.env.HOME = HOME;
  });
  for (const home of ['', 'relative']) {
    process.env.HOME = home;
    assert.equal(compileCacheDir({}), undefined, home);
    assert.equal(existsSync(join(home, '.cache', 'sallyport')), false);
  }
});

test('what a person chose goes before', () => {
  const { env } = envIn('chosen');
  assert.deepEqual(compileCacheFor({ ...env, NODE_COMPILE_CACHE: '/somewhere' }), {});
});

test('it does not grow for ever: what was written to longest ago goes, and nothing that stands elsewhere', () => {
  const { env, dir } = envIn('grown');
  compileCacheDir(env);
  const linked = join(root, 'linked-from-the-cache');
  mkdirSync(linked);
  writeFileSync(join(linked, 'kept'), '');
  symlinkSync(linked, join(dir, 'link'));
  for (const [at, name] of ['oldest', 'older', 'newest'].entries()) {
    mkdirSync(join(dir, name));
    for (const file of ['a', 'b', 'c']) writeFileSync(join(dir, name, file), '');
    utimesSync(join(dir, name), at + 1, at + 1);
  }
  boundCompileCache(env, 9);
  assert.deepEqual(readdirSync(dir), ['link', 'newest', 'older', 'oldest'], 'as many as may stay');
  boundCompileCache(env, 6);
  assert.deepEqual(readdirSync(dir), ['link', 'newest', 'older']);
  assert.deepEqual(readdirSync(linked), ['kept']);
  boundCompileCache({ ...env, NODE_COMPILE_CACHE: dir }, 0);
  assert.deepEqual(readdirSync(dir), ['link', 'newest', 'older'], 'what a person chose is theirs');
});

test('what lies directly in a folder of the cache is counted, and nothing below it gone through: a start waits for it', () => {
  const { env, dir } = envIn('deep');
  compileCacheDir(env);
  mkdirSync(join(dir, 'version', 'deep'), { recursive: true });
  for (const file of ['a', 'b', 'c']) writeFileSync(join(dir, 'version', 'deep', file), '');
  boundCompileCache(env, 1);
  assert.deepEqual(readdirSync(dir), ['version']);
  boundCompileCache(env, 0);
  assert.deepEqual(readdirSync(dir), []);
});
