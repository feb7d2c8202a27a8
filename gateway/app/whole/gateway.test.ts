import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import type { Script } from '@sallyport/testkit/upstream/script.ts';
import type { WhyView } from '../../api/view/decision.ts';
import { JournalFault } from '../../journal/fault.ts';
import type { ServerConfig } from '../../upstreams/config.ts';

/** The whole gateway in this process, with a real child process as its server. */

const secretTool = {
  name: 'unlock',
  inputSchema: {
    type: 'object',
    properties: { phrase: { type: 'string', format: 'password' }, door: { type: 'string' } },
  },
};
const noteTool = { name: 'create_note', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
const readTool = { name: 'read_note', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };

const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("no-notes-after-untrusted") @reason("this task has read untrusted content") @fix("open another task")
forbid (principal, action == Action::"notes/create_note", resource) when { context.flow.untrusted };
`;

function open(folder: string, script: Script = {}): Promise<House> {
  return openHouse(folder, { policies, script: { tools: [secretTool, noteTool, readTool], ...script } });
}

/** One that starts although it must not would keep the test from ending, and nobody would hear why. */
async function openAndClose(folder: string, script: Script = {}): Promise<void> {
  await (await open(folder, script)).gateway.close();
}

test('a label survives a restart, and so does a kill', async () => {
  using folder = temporaryFolder();
  {
    await using house = await open(folder.path);
    assert.equal((await house.call('create_note', { text: 'before' })).text, 'before');
    // What the server answered was untrusted: from here on the task is.
    assert.match((await house.call('create_note', { text: 'after' })).text, /rule no-notes-after-untrusted/);
  }
  {
    await using house = await open(folder.path);
    assert.match((await house.call('create_note', { text: 'later' })).text, /rule no-notes-after-untrusted/);
    await house.ask('kill', { scope: 'agent:writer' });
    assert.match((await house.call('read_note', {})).text, /an operator has stopped this agent/i);
  }
  await using house = await open(folder.path);
  assert.match((await house.call('read_note', {})).text, /an operator has stopped this agent/i);
  const received = linesOf(folder.file('received')).join('\n');
  assert.match(received, /before/);
  assert.doesNotMatch(received, /after|later/);
});

test('G-1 a journal in which a label was altered does not start', async () => {
  using folder = temporaryFolder();
  {
    await using house = await open(folder.path);
    await house.call('read_note', { text: 'x' });
  }
  const log = folder.file('state/journal/log/entries/000000');
  const bytes = readFileSync(log);
  const at = bytes.indexOf('"labels":["untrusted","unlabelled"]');
  assert.ok(at > 0, 'the entry is there');
  bytes.write('xntrusted', at + 11);
  writeFileSync(log, bytes);
  await assert.rejects(openAndClose(folder.path), (thrown: unknown) => {
    assert.ok(thrown instanceof JournalFault);
    assert.match(thrown.message, /do not have the root that was signed for them/);
    return true;
  });
});

test('G-4 what a schema marks as secret stands in no view and no file', async () => {
  using folder = temporaryFolder();
  await using house = await open(folder.path);
  await house.call('unlock', { phrase: 'swordfish-canary', door: 'north-door' });
  const { entries } = await house.ask<{ entries: { id: string; kind: string }[] }>('entries?kind=decided');
  const { decision } = await house.ask<{ decision: WhyView }>(`decisions/${entries.at(-1)?.id}`);
  assert.match(decision.arguments ?? '', /north-door/);
  assert.doesNotMatch(JSON.stringify(decision), /swordfish/);
  assert.match(linesOf(folder.file('received')).join('\n'), /swordfish-canary/, 'the server itself gets it');
});

test('a server that goes away is down, and comes back with what was accepted of it', async () => {
  using folder = temporaryFolder();
  {
    await using house = await open(folder.path);
    assert.equal((await house.call('read_note', { text: 'x' })).text, 'x');
  }
  await using house = await open(folder.path, { begin: 'exit' });
  type Status = { status: { state: string; servers: { state: string; tools: number }[] } };
  await until(
    'it was looked at',
    async () => (await house.ask<Status>('status')).status.servers[0]?.state !== 'starting',
  );
  const { status } = await house.ask<Status>('status');
  assert.deepEqual([status.state, status.servers[0]?.state, status.servers[0]?.tools], ['ready', 'down', 3]);
  assert.match((await house.call('read_note', { text: 'y' })).text, /^Refused notes: It (?:exited|failed .* exited)/);
});

test('R3 a policy that names a tool that no server was ever seen to have keeps the gateway from starting', async () => {
  using folder = temporaryFolder();
  await assert.rejects(openAndClose(folder.path, { begin: 'exit' }), /notes\.cedar:6: unrecognized action/);
});

test('policies that do not fit the servers any more say so, and whether the files in the folder would', async () => {
  using folder = temporaryFolder();
  const all = '@id("all") permit (principal, action, resource);\n';
  const ofDesk = (name: string) => `${all}@id("desk") forbid (principal, action == Action::"desk/${name}", resource);`;
  const script = { tools: [readTool] };
  const start = async (text: string, neighbours: ServerConfig[] = []): Promise<void> =>
    await (await openHouse(folder.path, { policies: text, script, neighbours })).gateway.close();
  await start(ofDesk('read_note'), [stdioUpstream('desk', script)]);

  await assert.rejects(start(ofDesk('read_note')), ({ message }: Error) => {
    assert.match(
      message,
      /^the policies in force since \S+, kept in \S+active-policies\.json, do not fit these servers:\n {2}\S+:2: unre/,
    );
    assert.match(
      message,
      /\nThe files in \S+ are the same: correct them\.\nThen put the set away, and start again.*: mv \S+ \S+active-policies\.anew\n/,
    );
    return true;
  });
  await assert.rejects(
    start(ofDesk('burn')),
    /\nNor do the files in \S+: correct them\.\n {2}\S+:2: unrecognized action `Action::"desk\/burn"`/,
  );
  await assert.rejects(start(all), /\nThe files in \S+ fit: look/);
});

test('R8 whoever is stopped loses the credentials that were lent to them, and the record says so', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('key'), 'canary-key-5f1b9c\n');
  await using house = await openHouse(folder.path, {
    policies,
    script: { tools: [readTool, noteTool] },
    config: 'credentials: { key: { file: ./key } }\n',
    env: { NOTES_KEY: { credential: 'key' } },
  });
  const told = async (): Promise<string[]> => {
    const { entries } = await house.ask<{ entries: { kind: string; outcome?: string }[] }>(
      'entries?kind=credential.requested,credential.issued,credential.ended',
    );
    return entries.map(({ kind, outcome = '' }) => `${kind} ${outcome}`.trim());
  };
  const lent = ['credential.requested', 'credential.issued'];
  assert.notEqual((await house.call('read_note', { text: 'x' })).isError, true);
  assert.deepEqual(await told(), lent);
  await house.ask('kill', { scope: 'agent:writer' });
  await until('the lease is over', async () => (await told()).length > lent.length);
  assert.equal((await house.call('read_note', { text: 'x' })).isError, true);
  await house.ask('unkill', { scope: 'agent:writer' });
  assert.notEqual((await house.call('read_note', { text: 'x' })).isError, true);
  assert.deepEqual(await told(), [...lent, 'credential.ended returned', ...lent]);
  const performed = () => house.ask<{ entries: { decision: string }[] }>('entries?kind=performed');
  await until('both outcomes are durable', async () => (await performed()).entries.length === 2);
  const { entries } = await performed();
  const lives = await Promise.all(
    entries.map(
      async ({ decision }) => (await house.ask<{ decision: WhyView }>(`decisions/${decision}`)).decision.credentials,
    ),
  );
  assert.deepEqual(
    lives.map(life => life?.map(({ credential, outcome }) => [credential, outcome])),
    [[['key', 'returned']], [['key', undefined]]],
    'why tells what each call was performed with, and what became of it',
  );
  const { credentials } = await house.ask<{ credentials: { leases: unknown[] }[] }>('credentials');
  assert.equal(credentials[0]?.leases.length, 1);
  assert.ok(!JSON.stringify([credentials, await house.ask('entries?limit=1000')]).includes('canary-key'), 'G-4');
});
