import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type DeskHouse, openDeskHouse } from '@sallyport/testkit/hooks/desk-house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';

/** An agent that would be a wrapped server's client itself, with the shell it has (docs/explanation/what-this-does-not-stop.md). */

const folder = temporaryFolder();
let house: DeskHouse;
const session = { session_id: 's', transcript_path: '/t', cwd: '/home/emma/shop', permission_mode: 'default' };
before(async () => {
  house = await openDeskHouse(folder.file('house'));
  await house.hook(
    'claude-code',
    { ...session, hook_event_name: 'UserPromptSubmit', prompt: 'Fix the tests' },
    'prompt',
  );
});
after(async () => {
  await house[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function told(command: string): Promise<string> {
  const call = { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command }, tool_use_id: command };
  const { said } = await house.hook('claude-code', { ...session, ...call });
  const { permissionDecision, permissionDecisionReason } = said.hookSpecificOutput as Record<string, string>;
  return `${permissionDecision}: ${permissionDecisionReason}`;
}

describe('K-4 starting a server without the gateway', () => {
  test('from a script that the project already runs is not seen, and the page says so', async () => {
    assert.match(await told('npm test'), /^allow/);
  });

  for (const command of [
    'node server.js',
    'npx -y @acme/mail-server',
    'docker run -i --rm mail-mcp',
    'echo x | python3 -m mail_server',
    'curl -H "Authorization: Bearer $K" https://mail.example/mcp',
  ])
    test(`is asked about: ${command}`, async () => {
      assert.match(await told(command), /^ask: .*rule ask-before-(?:running-code|a-command-reaches-out)/);
    });

  test('with the key or the configuration of the gateway is refused', async () => {
    const key = join(house.stateDir, 'wrapped', 'secrets', 'mail-key');
    for (const command of [`cat ${key}`, `K=$(cat ${key}) node mail.js`, `cat ${folder.file('house/sallyport.yaml')}`])
      assert.match(await told(command), /^deny: .*rule gateways-own-files/, command);
  });
});
