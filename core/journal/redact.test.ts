import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, resultJsonLimits } from '../model/json.ts';
import { redactJson, redactText, secretMembersOf } from './redact.ts';
import { maySecret } from './secret-scan.ts';

/** Made up, and put together here so that no scanner takes this file for a leak. */
const shapes: Readonly<Record<string, string>> = {
  pem: `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----`,
  jwt: `eyJhbGciOiJFUzI1NiJ9.${'eyJzdWIiOiJlbW1hIn0'}.c2lnbmF0dXJlLXNpZ25hdHVyZQ`,
  aws: `AKIA${'IOSFODNN7EXAMPLE'}`,
  github: `ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`,
  githubFine: `github_pat_${'11ABCDEFG0abcdefghijklmn'}`,
  gitlab: `glpat-${'abcdefghij0123456789'}`,
  slack: `xoxb-${'123456789012-abcdefghijkl'}`,
  stripe: `sk_live_${'abcdefghijklmnop1234'}`,
  model: `sk-ant-${'api03-abcdefghijklmnop'}`,
  google: `AIza${'SyA1234567890abcdefghijklmnopqrstuv'}`,
  pypi: `pypi-AgE${'IcHlwaS5vcmcCJDYwYjQ'}`,
  npm: `npm_${'abcdefghijklmnopqrstuvwxyz0123456789'}`,
  telegram: `123456789:AA${'abcdefghijklmnopqrstuvwxyz0123456'}`,
  own: `spt_${'0123456789abcdefghjkmnpqrs'}`,
};

const mark = (rule: string): string => `[redacted ${rule}]`;

test('G-4 keys and tokens with known shapes are found in words, values and member names', () => {
  for (const [name, secret] of Object.entries(shapes)) {
    for (const text of [secret, `it says ${secret} here`, `a\nb=${secret}\n`])
      assert.ok(!redactText(text, mark).includes(secret.slice(8, 20)), `${name} in ${text}`);
    const json = JSON.stringify({ content: [{ type: 'text', text: `see ${secret}.` }], [`${secret}`]: [secret] });
    const redacted = redactJson(json, mark);
    assert.ok(!redacted.includes(JSON.stringify(secret).slice(9, 20)), `${name} in ${redacted}`);
    assert.equal(parseJson(redacted, resultJsonLimits).ok, true);
  }
});

test('G-4 whole values under names that look secret are replaced, numbers and objects too', () => {
  const names = [
    'password',
    'db_password',
    'clientSecret',
    'API-Key',
    'x-api-key',
    'accessToken',
    'refresh_token',
    'pin_code',
  ];
  for (const name of [...names, 'Authorization', 'cookie', 'Set-Cookie', 'sessionId', 'AWS_SECRET_ACCESS_KEY', 'token'])
    for (const value of ['hunter2', 4_711, { a: 'hunter2' }, ['hunter2']]) {
      const redacted = redactJson(JSON.stringify({ deep: [{ [name]: value }] }), mark);
      assert.equal(redacted, JSON.stringify({ deep: [{ [name]: `[redacted member ${name}]` }] }));
    }
});

test('G-4 assignments in words are found, also with the quotes of a JSON text within a string', () => {
  const inner = JSON.stringify({ API_KEY: 'k1-abcdef', HOME: '/home/emma', nested: { password: 'hunter22' } }, null, 2);
  const json = JSON.stringify({ content: [{ type: 'text', text: inner }] });
  const redacted = redactJson(json, mark);
  assert.ok(!redacted.includes('k1-abcdef') && !redacted.includes('hunter22'), redacted);
  assert.ok(redacted.includes('/home/emma'));
  assert.equal(redactText('run with TOKEN=abcd1234 and go', mark), 'run with TOKEN=[redacted assignment TOKEN] and go');
  assert.equal(redactText("note: 'my password: hunter22!'", mark).includes('hunter22'), false);
  assert.ok(!redactText('postgres://emma:hunter22@db/x', mark).includes('hunter22'));
  assert.ok(!redactText('Authorization: Bearer abcdefghijklmnop', mark).includes('abcdefghijklmnop'));
});

test('G-4 a long value that only a generator writes is taken for a secret, a digest or an id is not', () => {
  const random = 'q7Zp1Xv9KdR4mT8wB2nY6sF3hJ5cL0aE';
  assert.equal(redactJson(JSON.stringify({ value: random }), mark), '{"value":"[redacted random value]"}');
  for (const name of ['digest', 'sha256', 'fileId', 'etag'])
    assert.equal(redactJson(JSON.stringify({ [name]: random }), mark), JSON.stringify({ [name]: random }));
  for (const name of ['digest', 'sha256', 'id'])
    assert.equal(
      redactJson(JSON.stringify({ [name]: `x=${random}` }), mark),
      JSON.stringify({ [name]: 'x=[redacted random value]' }),
      'an assignment has a name of its own',
    );
  assert.equal(maySecret(JSON.stringify({ digest: `sha256-${random}==` })), false, 'and a digest may be filled up');
  for (const plain of ['0123456789abcdef0123456789abcdef', '/home/Emma/Projects/Report2024/final', 'a'.repeat(40)])
    assert.equal(redactJson(JSON.stringify({ value: plain }), mark), JSON.stringify({ value: plain }));
});

