import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { main } from '../main.ts';
import { installService, removeService } from './service.ts';
import { userService } from './unit.ts';
import { tellingSystemd } from './up-service.ts';

/** A systemctl that notes what it was told, and starts and stops the unit's own command as systemd would. */
function openMachine(folder: ReturnType<typeof temporaryFolder>, body: string) {
  const [home, bin, state] = ['home', 'bin', 'state'].map(name => folder.file(name)) as [string, string, string];
  mkdirSync(home);
  mkdirSync(bin);
  const said = folder.file('said');
  writeFileSync(said, '');
  writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> '${said}'\n${body}\n`);
  chmodSync(join(bin, 'systemctl'), 0o755);
  const env = { HOME: home, PATH: `${bin}:${process.env.PATH}` };
  return { home, state, env, said: () => readFileSync(said, 'utf8').trim().split('\n') };
}

test('a service is written, started, and taken away without a trace', () => {
  using folder = temporaryFolder();
  const machine = openMachine(folder, 'exit 0');
  const service = userService(machine.env, '/etc/a "config".yaml', machine.state);
  installService(service, machine.env);
  const text = readFileSync(service.file, 'utf8');
  assert.match(
    text,
    /^ExecStart=\S+ \S+sallyport\.js up --foreground --config "\/etc\/a \\"config\\"\.yaml" --state \S+$/m,
  );
  installService(service, machine.env);
  assert.equal(removeService(machine.state, machine.env), service.file);
  assert.deepEqual([existsSync(service.file), existsSync(join(machine.home, '.config'))], [false, false]);
  assert.equal(removeService(machine.state, machine.env), undefined, 'nothing is there twice');
  assert.deepEqual(machine.said().slice(0, 3), [
    '--user daemon-reload',
    '--user enable sallyport.service',
    '--user restart sallyport.service',
  ]);
});

test('where systemd does not take it nothing is left, and a unit of somebody else is not touched', () => {
  using folder = temporaryFolder();
  const machine = openMachine(folder, 'echo "Failed to connect to bus" >&2; exit 1');
  const service = userService(machine.env, '/c.yaml', machine.state);
  assert.throws(() => installService(service, machine.env), /Failed to connect to bus/);
  assert.equal(existsSync(join(machine.home, '.config')), false);
  mkdirSync(join(machine.home, '.config', 'systemd', 'user'), { recursive: true });
  writeFileSync(service.file, '[Unit]\nDescription=mine\n');
  assert.throws(() => installService(service, machine.env), /was not written by Sallyport/);
  assert.equal(readFileSync(service.file, 'utf8'), '[Unit]\nDescription=mine\n');
});

test('up --service starts what the unit says, says what it is worth, and down --service ends it', async () => {
  using folder = temporaryFolder();
  const pidFile = folder.file('pid');
  const start = `unit="$HOME/.config/systemd/user/sallyport.service"
case "$2" in
restart) sh -c "$(sed -n 's/^ExecStart=//p' "$unit")" >/dev/null 2>&1 & echo $! > '${pidFile}' ;;
disable) kill "$(cat '${pidFile}')" ;;
esac`;
  const machine = openMachine(folder, start);
  const config = folder.file('sallyport.yaml');
  writeFileSync(
    config,
    `listen: 127.0.0.1:0\npolicies: ${JSON.stringify(resolve(import.meta.dirname, '../../policies'))}\n`,
  );
  const sallyport = async (...argv: string[]) => {
    const terminal = createFakeTerminal({ cwd: machine.home, env: machine.env });
    return { status: await main(['--state', machine.state, ...argv], terminal), terminal };
  };
  const unasked = await sallyport('up', '--service', '--config', config);
  assert.deepEqual([unasked.status, existsSync(join(machine.home, '.config'))], [2, false], 'nobody said yes');
  const up = await sallyport('up', '--service', '--config', config, '--yes');
  assert.equal(up.status, 0, up.terminal.stderr());
  assert.match(up.terminal.stderr(), /advisory: shared uid/);
  const down = await sallyport('down', '--service');
  assert.match(down.terminal.stdout(), /removed .*sallyport\.service/);
  assert.equal(existsSync(join(machine.home, '.config')), false);
});

test('a long start has systemd wait on, and says how far it is', async t => {
  using folder = temporaryFolder();
  const machine = openMachine(folder, 'exit 0');
  const notify = join(folder.file('bin'), 'systemd-notify');
  writeFileSync(notify, `#!/bin/sh\necho "$@" >> '${folder.file('said')}'\n`);
  chmodSync(notify, 0o755);
  t.mock.timers.enable({ apis: ['Date'] });
  const telling = [tellingSystemd(machine.env), tellingSystemd({ ...machine.env, NOTIFY_SOCKET: '/run/notify' })];
  for (const tell of telling) tell('Checking the journal: 1 of 3 entries');
  t.mock.timers.tick(10_000);
  for (const tell of telling) tell('Checking the journal: 2 of 3 entries');
  for (const tell of telling) tell('Checking the journal: 3 of 3 entries');
  await until('it was told', () => machine.said()[0] !== '');
  assert.deepEqual(machine.said(), ['EXTEND_TIMEOUT_USEC=90000000 --status=Checking the journal: 2 of 3 entries']);
});
