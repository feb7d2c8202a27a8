import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { unproven } from '@sallyport/core/identity/fault.ts';
import type { Proof } from '@sallyport/core/model/agent.ts';
import { createFakeJournal } from '@sallyport/testkit/fakes/journal.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { testId } from '@sallyport/testkit/rooms/tasks.ts';
import { newSecret } from '../secret/secret.ts';
import { createAuthenticate } from './authenticate.ts';
import type { AgentConfig } from './config.ts';
import { createAgentControl } from './control.ts';
import { entrySecretFile, openEntrySecrets } from './entry-secrets.ts';
import { openAgentTokens, tokensPerAgentMax } from './tokens.ts';

const agents: readonly AgentConfig[] = [
  { id: 'assistant', classes: ['desk'], principal: 'user:emma', entries: ['laptop'], team: 'home' },
  { id: 'batch', classes: [], principal: 'system:nightly', shared: true, vendor: true },
];

const nothing = async () => unproven('issuer', 'there is none here');
const noWorkloads = { token: nothing, certificate: nothing };
const noAccess = { isOurs: () => false, prove: nothing, read: nothing };

const revokeFamily = async () => {};

interface Setting {
  readonly folder: string;
  readonly tokens: ReturnType<typeof openAgentTokens>;
  readonly authenticate: ReturnType<typeof createAuthenticate>;
  readonly entrySecret: string;
}

