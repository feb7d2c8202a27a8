import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config.ts';
import { fileStore } from './key-store.ts';
import { moveSecrets } from './move-secrets.ts';

const key = 'sk-live-Zq8vT3nLp0Xw7Rb2Yc5D';
const config = `# ours
policies: ./policies
credentials:
  mail-mail-key: { env: OTHER } # taken
servers:
  mail:
    command: mail-server # the good one
    args: [--port, "25", --key=${key}]
    env:
      MAIL_KEY: ${key} # from the portal
      LANG: en_GB.UTF-8
  wiki:
    url: https://wiki.example/mcp
    headers:
      Authorization: { value: "Bearer ${key}2" }
      Accept-Language: { value: en }
agents: { desk: { principal: "user:emma" } }
`;

test('keys leave the configuration, and nothing else changes', () => {
  const { after, secrets, left } = moveSecrets(config, fileStore('/keys'));
  assert.deepEqual(secrets, [
    {
      at: 'servers.mail.env.MAIL_KEY',
      credential: 'mail-mail-key-2',
      place: { file: '/keys/mail-mail-key-2' },
      secret: key,
    },
    {
      at: 'servers.wiki.headers.Authorization',
      credential: 'wiki-authorization',
      place: { file: '/keys/wiki-authorization' },
      secret: `${key}2`,
    },
  ]);
  assert.deepEqual(left, ['servers.mail.args[2]'], 'an argument is told, not moved');
  assert.equal(after.replace(`--key=${key}`, '').includes(key), false);
  for (const kept of ['# ours', '# taken', '# the good one', 'LANG: en_GB.UTF-8', 'Accept-Language: { value: en }'])
    assert.ok(after.includes(kept), kept);
  const read = parseConfig('/house/sallyport.yaml', after);
  const [mail, wiki] = read.servers.map(({ launch }) => launch);
  assert.deepEqual(mail?.kind === 'command' && mail.env, {
    MAIL_KEY: { credential: 'mail-mail-key-2' },
    LANG: 'en_GB.UTF-8',
  });
  assert.deepEqual(wiki?.kind === 'http' && wiki.headers.Authorization, {
    ...{ credential: 'wiki-authorization', scheme: 'Bearer' },
  });
});

test('a configuration without keys stays as it is, to the byte', () => {
  const plain = 'servers: { a: { command: x, env: { LANG: C } } }   # odd   spacing\n';
  assert.deepEqual(moveSecrets(plain, fileStore('/x')), { after: plain, secrets: [], left: [] });
  assert.throws(() => moveSecrets('a: [', fileStore('/x')), SyntaxError);
});
