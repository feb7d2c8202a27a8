import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openApi } from '../api.ts';
import { launch } from '../launch.ts';
import { checkedSystemService, type Host, installSystemService, removeSystemService } from './system-service.ts';
import { systemService, userService } from './unit.ts';

const uid = process.getuid?.() ?? 0;

/** A machine below a folder: programs that change its `etc/passwd` as useradd and userdel do, and a systemctl that notes. */
function openMachine(folder: ReturnType<typeof temporaryFolder>, systemctl = 'exit 0') {
  const root = folder.path;
  const [bin, etc, units] = ['bin', 'etc', 'etc/systemd/system'].map(name => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const dir of [bin, units]) mkdirSync(dir, { recursive: true, mode: 0o755 });
  const [passwd, said] = [join(etc, 'passwd'), join(root, 'said')];
  writeFileSync(passwd, 'root:x:0:0::/root:/bin/sh\nemma:x:1000:1000::/home/emma:/bin/sh');
  writeFileSync(said, '');
  const put = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> '${said}'\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  put('getent', `grep -q "^$2:" '${passwd}'`);
  put(
    'useradd',
    `cp '${passwd}' '${passwd}-before'; printf '\\nsallyport:x:990:990::/var/lib/sallyport:/usr/sbin/nologin' >> '${passwd}'`,
  );
  put('userdel', `mv '${passwd}-before' '${passwd}'`);
  put('systemctl', systemctl);
  const program = join(root, 'program');
  writeFileSync(program, '');
  writeFileSync(join(etc, 'sallyport.yaml'), '');
  const host: Host = { env: { PATH: `${bin}:${process.env.PATH}` }, root, rootUid: uid };
  return {
    host,
    program,
    config: join(etc, 'sallyport.yaml'),
    etc,
    said: () => readFileSync(said, 'utf8').trim().split('\n'),
  };
}

function listing(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(each => each.isFile());
  return Object.fromEntries(
    files.map(each => [join(each.parentPath, each.name), readFileSync(join(each.parentPath, each.name), 'hex')]),
  );
}

test('a system service gets an account of its own, and goes away with it: every file is as it was', () => {
  using folder = temporaryFolder();
  const { host, program, config, etc, said } = openMachine(folder);
  const before = listing(etc);
  const service = checkedSystemService(config, 1000, [program], host);
  installSystemService(service, host);
  installSystemService(service, host);
  const unit = readFileSync(service.file, 'utf8');
  assert.match(unit, /^User=sallyport$/m);
  assert.match(unit, /--state \/var\/lib\/sallyport --agents-uid 1000$/m);
  assert.deepEqual(removeSystemService(host), [service.file, 'the account sallyport']);
  assert.deepEqual(listing(etc), before);
  assert.equal(removeSystemService(host), undefined, 'nothing is there twice');
  assert.equal(said().filter(line => line.startsWith('useradd')).length, 1);
  assert.ok(said().includes('systemctl disable --now sallyport.service'));
});

test('an account that was there stays, a unit of somebody else is not touched, and what systemd does not take leaves nothing', () => {
  using folder = temporaryFolder();
  const { host, program, config, etc } = openMachine(
    folder,
    'case $1 in restart) echo "Job failed" >&2; exit 1;; esac',
  );
  const before = listing(etc);
  const service = checkedSystemService(config, 1000, [program], host);
  assert.throws(() => installSystemService(service, host), /systemctl restart sallyport\.service failed: Job failed/);
  assert.deepEqual(listing(etc), before);
  const passwd = `${readFileSync(join(etc, 'passwd'), 'utf8')}\nsallyport:x:200:200::/:/bin/false`;
  writeFileSync(join(etc, 'passwd'), passwd);
  assert.throws(() => installSystemService(service, host), /Job failed/);
  assert.equal(readFileSync(join(etc, 'passwd'), 'utf8'), passwd);
  writeFileSync(service.file, '[Unit]\nDescription=mine\n');
  assert.throws(() => checkedSystemService(config, 1000, [program], host), /was not written by Sallyport/);
  assert.equal(removeSystemService(host), undefined);
  assert.ok(existsSync(service.file));
});

test('what others than root may change, or lies in a home folder, is no part of a system service', () => {
  using folder = temporaryFolder();
  const { host, program, config } = openMachine(folder);
  assert.throws(
    () => checkedSystemService(config, 1000, [program], { ...host, rootUid: uid + 1 }),
    /is not root's alone/,
  );
  chmodSync(program, 0o775);
  assert.throws(() => checkedSystemService(config, 1000, [program], host), /program is not root's alone/);
  chmodSync(program, 0o755);
  chmodSync(join(host.root, 'etc'), 0o777);
  assert.throws(
    () => checkedSystemService(config, 1000, [program], host),
    /etc is not root's alone, and .*sallyport\.yaml lies below it/,
  );
  assert.throws(() => checkedSystemService('/home/emma/x.yaml', 1000, [program], host), /lies in a home folder/);
});

test('systemd reads both units without a complaint, and calls the system one well confined', t => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('there is no systemd-analyze here');
  using folder = temporaryFolder();
  const units = [userService({ HOME: '/home/emma' }, '/c.yaml', '/s'), systemService('/etc/sallyport.yaml', 1000, '/')];
  for (const { scope, text } of units) {
    const file = folder.file(scope === 'system' ? 'sallyport.service' : 'user.service');
    // Accounts are looked up on this machine, where this one is not.
    writeFileSync(file, text.replace(/^(User|Group)=.*$/gm, '$1=root'));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    assert.deepEqual(
      stderr.split('\n').filter(line => line.includes(folder.path) || /sallyport\.service|user\.service/.test(line)),
      [],
      scope,
    );
  }
  writeFileSync(folder.file('sallyport.service'), systemService('/etc/sallyport.yaml', 1000, '/').text);
  const words = ['security', '--offline=yes', '--threshold=30', '--no-pager', folder.file('sallyport.service')];
  const { status, stdout } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  assert.equal(status, 0, stdout.split('\n').at(-2));
});

test('a gateway whose agents are somebody else says so, unless it starts servers that run as it does', async () => {
  using folder = temporaryFolder();
  const config = folder.file('sallyport.yaml');
  const pack = `listen: 127.0.0.1:0\npolicies: ${JSON.stringify(join(import.meta.dirname, '../../policies'))}\n`;
  const servers = 'servers: { none: { command: "false" } }\nsegments: { all: { servers: [none] } }\n';
  const said: string[] = [];
  for (const [text, name] of [
    [pack, 'a'],
    [`${pack}${servers}`, 'b'],
  ] as const) {
    writeFileSync(config, text);
    const launched = await launch({
      ...{ config, stateDir: folder.file(name), as: 'within', onProgress: () => {}, agentsUid: uid + 1 },
    });
    said.push((await openApi(folder.file(name)).get<{ operator: string }>('status')).operator);
    await launched.stop();
  }
  assert.deepEqual(said, ['separate uid', 'advisory: shared uid']);
});