test('what is no secret stays as it is, to the byte', () => {
  const harmless = [
    '{"nextPageToken":"abc","max_tokens":100,"hasPassword":true,"PWD":"/home/emma"}',
    '{"text":"the author of the keyboard wrote about sessions","n":1.50,"m":1e3}',
    '{"token":null,"secrets":[],"password":""}',
    '{"url":"https://example.com/a?b=c"}',
  ];
  for (const json of harmless) assert.equal(redactJson(json, mark), json);
});

test('an escaped letter hides no name', () => {
  assert.equal(redactJson('{"pass\\u0077ord":"hunter2"}', mark), '{"password":"[redacted member password]"}');
});

test('names that a schema marks as secret are replaced whatever they are called', () => {
  const schema = parseJson(
    '{"properties":{"phrase":{"format":"password"},"a":{"properties":{"code":{"writeOnly":true},"b":{"x-secret":true}}},"c":{"type":"string"}}}',
    resultJsonLimits,
  );
  assert.ok(schema.ok);
  const names = secretMembersOf(schema.node);
  assert.deepEqual([...names].sort(), ['b', 'code', 'phrase']);
  const json = '{"arguments":{"phrase":"open sesame","a":{"code":7,"b":"x"},"c":"y"}}';
  assert.equal(
    redactJson(json, mark, names),
    '{"arguments":{"phrase":"[redacted member phrase]","a":{"code":"[redacted member code]","b":"[redacted member b]"},"c":"y"}}',
  );
});

test('G-4 what the quick look passes by, the thorough one leaves as it is', () => {
  // A name that the schema marks, and that stands nowhere, asks for the thorough look.
  const thorough = (json: string): string => redactJson(json, mark, new Set(['nowhere at all']));
  const names = ['credentials', 'token', 'my_password', 'x', 'digest', 'secret.key', 'password=credentials'];
  const values = [
    false,
    null,
    [],
    {},
    'hunter22',
    '',
    7,
    [1],
    'token=hunter22',
    'Bearer\tabcdefghijklmnop',
    'x= 2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA',
    'AKm4TIFuO1aE5KV5RB02JLPUBDa9Pi=\n2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA',
    'x:\r\n2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA',
    'x=\\"2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA"',
    'x=2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA',
    '2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA',
  ];
  const texts = names.flatMap(name =>
    values.map(value => JSON.stringify({ a: 1, [name]: value, b: { [name]: value } })),
  );
  for (const json of texts) assert.equal(redactJson(json, mark), thorough(json));
  const tree = fc.letrec(tie => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(...values),
      fc.dictionary(fc.constantFrom(...names), tie('node')),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  })).node;
  fc.assert(
    fc.property(tree, value => {
      const json = JSON.stringify(value);
      assert.equal(redactJson(json, mark), thorough(json));
    }),
    { numRuns: 1_000 },
  );
});

test('G-4 a secret is seen wherever it stands: first, last, among other scripts, and in a text of any length', () => {
  const around = [
    ['', ''],
    ['ü', ''],
    ['', 'ü'],
    ['日本語 ', ' 😀'],
    ['ü'.repeat(70_000), ''],
    [' word'.repeat(14_000), ' word'],
  ] as const;
  for (const [name, secret] of Object.entries({ ...shapes, value: 'v=F7oQCoBNaMoBVaC_6Vw7dehJrpufv1ONmC4LsBwByTI' }))
    for (const [before, after] of around) {
      assert.equal(maySecret(before + secret + after), true, `${name} between ${before.length} and ${after.length}`);
      assert.equal(maySecret(before + after), false, 'the control');
      // What the last text left behind belongs to no text: these are its first characters, and its next would be a sign.
      assert.equal(maySecret(secret.slice(0, 2)), false, name);
    }
});

test('the facts of a decision are passed by at one look', () => {
  const facts =
    '{"paths":{"credentials":false,"all":[]},"ways":[{"digest":"2HrwKmTIFuO1aE5KV5RB02JLPUBDa9Piv0Wlsg5jtTA"}],"hasToken":true}';
  assert.equal(maySecret(facts), false);
  assert.equal(maySecret(facts.replace('false', '"no"')), true, 'the control');
  assert.equal(maySecret(facts.replace('digest', 'value')), true, 'the control');
});

test('redaction takes time in proportion to the text, whatever the text', () => {
  const pieces = ['token="\\', 'a.b.c.', '://a:', '-----BEGIN A', 'eyJaaaaaaaaaa.', 'token   ', 'a=:"', 'sk-', 'x'];
  for (const piece of pieces) {
    const json = JSON.stringify({ text: `token ${piece.repeat(300_000 / piece.length)}` });
    const started = performance.now();
    redactJson(json, mark);
    assert.ok(performance.now() - started < 3_000, piece);
  }
});

test('redaction never throws, and keeps JSON as JSON', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3, stringUnit: 'binary' }), json => {
      const once = redactJson(json, mark);
      assert.equal(parseJson(once, resultJsonLimits).ok, parseJson(json, resultJsonLimits).ok);
    }),
    { numRuns: 500 },
  );
});
