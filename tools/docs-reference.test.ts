import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

/** Every mapping with keys of its own, as a path of the page, and a file in which `keys` stands in it. */
const mappings: Readonly<Record<string, readonly ((keys: string) => string)[]>> = {
  '': [keys => `{ ${keys} }`],
  retention: [keys => `{ retention: { ${keys} } }`],
  limits: [keys => `{ limits: { ${keys} } }`],
  approvals: [keys => `{ approvals: { ${keys} } }`],
  'approvals.channels.ID': [
    keys => `{ approvals: { channels: { c: { kind: slack, url: "https://h/", ${keys} } } } }`,
    keys => `{ approvals: { channels: { c: { ${keys}, kind: slack, urlFile: f } } } }`,
  ],
  'signals.NAME': [keys => `{ signals: { s: { issuer: i, keys: { file: f }, ${keys} } } }`],
  'signals.NAME.poll': [
    keys => `{ signals: { s: { issuer: i, keys: { file: f }, poll: { url: "https://h/", ${keys} } } } }`,
  ],
  'segments.ID': [keys => `{ segments: { s: { ${keys} } } }`],
  'servers.ID': ['package: p', 'command: c', 'url: "https://h/"'].map(
    launch => (keys: string) => `{ servers: { s: { ${launch}, ${keys} } } }`,
  ),
  'servers.ID.headers.NAME': ['credential: c', 'file: f', 'value: v'].map(
    source => (keys: string) => `{ servers: { s: { url: "https://h/", headers: { n: { ${source}, ${keys} } } } } }`,
  ),
  'a2a.ID': [keys => `{ a2a: { b: { url: "https://h", ${keys} } } }`],
  'a2a.ID.headers.NAME': ['credential: c', 'file: f', 'value: v'].map(
    source => (keys: string) => `{ a2a: { b: { url: "https://h", headers: { n: { ${source}, ${keys} } } } } }`,
  ),
  'credentials.NAME': [
    'file: f',
    'kind: oauth, tokenUrl: "https://h/", clientId: c',
    'kind: token-exchange, tokenUrl: "https://h/", clientId: c, subject: { env: E }',
    'kind: github-app, appId: "1", installationId: "1", privateKey: { env: E }, permissions: { contents: read }',
    'kind: postgres-role, admin: { env: E }, memberOf: [r]',
    'kind: postgres-password, admin: { env: E }, role: r',
  ]
    .map(kind => (keys: string) => `{ credentials: { n: { ${kind}, ${keys} } } }`)
    .concat(
      keys =>
        `{ servers: { s: { url: "https://h/", headers: { a: { credential: n } } } }, credentials: { n: { kind: oauth, per: principal, ${keys} } } }`,
    ),
  'servers.ID.tools.NAME.fields.PATH': [
    keys => `{ servers: { s: { command: c, tools: { n: { fields: { $.a: { ${keys} } } } } } } }`,
  ],
  'servers.ID.sender': [keys => `{ servers: { s: { command: c, sender: { path: "@.a", ${keys} } } } }`],
  'servers.ID.tools.NAME.sender': [
    keys => `{ servers: { s: { command: c, tools: { n: { sender: { path: "@.a", ${keys} } } } } } }`,
  ],
  'servers.ID.tools.NAME.fields.PATH.sender': [
    keys =>
      `{ servers: { s: { command: c, tools: { n: { fields: { $.a: { sender: { path: "@.a", ${keys} } } } } } } } }`,
  ],
  'servers.ID.tools.NAME': [keys => `{ servers: { s: { command: c, tools: { n: { ${keys} } } } } }`],
  'servers.ID.tools.NAME.cost': [
    keys => `{ servers: { s: { command: c, tools: { n: { cost: { cents: 1, ${keys} } } } } } }`,
  ],
  'agents.ID': [keys => `{ agents: { a: { principal: p, ${keys} } } }`],
  'agents.ID.proofs.private-key': [keys => `{ agents: { a: { principal: p, proofs: { private-key: { ${keys} } } } } }`],
  'agents.ID.proofs.vendor': [
    keys => `{ agents: { a: { principal: p, proofs: { vendor: { clientId: "https://v/c", ${keys} } } } } }`,
  ],
  watch: [keys => `{ watch: { ${keys} } }`],
  'watch.kubernetes': [keys => `{ watch: { kubernetes: { ${keys} } } }`],
  'watch.github': [keys => `{ watch: { github: { ${keys} } } }`],
  people: [keys => `{ people: { issuer: "https://i", clientId: c, ${keys} } }`],
  'hooks.ID': [keys => `{ agents: { a: { principal: p } }, hooks: { codex: { agent: a, ${keys} } } }`],
  tls: [keys => `{ tls: { listen: "0.0.0.0:1", certificate: c, key: k, ${keys} } }`],
  'people.roles': [keys => `{ people: { roles: { ${keys} } } }`],
  'trust.NAME': ['kind: oidc, issuer: "https://i"', 'kind: spiffe, domain: d'].map(
    kind => (keys: string) => `{ trust: { t: { ${kind}, ${keys} } } }`,
  ),
  'trust.NAME.keys': [keys => `{ trust: { t: { kind: oidc, issuer: "https://i", keys: { ${keys} } } } }`],
  'trust.NAME.bundle': [keys => `{ trust: { t: { kind: spiffe, domain: d, bundle: { ${keys} } } } }`],
};

