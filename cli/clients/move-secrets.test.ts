import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
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

/** What stands around each key, laid out as people do it: what is not changed has to stay to the byte. */
const layouts: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'lists without blanks, odd spacing, no credentials yet': [
    `servers:\n    mail: {command: mail,args: [a,  b] , env: {MAIL_KEY: ${key}, LANG:   C}}   # odd\nagents: {a: {entries: [a]}}\n`,
    `servers:\n    mail: {command: mail,args: [a,  b] , env: {MAIL_KEY: { credential: mail-mail-key }, LANG:   C}}   # odd\nagents: {a: {entries: [a]}}\ncredentials:\n  mail-mail-key: { file: /keys/mail-mail-key }\n`,
  ],
  'credentials as a block, a header as a block': [
    `credentials:\n    # kept\n    other: {env: OTHER}\nservers:\n  wiki:\n    headers:\n      Authorization:\n        value: 'Bearer ${key}' # ours\n    args: [a]\n`,
    `credentials:\n    # kept\n    wiki-authorization: { file: /keys/wiki-authorization }\n    other: {env: OTHER}\nservers:\n  wiki:\n    headers:\n      Authorization:\n        { credential: wiki-authorization, scheme: Bearer } # ours\n    args: [a]\n`,
  ],
  'credentials between braces, lines that end in CRLF, none at the end': [
    `credentials: {other: {env: O}}\r\nservers:\r\n  mail:\r\n    env:\r\n      MAIL_KEY: "${key}"\r\n    args: [a]`,
    `credentials: { mail-mail-key: { file: /keys/mail-mail-key },other: {env: O}}\r\nservers:\r\n  mail:\r\n    env:\r\n      MAIL_KEY: { credential: mail-mail-key }\r\n    args: [a]`,
  ],
  'credentials that are empty, a key over several lines': [
    `credentials: # none yet\nservers:\n  mail:\n    env:\n      MAIL_KEY: |\n        ${key}\n\n    args: [a]\n`,
    `credentials: { mail-mail-key: { file: /keys/mail-mail-key } } # none yet\nservers:\n  mail:\n    env:\n      MAIL_KEY: { credential: mail-mail-key }\n\n    args: [a]\n`,
  ],
  'all of it between braces': [
    `{servers: {mail: {env: {MAIL_KEY: ${key}}, args: [a]}}}\n`,
    `{ credentials: { mail-mail-key: { file: /keys/mail-mail-key } },servers: {mail: {env: {MAIL_KEY: { credential: mail-mail-key }}, args: [a]}}}\n`,
  ],
};

for (const [name, [before, after]] of Object.entries(layouts))
  test(`what a moved key leaves alone stays to the byte: ${name}`, () => {
    assert.equal(moveSecrets(before, fileStore('/keys')).after, after);
  });

test('a configuration without keys stays as it is, to the byte', () => {
  const plain = 'servers: { a: { command: x, env: { LANG: C } } }   # odd   spacing\n';
  assert.deepEqual(moveSecrets(plain, fileStore('/x')), { after: plain, secrets: [], left: [] });
  assert.throws(() => moveSecrets('a: [', fileStore('/x')), SyntaxError);
});
