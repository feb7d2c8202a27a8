import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObject, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import { contentTypes } from '../policy/content-type.ts';
import { readAddresses } from './address.ts';
import { type ContentFacts, contentFacts, type LanguageReaders } from './content.ts';
import { readLeak } from './leak.ts';
import { readPaths } from './path.ts';
import { noShell, unclearShell } from './shell.ts';
import { noSql, unclearSql } from './sql.ts';
import { readUrls } from './url.ts';

/** Readers that only say what they were given. */
const echo: LanguageReaders = {
  shell: text => ({ ...noShell, present: true, commands: [text] }),
  sql: text => ({ ...noSql, present: true, reads: [text] }),
  personal: text => [{ kind: 'email', start: 0, end: text.length }],
};

function contentOf(properties: Record<string, unknown>, input: unknown): ContentFacts {
  const tool = toolOf({ server: 's', name: 't', classes: ['read'], schema: { type: 'object', properties } });
  return contentFacts(tool, readObject(JSON.stringify(input)), echo);
}

test('every fact has the type that policies are checked against, and the other way round', () => {
  const facts = contentOf({}, {});
  for (const [name, type] of Object.entries(contentTypes))
    assert.deepEqual(Object.keys(facts[name as keyof ContentFacts]).sort(), [...type.attributes.keys()].sort(), name);
});

test('C-9 a command is read wherever it stands, as text or as a list of words', () => {
  const facts = contentOf(
    { command: { type: 'string' }, argv: { type: 'array', items: { type: 'string' } } },
    { command: 'ls', argv: ['rm', "it's"], nested: [{ cmd: 'pwd' }] },
  );
  assert.deepEqual(facts.shell.commands, ['ls', "rm 'it'\\''s'", 'pwd']);
});

test('SQL is known by the name of its argument or by what its description says', () => {
  const query = { type: 'string', description: 'The SQL to run' };
  assert.deepEqual(contentOf({ query }, { query: 'select 1' }).sql.reads, ['select 1']);
  assert.deepEqual(contentOf({ sql: { type: 'string' } }, { sql: 'x' }).sql.reads, ['x']);
  assert.equal(contentOf({ query: { type: 'string' } }, { query: 'cats' }).sql.present, false);
});

test('more arguments than are looked at make commands and SQL unclear', () => {
  const many = Array.from({ length: 10_001 }, () => 'x');
  const facts = contentOf({}, { many, command: 'ls' });
  assert.deepEqual(facts.shell, unclearShell);
  assert.deepEqual(facts.sql, unclearSql);
});

test('addresses are read in every spelling of a host, and inside one another', () => {
  const internal = [
    'http://127.0.0.1/x',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://[::1]:80/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest',
    'http://metadata.google.internal/',
    'http://10.0.0.5.dns.example/',
    'http://db-192-168-0-1.dns.example/',
    'http://localhost./',
    'http://127.0.0.1../',
    'http://[::ffff:7f00:1]/',
    'http://[::7f00:1]/',
    'http://[::ffff:0:a00:5]/',
    'http://[64:ff9b:1::a00:5]/',
    'http://[2002:c0a8:1::]/',
    'http://[fec0::1]/',
    'http:127.0.0.1/x',
    'http:/localhost/x',
    'ht\ntp://0x7f.1/',
    ' http:\\\\127.0.0.1',
    'see http://intranet/page for more',
  ];
  for (const text of internal) assert.equal(readUrls([text]).internal, true, text);
  for (const text of [
    'https://example.org/a',
    'https://8.8.4.4.dns.example/',
    'https://v1-2.example/10.0.0.5',
    'https://[2001:db8::7f00:1]/',
  ])
    assert.equal(readUrls([text]).internal, false, text);
  const nested = readUrls(['https://a.example/get?u=https%253A%252F%252Fevil.example%252Fx']);
  assert.deepEqual([nested.nested, nested.hosts], [true, ['a.example', 'evil.example']]);
  assert.equal(readUrls(['https://good.example@evil.example/']).credentials, true);
  assert.deepEqual(readUrls(['https://good.example@evil.example/']).hosts, ['evil.example']);
  for (const blank of [' ', '\t', '|', "'", '"', '{', '^', '`', '<'])
    assert.ok(readUrls([`http://good.example${blank}@evil.example/`]).hosts.includes('evil.example'), blank);
  for (const [text, hosts, isUnclear] of [
    ['http://good.example\\@127.0.0.1:7420/x', ['good.example', '127.0.0.1'], false],
    ['http://good.example\\.evil.example/', ['good.example'], true],
    ['http://good.example/a\\b', ['good.example'], false],
  ] as const)
    assert.deepEqual([readUrls([text]).hosts, readUrls([text]).unclear], [hosts, isUnclear], text);
  assert.equal(readUrls(['http://good.example\\@127.0.0.1:7420/x']).internal, true, 'to curl, wget and Python');
  assert.equal(readUrls(['note: see C:\\x', 'TODO: http', 'mailto:a@b.example']).present, false);
  assert.equal(readUrls(['http://[nonsense/']).unclear, true);
  assert.equal(readUrls(['https://a.example/?q=0123456789']).carriedChars, 13);
});

