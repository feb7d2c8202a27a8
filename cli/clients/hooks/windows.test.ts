import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hookSecretFile } from '@sallyport/gateway/identity/hook-secrets.ts';
import { isPipe, localPlace } from '@sallyport/gateway/transports/local-place.ts';
import { openDeskHouse } from '@sallyport/testkit/hooks/desk-house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { clientsOn, type Machine } from '../table.ts';
import { isRefusal, runHook } from './canary.ts';
import { hooksIn, withoutHooks } from './edit.ts';
import { hooksState } from './findings.ts';
import { hookCommand, hookTargetsOn } from './table.ts';

/** What `wrap` writes on Windows, and the program that it names, run here: nobody has run them on Windows. */

const env = { PATH: process.env.PATH ?? '' };
const command = (client: string, part: 'tool' | 'prompt', stateDir: string): string =>
  hookCommand(client, part, stateDir, 'win32');

test('the command has words that cmd.exe and a POSIX shell read alike, and what they would replace is not written', () => {
  const text = command('cursor', 'tool', String.raw`C:\Users\Emma Ost\state`);
  assert.match(text, /^"[^"\\]+" "[^"\\]+\/hook\.js" "C:\/Users\/Emma Ost\/state" cursor tool$/);
  for (const odd of ['100%', 'a$b', 'a`b', 'a!b', 'a"b'])
    assert.throws(() => command('cursor', 'tool', `C:\\${odd}`), /shells on Windows replace a sign/);
});

test('files on Windows name no POSIX shell, are known again, and lose our entries to the byte', () => {
  using folder = temporaryFolder();
  const machine: Machine = { home: folder.path, platform: 'win32', env: {}, cwd: folder.path };
  const targets = hookTargetsOn(machine);
  assert.deepEqual(
    targets.map(({ client }) => client),
    ['claude-code', 'codex', 'cursor', 'vscode', 'gemini', 'opencode'],
  );
  assert.ok(
    clientsOn(machine).some(({ id }) => id === 'openclaw'),
    'its servers are wrapped all the same',
  );
  for (const target of targets) {
    const text = target.written(undefined, '/state');
    assert.equal(/\/bin\/sh|hook\.sh/.test(text), false, target.client);
    mkdirSync(join(target.path, '..'), { recursive: true });
    writeFileSync(target.path, text);
    assert.equal(hooksState(target, '/state').kind, 'whole', target.client);
    if (!target.path.endsWith('.json')) continue;
    assert.ok(hooksIn(text).length >= 4, target.client);
    const before = '{\r\n  "hooks": {\r\n    "Stop": []\r\n  }, // mine\r\n  "version": 1\r\n}\r\n';
    assert.equal(withoutHooks(target.written(before, '/state')), before, target.client);
  }
});

test('a pipe is called after its state directory, in whatever letters that is written', () => {
  const place = localPlace(String.raw`C:\Users\Emma\State`, 'hook.sock', 'win32');
  assert.match(place, /^\\\\\.\\pipe\\sallyport-[0-9a-f]{32}-hook\.sock$/);
  assert.equal(place, localPlace(String.raw`c:\users\emma\STATE\.`, 'hook.sock', 'win32'));
  assert.notEqual(place, localPlace(String.raw`C:\Users\Emma\Other`, 'hook.sock', 'win32'));
  assert.deepEqual([isPipe(place), isPipe(localPlace('/state', 'hook.sock', 'linux'))], [true, false]);
});

const misfortunes: Readonly<Record<string, RequestListener | undefined>> = {
  'no gateway': undefined,
  'a gateway that never answers': () => {},
  'a gateway that hangs up': (_req, res) => void res.destroy(),
  garbage: (_req, res) => void res.end('Segmentation fault'),
  'half an answer': (_req, res) => void res.end('{"hookSpecificOutput":'),
  'a refusal of the call itself': (_req, res) => void res.writeHead(401).end('{"error":{}}'),
};

describe('whatever goes wrong before a tool is a refusal, and never stands in the way of a user', () => {
  for (const [what, listener] of Object.entries(misfortunes))
    test(what, async () => {
      using folder = temporaryFolder();
      const socket = folder.file('hook.sock');
      mkdirSync(folder.file('hooks'));
      const call = `unix-socket = ${JSON.stringify(socket)}\nurl = "http://localhost/hooks/x"\nmax-time = 0.5\nsilent\n`;
      for (const part of ['tool', 'prompt']) writeFileSync(folder.file(`hooks/cursor.${part}.curl`), call);
      const server = listener && createServer(listener).listen(socket);
      const said = await runHook(command('cursor', 'tool', folder.path), { any: 'thing' }, env);
      const prompt = await runHook(command('cursor', 'prompt', folder.path), {}, env);
      server?.closeAllConnections();
      server?.close();
      assert.ok(isRefusal(said), JSON.stringify(said));
      assert.match(said.err, /^Refused: Sallyport gave no answer\./);
      assert.deepEqual([prompt.status, prompt.out], [0, '{"continue":true}\n']);
    });

  test('a state directory that is gone', async () => {
    assert.ok(isRefusal(await runHook(command('codex', 'tool', '/nonexistent'), {}, env)));
  });
});

test('it says what the POSIX script says, to a real gateway, with the secret in no word of a process', async () => {
  using folder = temporaryFolder();
  await using house = await openDeskHouse(folder.file('house'));
  const secret = readFileSync(hookSecretFile(join(house.stateDir, 'hooks'), 'claude-code', 'tool'), 'utf8').trim();
  assert.equal(command('claude-code', 'tool', house.stateDir).includes(secret), false);
  for (const [line, expected] of [
    ['rm -rf ~/old', 'ask'],
    ['npm test', 'allow'],
  ] as const) {
    const call = {
      tool_name: 'Bash',
      tool_input: { command: line },
      cwd: '/home/dev/shop',
      permission_mode: 'default',
    };
    const event = { hook_event_name: 'PreToolUse', session_id: 's', tool_use_id: line, ...call };
    const said = await runHook(command('claude-code', 'tool', house.stateDir), event, env);
    assert.equal(JSON.parse(said.out).hookSpecificOutput.permissionDecision, expected, JSON.stringify(said));
    const posix = await runHook(hookCommand('claude-code', 'tool', house.stateDir, 'linux'), event, env);
    assert.equal(JSON.parse(posix.out).hookSpecificOutput.permissionDecision, expected);
  }
});
