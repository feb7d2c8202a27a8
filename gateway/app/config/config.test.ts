import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../yaml/fields.ts';
import { parseConfig, readConfig } from './config.ts';

const file = '/etc/sallyport/sallyport.yaml';

test('a full configuration is read, relative paths against its own folder', () => {
  const config = parseConfig(
    file,
    `
listen: 127.0.0.1:7421
mode: shadow
policies: ./rules
modes: { "class:money": enforce, "server:files": observe }
servers:
  files: { package: "@scope/files", args: ["./data", "--flag"], segment: disk, tools: { read: { trusted: true } } }
  tool: { command: node, args: [server.js], env: { KEY: v } }
  remote: { url: "https://mcp.example.com/mcp", headers: { Authorization: { file: ./token } } }
agents:
  assistant: { principal: "user:emma", classes: [office], entries: [desk] }
`,
  );
  assert.equal(config.port, 7421);
  assert.equal(config.policies, '/etc/sallyport/rules');
  assert.equal(config.modes.fallback, 'shadow');
  assert.equal(config.modes.scopes.get('class:money'), 'enforce');
  const [files, tool, remote] = config.servers;
  assert.deepEqual(files?.launch, {
    kind: 'package',
    name: '@scope/files',
    from: '/etc/sallyport',
    args: ['/etc/sallyport/data', '--flag'],
    env: {},
  });
  assert.deepEqual(files?.tools, { read: { integrity: 'first_party' } });
  assert.equal(tool?.launch.kind, 'command');
  assert.deepEqual(remote?.launch, {
    kind: 'http',
    url: 'https://mcp.example.com/mcp',
    headers: { Authorization: { file: '/etc/sallyport/token' } },
  });
  assert.deepEqual(config.agents[0]?.entries, ['desk']);
});