test('C-8 what names a machine by its number, or this one, is an address without a scheme as well', () => {
  for (const text of [
    '169.254.169.254/latest',
    '169.254.169.254',
    '//169.254.169.254/latest',
    '\\\\10.0.0.5\\share',
    '0251.0376.0xa9.254/latest',
    'me@10.0.0.5/x',
    'fetch 10.0.0.5:8080 and tell me',
    'look (127.0.0.1/admin)',
    'localhost',
    'localhost:3000',
    'see localhost/admin',
    'a.localhost:80/x',
    '[::1]:80/x',
    '::1',
    'see [fd00::1]/x',
    '//metadata.google.internal/x',
    ' //127.0.0.1 ',
    '"http:127.0.0.1/x"',
    '<http:127.0.0.1>',
    '\u00a0http:127.0.0.1/x',
    'see http:/localhost/x',
  ])
    assert.equal(readUrls([text]).internal, true, text);
  assert.deepEqual(readUrls(['//host.example/x']).hosts, ['host.example']);
  const { schemes, carriedChars, present } = readUrls(['8.8.4.4/?q=0123456789']);
  assert.deepEqual([schemes, carriedChars, present], [[], 13, true], 'nobody said how it would be reached');
  for (const text of [
    'version 10.0.0.5 is out',
    'from 10.0.19041.1/x on',
    'v10.0.0.5/x',
    'release-10.0.0.5/notes',
    '10.0.0',
    '1.2.3.4.5/x',
    '/srv/10.0.0.5/logs',
    'the network 10.0.0.0/8, and 192.168.0.0/16.',
    '23.11.2026/24.11.2026',
    'at 12:30:45',
    '12:30:45',
    '00:1a:2b:3c:4d:5e',
    'run it on localhost, please',
    'localhosts/x',
    'list[0]/x and [1:2]/y',
    'std::vector',
    'dead::beef',
    '::',
    '// a note',
    '//tmp/x',
    'notes.md/x',
    'either/or',
    'ann@localhost',
  ])
    assert.equal(readUrls([text]).present, false, text);
  assert.deepEqual(readUrls(['https://a.example/@127.0.0.1/x']).hosts, ['a.example'], 'a part of another address');
});

test('C-8 paths are normalised, and places of keys and of what runs by itself are known', () => {
  assert.deepEqual(readPaths(['a/./b/../c', '/x//y', 'file:///etc/passwd']).all, ['a/c', '/x/y', '/etc/passwd']);
  assert.equal(readPaths(['a/../../b']).climbs, true);
  assert.equal(readPaths(['a%2f..%2f..%2fb']).climbs, true);
  assert.equal(readPaths(['..\\..\\b']).climbs, true);
  assert.equal(readPaths(['a/../b']).climbs, false);
  for (const path of ['/a/b/../c', '/a/%2e%2e/c', '/a/%252e%252e/c', 'a\\..\\c'])
    assert.equal(readPaths([path]).disguised, true, path);
  for (const path of ['../a/b', './a', '/a/b..c', '/a/100%25']) assert.equal(readPaths([path]).disguised, false, path);
  for (const path of ['~/.ssh/id_ed25519', '/app/.env', 'x/.aws/credentials', 'tls/server.key'])
    assert.equal(readPaths([path]).credentials, true, path);
  assert.equal(readPaths(['docs/environment.md']).credentials, false);
  for (const path of ['~/.bashrc', '.git/hooks/pre-commit', '.github/workflows/ci.yml', 'AGENTS.md', 'a/.cursorrules'])
    assert.equal(readPaths([path]).startup, true, path);
});

test('C-8 a path is read as it stands, and as whoever takes off the blanks and quotes around it reads it', () => {
  for (const path of [' /etc/hosts', '"/etc/hosts"', '\n~/x', "'../x'", '\ufeff/x'])
    assert.ok(readPaths([path]).outside, path);
  for (const path of ['/a/.. ', "/a/b/..'", '"/a/../b"', ' "/a/%2e%2e" ']) assert.ok(readPaths([path]).disguised, path);
  for (const path of ['.env ', 'server.key"', ' .ssh']) assert.ok(readPaths([path]).credentials, path);
  assert.ok(readPaths(['AGENTS.md\r\n']).startup);
  assert.deepEqual(readPaths(["it's", ' a b ']).all, ["it's", ' a b ', 'a b']);
  assert.ok(contentOf({}, { target: ' /etc/shadow\n' }).paths.credentials, 'where the name says nothing of paths');
});