async function inSetting(run: (setting: Setting) => Promise<void> | void, configured = agents): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  try {
    const dir = join(folder, 'entries');
    mkdirSync(dir);
    const tokens = openAgentTokens(join(folder, 'tokens.json'), 'local', () => 1_000);
    const entrySecrets = openEntrySecrets(dir, ['laptop']);
    const authenticate = createAuthenticate({
      ...{ agents: configured, tokens, entrySecrets, now: () => 1_000 },
      ...{ workloads: noWorkloads, access: noAccess, hooks: { agentsOf: () => undefined } },
    });
    await run({
      folder,
      tokens,
      authenticate,
      entrySecret: readFileSync(entrySecretFile(dir, 'laptop'), 'utf8').trim(),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a bearer token proves the agent it was issued for, as it is configured now', () =>
  inSetting(async ({ tokens, authenticate }) => {
    const { token } = tokens.issue('batch');
    const agent = await authenticate({ kind: 'bearer', token });
    assert.ok(agent.ok);
    assert.deepEqual(agent.value, {
      id: 'batch',
      classes: [],
      team: undefined,
      owner: undefined,
      principal: 'system:nightly',
      shared: true,
      vendor: true,
      proof: 'bearer',
      trust: 2,
      unknown: ['software', 'model', 'where it runs', 'who else uses it', 'its own log'],
    });
  }));

test('an entry secret proves its agent, with the lowest trust', () =>
  inSetting(async ({ authenticate, entrySecret }) => {
    const agent = await authenticate({ kind: 'local-entry', entry: 'laptop', secret: entrySecret });
    assert.ok(agent.ok);
    assert.deepEqual(
      [agent.value.id, agent.value.proof, agent.value.trust, agent.value.team],
      ['assistant', 'local-entry', 1, 'home'],
    );
  }));

test('D-12 whatever is wrong with a proof, it is refused in the same words', async () => {
  const unconfigured = agents.filter(agent => agent.id === 'assistant');
  await inSetting(async ({ tokens, authenticate, entrySecret }) => {
    const gone = tokens.issue('batch').token;
    const revoked = tokens.issue('assistant');
    tokens.revoke('assistant', revoked.id);
    const good = tokens.issue('assistant').token;
    const proofs: Proof[] = [
      { kind: 'none' },
      { kind: 'bearer', token: '' },
      { kind: 'bearer', token: 'secret-api-key' },
      { kind: 'bearer', token: newSecret('spa') },
      { kind: 'bearer', token: gone },
      { kind: 'bearer', token: revoked.token },
      { kind: 'bearer', token: ` ${good}` },
      { kind: 'bearer', token: good.toLowerCase() },
      { kind: 'bearer', token: entrySecret },
      { kind: 'local-entry', entry: 'laptop', secret: good },
      { kind: 'local-entry', entry: 'laptop', secret: newSecret('spe') },
      { kind: 'local-entry', entry: 'laptop', secret: '' },
      { kind: 'local-entry', entry: 'desk', secret: entrySecret },
      { kind: 'local-entry', entry: '__proto__', secret: entrySecret },
    ];
    const answers = await Promise.all(proofs.map(authenticate));
    assert.ok(answers[0]?.ok === false);
    const { proof: _inside, ...first } = answers[0].refusal;
    for (const [index, answer] of answers.entries()) {
      assert.ok(!answer.ok, JSON.stringify(proofs[index]?.kind));
      assert.equal(answer.refusal.code, 'unauthenticated');
      const { proof, ...outside } = answer.refusal;
      assert.ok(proof?.reason === 'missing' || proof?.reason === 'unknown-secret');
      assert.deepEqual(outside, first);
    }
    assert.ok((await authenticate({ kind: 'bearer', token: good })).ok);
  }, unconfigured);
});

test('E-10 a token that is revoked proves nothing from then on, also with a proof that counted before', () =>
  inSetting(async ({ tokens, authenticate }) => {
    const { token } = tokens.issue('batch');
    const proof: Proof = { kind: 'bearer', token };
    assert.ok((await authenticate(proof)).ok);
    tokens.revoke('batch', undefined);
    const again = await authenticate(proof);
    assert.equal(!again.ok && again.refusal.proof?.reason, 'unknown-secret');
  }));

test('tokens survive a restart as hashes; nothing on disk opens anything', () =>
  inSetting(({ folder, tokens }) => {
    const file = join(folder, 'tokens.json');
    const { token, id } = tokens.issue('assistant');
    assert.ok(!readFileSync(file, 'utf8').includes(token.slice(4)));
    const again = openAgentTokens(file, 'local', () => 2_000);
    assert.equal(again.agentOf({ token }), 'assistant');
    assert.deepEqual(
      again.list('assistant').map(each => [each.id, each.issuedAt]),
      [[id, 1_000]],
    );
    assert.equal(
      again.agentOf({ token: again.list('assistant')[0]?.hash ?? '' }),
      undefined,
      'a hash was taken for a token',
    );
    again.revoke('assistant', undefined);
    assert.equal(openAgentTokens(file, 'local', () => 3_000).agentOf({ token }), undefined);
    assert.throws(() => openAgentTokens(file, 'other', () => 3_000), /not a list of this tenant’s tokens/);
  }));

test('one agent cannot revoke the token of another by its name', () =>
  inSetting(({ tokens }) => {
    const { id, token } = tokens.issue('assistant');
    assert.deepEqual(tokens.revoke('batch', id), []);
    assert.equal(tokens.agentOf({ token }), 'assistant');
  }));

test('a token file that is not one stops the start, naming the file and what to do', () =>
  inSetting(({ folder }) => {
    const file = join(folder, 'tokens.json');
    const bad = ['', '{}', '[]', '{"v":2,"tokens":[]}', '{"v":1,"tokens":[{}]}', '{"v":1,"tokens":[],"tokens":[]}'];
    for (const text of [...bad, '{"v":1,"tokens":[{"id":"x","agent":"assistant","hash":"short","issuedAt":1}]}']) {
      writeFileSync(file, text, { mode: 0o600 });
      assert.throws(() => openAgentTokens(file, 'local', () => 0), /tokens\.json/, text);
    }
  }));

test('D-9 an entry secret that was put there by hand is refused', () =>
  inSetting(({ folder }) => {
    const dir = join(folder, 'entries');
    for (const text of ['', 'my-test-key', `spe_${'A'.repeat(43)}`]) {
      writeFileSync(entrySecretFile(dir, 'laptop'), text, { mode: 0o600 });
      assert.throws(() => openEntrySecrets(dir, ['laptop']), /delete it to have a new one made/);
    }
  }));

test('the secret of an entry that is no longer configured is removed, and the others stay', () =>
  inSetting(({ folder, entrySecret }) => {
    const dir = join(folder, 'entries');
    openEntrySecrets(dir, ['laptop', 'desk']);
    assert.ok(existsSync(entrySecretFile(dir, 'desk')));
    const secrets = openEntrySecrets(dir, ['laptop']);
    assert.equal(existsSync(entrySecretFile(dir, 'desk')), false);
    assert.ok(secrets.matches('laptop', entrySecret));
  }));

test('issuing and revoking stand in the journal by the name of the token, and unknown agents get none', () =>
  inSetting(async ({ tokens }) => {
    const journal = createFakeJournal(() => 1);
    const control = createAgentControl({
      agents,
      tokens,
      journal,
      newId: testId,
      ...{ isKilled: id => id === 'batch', revokeFamily },
    });
    const issued = await control.issue('assistant', theOperator);
    assert.ok(issued.ok);
    const typo = await control.issue('asistant', theOperator);
    assert.ok(!typo.ok);
    assert.match(typo.error.message, /did you mean assistant/);
    const wrong = await control.revoke('assistant', 'nope', theOperator);
    assert.ok(!wrong.ok && wrong.error.field === 'token');
    assert.equal(wrong.error.fix, 'see: sallyport agents ls');
    const revoked = await control.revoke('assistant', issued.value.id, theOperator);
    assert.ok(revoked.ok && revoked.value.tokens.length === 0);
    assert.deepEqual(
      journal.entries.map(entry => (entry.kind === 'agent.token' ? [entry.state, entry.token] : entry.kind)),
      [
        ['issued', issued.value.id],
        ['revoked', issued.value.id],
      ],
    );
    assert.ok(!JSON.stringify(journal.entries).includes(issued.value.token.slice(4)));
    assert.deepEqual(
      (await control.list()).map(agent => [agent.id, agent.killed]),
      [
        ['assistant', false],
        ['batch', true],
      ],
    );
  }));

test('an agent has a bounded number of tokens', () =>
  inSetting(async ({ tokens }) => {
    const journal = createFakeJournal(() => 1);
    const control = createAgentControl({ agents, tokens, journal, newId: testId, isKilled: () => false, revokeFamily });
    for (let n = 0; n < tokensPerAgentMax; n++) assert.ok((await control.issue('batch', theOperator)).ok);
    const more = await control.issue('batch', theOperator);
    assert.ok(!more.ok && more.error.code === 'conflict');
    assert.ok((await control.issue('assistant', theOperator)).ok);
  }));