const refusals: readonly [string, string, RegExp][] = [
  [
    'what is no YAML',
    'mode: observe\n bad: [',
    /sallyport\.yaml:1:7: Nested mappings are not allowed in compact mappings$/,
  ],
  ['an unknown key', 'mode: enforce\nserver: {}', /:2:1: `server` is not known here \(did you mean `servers`\?\)/],
  ['an unknown key inside', 'servers:\n  a:\n    comand: node', /:3:5: `servers\.a\./],
  ['a key twice', 'mode: enforce\nmode: observe', /:2:1: `mode` stands here a second time; keep one of the two/],
  ['a key without a colon', 'mode: observe\nagents\n  x: 1', /:2:1: `agents` has no `:` behind it on its line/],
  [
    'an unknown mode',
    'mode: enforced',
    /:1:7: `mode` must be one of observe, shadow, enforce \(did you mean `enforce`\?\)/,
  ],
  ['a public address', 'listen: 0.0.0.0:7420', /:1:9: `listen` must be a loopback address.*`tls`/],
  ['a server without a command', 'servers:\n  a: {}', /`servers\.a\.package` needs exactly one of/],
  [
    'a misspelt word',
    'servers:\n  a: { comand: x }',
    /:2:8: `servers\.a\.package` needs .*; is `comand` meant to be `command`\?$/,
  ],
  ['another', 'agents:\n  a: { prinicpal: x }', /`agents\.a\.principal` is required; is `prinicpal` meant to be/],
  ['a server with two', 'servers:\n  a: { command: x, url: "http://x" }', /needs exactly one of/],
  ['a server id with a separator', 'servers:\n  a__b: { command: x }', /`servers\.a__b` is no server id/],
  ['a secret in a URL', 'servers:\n  a: { url: "https://me:hunter2@x.example" }', /without user name and password/],
  ['an agent without a principal', 'agents:\n  a: {}', /`agents\.a\.principal` is required/],
  [
    'an entry of two agents',
    'agents:\n  a: { principal: p, entries: [e] }\n  b: { principal: p, entries: [e] }',
    /the entry `e`, which `a` has already/,
  ],
  ['a number as text', 'tenant: 5', /`tenant` must be a text, in quotes where it is made of digits/],
  ['a tenant that is no name', 'tenant: "A b"', /`tenant` must be lower-case/],
  ['a host that is none', 'hosts: ["foo bar"]', /`hosts` must hold host names/],
  ['a mode for nobody', 'modes: { "server:nonesuch": observe }', /names server:nonesuch, and there is no such server/],
  [
    'a mode for a misspelt agent',
    'agents:\n  bob: { principal: p }\nmodes: { "agent:bbo": observe }',
    /no such agent \(did you mean `bob`\?\)/,
  ],
  [
    "a header that is the gateway's own",
    'servers:\n  r: { url: "http://x.example/", headers: { Host: { value: x } } }',
    /server "r": headers/,
  ],
  ['an unknown time zone', 'timeZone: Europe/Atlantis', /is no time zone: write it as IANA names it/],
  ['an unknown class', 'modes: { "class:cash": enforce }', /names no action class/],
];

test('what an operator says of results is read with its paths, and what cannot be meant is refused with its place', () => {
  const read = (server: string) => parseConfig(file, `servers: { crm: { command: c, ${server} } }`).servers[0];
  const crm = read(
    'integrity: org, sensitivity: internal, tools: { get: { fields: { $.email: { trusted: true }, "$..ssn": { sensitivity: secret } } } }',
  );
  assert.equal(crm?.integrity, 'org');
  assert.equal(crm?.sensitivity, 'internal');
  assert.deepEqual(
    crm?.tools?.get?.fields?.map(({ path, integrity, sensitivity }) => [path.text, integrity, sensitivity]),
    [
      ['$.email', 'first_party', undefined],
      ['$..ssn', undefined, 'secret'],
    ],
  );
  const faults: [string, RegExp][] = [
    ['trusted: true, integrity: org', /servers\.crm\.trusted.*cannot stand beside/],
    ['sensitivity: hidden', /servers\.crm\.sensitivity.*must be one of public, internal, confidential, secret/],
    ['tools: { get: { fields: { email: { trusted: true } } } }', /fields\.email.*begins with `\$`/],
    ['tools: { get: { fields: { "$.a[0]": { trusted: true } } } }', /is no path/],
    ['tools: { get: { fields: { $.a: {} } } }', /says nothing/],
  ];
  for (const [text, fault] of faults) assert.throws(() => read(text), fault, text);
});

function mistakesIn(text: string): readonly string[] {
  try {
    parseConfig(file, text);
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError);
    return thrown.message.split('\n');
  }
  return [];
}

test('one reading tells of the mistakes in all sections, each with its place, in the order of their lines, and none that follows from another', () => {
  const told = mistakesIn(`
mode: enforced
server: {}
listn: x
servers:
  a: { url: "https://me:hunter2@x.example" }
  b: { command: [node, x.js] }
  c: { command: c, env: { KEY: { credential: key } } }
agents:
  one: {}
  two: { principal: p, proofs: [{ trust: none }] }
  three: { principal: 7 }
limits: { callsMax: 0 }
`);
  const lines = told.map(line => Number(/:(\d+):\d+: /.exec(line)?.[1]));
  assert.deepEqual(lines, [2, 3, 4, 6, 7, 10, 11, 12, 13]);
  assert.doesNotMatch(told.join(), /hunter2/);
  const unread = mistakesIn(
    'trust: { github: { kind: github-actoins } }\nagents: { a: { principal: p, proofs: [{ trust: github }] } }',
  );
  assert.deepEqual([unread.length, /`trust[^`]+`/.exec(unread[0] ?? '')?.[0]], [1, '`trust.github.kind`']);
  assert.match(told.join('\n'), /`servers\.b\.command` is the program alone; what follows it goes under `args`/);
});

test('of many mistakes ten are told, and how many more there are; what each section says is held together at the end', () => {
  const servers = Array.from({ length: 13 }, (_, at) => `  s${at}: {}`).join('\n');
  const many = mistakesIn(`servers:\n${servers}`);
  assert.deepEqual([many.length, many.at(-1)], [11, 'and 3 more']);
  const together = mistakesIn(
    'servers: { a: { command: c, env: { K: { credential: k } } } }\nmodes: { "server:b": observe }',
  );
  assert.deepEqual(
    together.map(line => /credential|server:b/.exec(line)?.[0]),
    ['credential', 'server:b'],
  );
});

for (const [what, text, message] of refusals) {
  test(`${what} is refused with file, line and field`, () => {
    assert.throws(
      () => parseConfig(file, text),
      (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError);
        assert.match(thrown.message, message);
        assert.ok(thrown.message.startsWith(file));
        assert.doesNotMatch(thrown.message, /hunter2/);
        return true;
      },
    );
  });
}

test('a file that cannot be read is told with why', () => {
  assert.throws(() => readConfig('/none.yaml'), /^ConfigError: \/none.yaml: does not exist; name another/);
  assert.throws(() => readConfig(import.meta.dirname), /: is a folder; name another with --config FILE$/);
});