test('secrets and personal numbers are found, also where they are encoded', () => {
  const key = `AKIA${'ABCDEFGH12345678'}`;
  assert.deepEqual(readLeak([`key ${key}`]), { secrets: ['aws-key'], personal: [], encoded: false });
  assert.deepEqual(readLeak([btoa(`here: ${key}`)]), { secrets: ['aws-key'], personal: [], encoded: true });
  assert.deepEqual(readLeak([Buffer.from(`the ${key} `).toString('hex')]).secrets, ['aws-key']);
  assert.deepEqual(readLeak(['4111 1111 1111 1111']).personal, []);
  assert.deepEqual(readLeak(['pay with 5425 2334 3010 9903']).personal, ['card']);
  assert.deepEqual(readLeak(['DE89 3704 0044 0532 0130 00']).personal, ['iban']);
  assert.deepEqual(readLeak(['order 1234567890123456, build 20260101123456']).personal, []);
  assert.deepEqual(readLeak(['the password is explained on page 3']).secrets, []);
});

test('of more arguments than are looked at any may be the worst', () => {
  const many = Array.from({ length: 10_001 }, () => 'x');
  const { urls, paths, addresses, leak, personal } = contentOf({}, { many, last: 'http://127.0.0.1/ /etc/shadow' });
  assert.deepEqual([urls.internal, urls.nested, urls.unclear, urls.present], [true, true, true, true]);
  assert.deepEqual([paths.credentials, paths.disguised, paths.outside, paths.startup], [true, true, true, true]);
  assert.deepEqual([addresses.domains, leak.secrets], [['unsearched'], ['unsearched']]);
  assert.ok(personal.kinds.includes('unsearched'));
});

test('of more addresses than are read any may be an inner one, or somebody’s', () => {
  const links = Array.from({ length: 600 }, (_, at) => `https://a${at}.example/`);
  assert.equal(readUrls([links.slice(0, 500).join(' ')]).internal, false);
  assert.equal(readUrls([[...links, 'http://169.254.169.254/'].join(' ')]).internal, true);
  assert.equal(readUrls([[...links.slice(0, 500), 'http://169.254.169.254/'].join(' ')]).internal, true);
  const deep = [1, 2, 3, 4, 5].reduce(inner => `https://a.example/?u=${inner}`, 'http://10.0.0.1/');
  assert.equal(readUrls([deep]).internal, true);
  const { hosts, schemes, credentials, carriedChars } = readUrls([[...links, 'ftp://me:x@b.example/long'].join(' ')]);
  assert.deepEqual([hosts.at(-1), schemes], ['unsearched', ['https', 'unsearched']]);
  assert.ok(credentials && carriedChars > 1_000_000);
  const people = Array.from({ length: 1_100 }, (_, at) => `p${at}@house.example`).join(' ');
  assert.deepEqual(readAddresses([people]).domains, ['house.example', 'unsearched']);
  assert.ok(!readAddresses([people.slice(0, 9_000)]).domains.includes('unsearched'));
});

test('R-5 a long text without a mail address is not searched letter by letter', () => {
  const took = processorMillis(() => {
    assert.equal(readAddresses(['a'.repeat(4_000_000), `${'@'.repeat(100_000)}a`]).present, false);
  });
  assert.ok(took < 1_000, `${took}`);
  assert.deepEqual(readAddresses([`<Ann.Lee+x@Mail.example>, ${'b'.repeat(70)}@c.example`]).all, [
    'ann.lee+x@mail.example',
    `${'b'.repeat(64)}@c.example`,
  ]);
});

test('C-8 a path is one however long it is, and one that is encoded once more than is undone lies anywhere', () => {
  assert.ok(contentOf({}, { x: `/srv/${'./'.repeat(3_000)}../etc/shadow` }).paths.credentials);
  assert.ok(readPaths(['/srv/%252525252e%252525252e/etc']).disguised);
  assert.ok(!readPaths(['/srv/a%2520b']).disguised);
});

test('an encoded secret is found behind many other encoded words', () => {
  const words = Array.from({ length: 200 }, (_, at) => Buffer.from(`nothing at all ${at}`).toString('base64')).join(
    ' ',
  );
  const key = Buffer.from('password = Zx9!kq77LmPw2').toString('base64');
  assert.deepEqual(readLeak([words]).secrets, []);
  assert.deepEqual(readLeak([`${words} ${key}`]).secrets, ['assignment']);
});