/** Mappings whose names the operator chooses, or that are described elsewhere on the page. */
const chosen = [
  'credentials',
  'credentials.NAME.clientSecret',
  'modes',
  'approvals.groups',
  'approvals.deputies',
  'approvals.channels',
  'segments',
  'signals',
  'signals.NAME.subjects',
  'servers',
  'agents',
  'trust',
  'agents.ID.proofs',
  'a2a',
  'a2a.ID.headers',
  'a2a.ID.tools',
  'hooks',
  'hooks.ID.servers',
  'servers.ID.env',
  'servers.ID.headers',
  'servers.ID.tools',
  'servers.ID.tools.NAME.fields',
  ...['servers.ID', 'servers.ID.tools.NAME', 'servers.ID.tools.NAME.fields.PATH'].map(at => `${at}.sender.integrity`),
];

/** Mappings that the files above have already: places of secrets, and permissions by name. */
const places = ['admin', 'permissions', 'privateKey', 'subject'].map(key => `credentials.NAME.${key}`);

function fault(text: string): string {
  try {
    parseConfig('sallyport.yaml', text);
    return '';
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

/** What the reader itself says that it knows. */
function knownIn(path: string): string[] {
  const lists = (mappings[path] ?? []).map(file => {
    const known = /known: (.*)$/.exec(fault(file('unheard-of: 1')))?.[1];
    assert.ok(known, `${path}: ${fault(file('unheard-of: 1'))}`);
    return known.split(', ');
  });
  return [...new Set(lists.flat())].sort().map(key => (path === '' ? key : `${path}.${key}`));
}

const known = Object.keys(mappings).flatMap(knownIn);
const page = read('docs/reference/configuration.md');
const cells = [...page.matchAll(/^\| `([^`]+)` \| [^|]+ \|/gm)];
const documented = new Set(cells.map(([, key]) => key));

describe('docs/reference/configuration.md', () => {
  test('has every key that the reader knows, and no other', () => {
    assert.ok(known.length > 25);
    assert.deepEqual(
      known.filter(key => !documented.has(key)),
      [],
      'keys that the page lacks',
    );
    const files =
      /^(journal|children\/|credentials\/|pins|digest|active|operator|agent-tokens|signing-keys|tokens|login|entries|hook|servers\/|service|index|mcp|compile|gateway|worlds|wrapped\/)/;
    assert.deepEqual(
      [...documented].filter(key => !known.includes(key ?? '') && !files.test(key ?? '')),
      [],
      'keys that the reader does not know',
    );
  });

  test('no mapping of the reader is left out here', () => {
    for (const path of known.filter(each => !places.includes(each))) {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
      const key = path.slice(path.lastIndexOf('.') + 1);
      const isMapping = (mappings[parent] ?? []).some(file => / must be a mapping /.test(fault(file(`${key}: 5`))));
      assert.equal(isMapping, path in mappings || chosen.includes(path), path);
    }
  });

  test('has the default and the bounds of every limit', () => {
    const { taskLimits, replyBytesMax, ambientIdleSecondsMax } = parseConfig('sallyport.yaml', '{}');
    const defaults = Object.entries({ ...taskLimits, replyBytesMax, ambientIdleSecondsMax });
    assert.equal(defaults.length, knownIn('limits').length);
    for (const [key, value] of defaults) {
      const bounds = / from (\d+) to (\d+)/.exec(fault(`{ limits: { ${key}: 0 } }`));
      const row = page.split('\n').find(line => line.startsWith(`| \`limits.${key}\``)) ?? '';
      const numbers: readonly string[] = row.replaceAll(/(?<=\d) (?=\d)/g, '').match(/\d+/g) ?? [];
      for (const number of [value, bounds?.[1], bounds?.[2]])
        assert.ok(number === undefined || numbers.includes(String(number)), `limits.${key}: ${number}`);
    }
  });

  test('has every file that a gateway makes in its state directory', () => {
    const dir = mkdtempSync(join(tmpdir(), 'docs-state-'));
    const [config, state] = [join(dir, 'sallyport.yaml'), join(dir, 'state')];
    const agent = '{ a: { principal: "user:a", entries: [e] } }';
    writeFileSync(config, `{ listen: "127.0.0.1:0", policies: "${resolve(root, 'policies')}", agents: ${agent} }`);
    const sallyport = (...words: string[]): void =>
      void execFileSync(process.execPath, [resolve(root, 'cli/bin/sallyport.js'), ...words, '--state', state], {
        stdio: 'pipe',
      });
    try {
      sallyport('up', '--config', config);
      sallyport('agents', 'token', 'a', '--token-file', join(dir, 'token'));
      const made = readdirSync(state).map(name => name.replace(/-(wal|shm|journal)$/, ''));
      assert.ok(made.length > 8, made.join());
      const listed = [...documented].map(name => name?.split('/')[0]);
      assert.deepEqual(
        made.filter(name => !listed.includes(name)),
        [],
      );
    } finally {
      sallyport('down');
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('its example is a configuration', () => {
    const example = /^ {4}\S.*\n(?:^ {4}.*\n|^\n)*/m.exec(page)?.[0].replace(/^ {4}/gm, '') ?? '';
    assert.match(example, /^\s*listen:/);
    assert.equal(fault(example), '');
  });
});

describe('docs/reference/refusals.md', () => {
  const source = read('core/model/refusal.ts');
  const union = /export type RefusalCode =([^;]+);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code);

  test('has every code, and no other', () => {
    assert.ok(codes.length > 20);
    const rows = [...read('docs/reference/refusals.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
    assert.deepEqual([...rows].sort(), [...codes].sort());
  });
});

describe('docs/formats/journal.md', () => {
  /** Whoever acted stands in many kinds, and is explained once below the table. */
  const bodyOf = (name: string): string =>
    name === 'Acted'
      ? '  readonly by:'
      : (new RegExp(`^(?:export )?interface ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(entryFiles)?.[1] ?? '');
  const inherited = (more: string): string => (more.match(/[A-Z]\w+/g) ?? []).map(bodyOf).join('\n');
  const entryFiles = ['', '-approval', '-credential', '-operator', '-task']
    .map(part => read(`core/model/entry${part}.ts`))
    .join('\n');
  const entries = [...entryFiles.matchAll(/^export interface \w+(?: extends ([^{]+))? \{\n([\s\S]*?)^\}/gm)]
    .map(([, more = '', body = '']) => ({
      kind: /^ {2}readonly kind: '([a-z.]+)';/m.exec(body)?.[1] ?? '',
      members: [...`${inherited(more)}\n${body}`.matchAll(/^ {2,4}readonly (\w+)\??:/gm)].map(([, name]) => name ?? ''),
    }))
    .filter(({ kind }) => kind !== '');
  const rows = new Map(
    [...read('docs/formats/journal.md').matchAll(/^\| `([a-z.]+)` \| (.*) \|$/gm)].map(([, kind = '', text = '']) => [
      kind,
      text,
    ]),
  );

  test('has every kind of entry, and no other', () => {
    assert.ok(entries.length > 15);
    assert.deepEqual([...rows.keys()].sort(), entries.map(({ kind }) => kind).sort());
  });

  test('has every member of each', () => {
    for (const { kind, members } of entries) {
      assert.ok(members.length > 2, `${kind}: ${members.length} members`);
      for (const name of members.filter(member => member !== 'kind' && member !== 'id'))
        assert.ok(rows.get(kind)?.includes(`\`${name}\``), `${kind}: ${name}`);
    }
  });
});

test('docs/reference/policies.md has every rule of the default pack, and no other', () => {
  const rules = [...read('policies/default.cedar').matchAll(/^@id\("([a-z0-9-]+)"\)/gm)].map(([, id]) => id);
  const section = /\n## The default pack\n([\s\S]*?)\n## /.exec(read('docs/reference/policies.md'))?.[1] ?? '';
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => cell.match(/[a-z0-9-]+/g) ?? []);
  assert.ok(rules.length > 5);
  assert.deepEqual([...cells].sort(), [...rules].sort());
});
