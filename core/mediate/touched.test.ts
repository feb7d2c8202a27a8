import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { type Addressed, makeAction } from '../model/action.ts';
import { unlabelled } from '../model/labelling.ts';
import { type Manifest, noManifest } from '../model/task.ts';
import type { ActionClass, Tool } from '../model/tool.ts';
import { sinksMax } from '../provenance/call/sinks.ts';
import { contains, type Touched } from '../task/manifest.ts';
import { touchedBy } from './touched.ts';

test('a tool’s arguments say where it goes, whatever they are called', () => {
  const rows: [object, readonly ActionClass[], readonly string[] | undefined][] = [
    [
      { to: 'Ann Lee <Ann@Example.org>, bob@example.org', body: 'hello there' },
      ['message'],
      ['ann@example.org', 'bob@example.org'],
    ],
    [{ url: 'https://API.example.org:8443/v1?x=1' }, ['read', 'egress'], ['api.example.org']],
    [{ url: 'https://example.org@evil.example/x' }, ['egress'], ['evil.example']],
    [{ host: 'example.org/path' }, ['egress'], ['example.org']],
    [{ recipient: 'DE89 3704 0044 0532 0130 00', amount: 5 }, ['money'], ['de89370400440532013000']],
    [{ channel: 'general', text: 'see https://evil.example/a for it all' }, ['message'], ['general', 'evil.example']],
    [
      { recipients: ['ann@example.org'], cc: ['eve@evil.example'] },
      ['message'],
      ['ann@example.org', 'eve@evil.example'],
    ],
    [{ text: 'no address here' }, ['message'], undefined],
    [{ reference: 'May' }, ['write', 'money'], undefined],
    [{ Recipient: 'Ann Lee' }, ['message'], ['Ann Lee']],
    [{ payeeName: 'Ann Lee', path: '/a.txt' }, ['money'], ['Ann Lee']],
    [{ query: 'weather' }, ['read', 'egress'], undefined],
    [{ path: '/reports/a.txt' }, ['write'], []],
    [{ path: 'file:///reports/a.txt' }, ['read'], []],
  ];
  for (const [input, classes, expected] of rows)
    assert.deepEqual(touched(input, { classes }).destinations, expected, JSON.stringify(input));
});

test('and what it is done to', () => {
  const rows: [object, readonly ActionClass[], readonly string[] | undefined][] = [
    [{ path: '/reports/a.txt', content: 'x y z' }, ['write'], ['/reports/a.txt']],
    [{ ticket_id: 'T-17', status: 'closed' }, ['write'], ['T-17']],
    [{ source: 'a.txt', destination: 'b.txt' }, ['write'], ['a.txt', 'b.txt']],
    [{ url: 'https://api.example.org/v1' }, ['read', 'egress'], ['https://api.example.org/v1']],
    [{ thing: 'prod database' }, ['destructive', 'write'], ['prod database']],
    [{ limit: 10, verbose: true }, ['read'], []],
    [{ to: 'ann@example.org', body: 'see https://evil.example/a' }, ['message'], []],
  ];
  for (const [input, classes, expected] of rows)
    assert.deepEqual(touched(input, { classes }).resources, expected, JSON.stringify(input));
});

test('what a command touches is not known, and what the catalogue names is known by that alone', () => {
  const command = touched(
    { command: 'cat /etc/passwd' },
    { classes: ['code'], properties: { command: 'a shell command' } },
  );
  assert.deepEqual([command.resources, command.destinations], [undefined, undefined]);
  const both = touched(
    { command: 'cat /etc/passwd', path: '/reports/a.txt' },
    { classes: ['code'], properties: { command: 'a shell command', path: 'a file' } },
  );
  assert.deepEqual([both.resources, both.destinations], [undefined, undefined], 'also beside what is known');
  const labelling = { ...unlabelled, resource: 'key' };
  assert.deepEqual(touched({ key: 'plan', folder: 'x' }, { labelling }).resources, ['plan']);
});

test('A-17 more than is looked at is not known, and what is not known is in no manifest', () => {
  const paths = Array.from({ length: sinksMax + 1 }, (_, index) => `/reports/${index}.md`);
  const many = touched({ paths }, { classes: ['write'] });
  assert.deepEqual([many.resources, many.destinations], [undefined, undefined]);
  assert.equal(touched({ paths: paths.slice(1) }, { classes: ['write'] }).resources?.length, sinksMax);
});

test('a manifest that lists only one of the two is held against it', () => {
  const input = { to: 'ann@example.org; bob@example.org;', path: '/reports/a.txt' };
  const of = (asked: Partial<Manifest>) => touched(input, { classes: ['message'] }, { ...noManifest, ...asked });
  assert.deepEqual(of({ destinations: [] }).destinations, ['ann@example.org', 'bob@example.org']);
  assert.deepEqual(of({ resources: [] }).resources, ['/reports/a.txt']);
  assert.deepEqual(of({}), { tool: 'files/act', resources: undefined, destinations: undefined });
});

test('a resource that is read is the address that it is read by, and goes where that is', () => {
  const read = (uri: string): Touched => touched({ uri }, {}, undefined, 'resources/read');
  assert.deepEqual(read('file:///reports/a.txt'), {
    ...{ tool: 'files/act', resources: ['file:///reports/a.txt'], destinations: [] },
  });
  assert.deepEqual(read('https://docs.example.org/a').destinations, ['docs.example.org']);
  assert.deepEqual(read('notes://evil.example/a').destinations, [], 'whatever the server makes of it');
});

test('A-17 destinations and resources of a manifest bind the arguments of tools', () => {
  const inside = (over: Partial<Manifest>, input: object, classes: readonly ActionClass[]): boolean =>
    contains({ ...noManifest, tools: ['files/*'], ...over }, touched(input, { classes }));
  const mail = { destinations: ['*@example.org', 'files.example.org'] };
  assert.equal(inside(mail, { to: 'ann@example.org', body: 'x' }, ['message']), true);
  assert.equal(inside(mail, { to: 'ANN@EXAMPLE.ORG', body: 'x' }, ['message']), true);
  assert.equal(inside(mail, { to: 'ann@example.org', bcc: 'eve@evil.example' }, ['message']), false);
  assert.equal(inside(mail, { to: 'ann@example.org', body: 'https://evil.example/?q=1' }, ['message']), false);
  assert.equal(inside(mail, { to: 'ann@example.org,eve@evil.example' }, ['message']), false);
  assert.equal(inside(mail, { url: 'https://files.example.org@evil.example/' }, ['egress']), false);
  assert.equal(inside(mail, { url: 'https://files.example.org\\@evil.example/' }, ['egress']), false);
  assert.equal(inside(mail, { url: 'https://files.example.org\\.evil.example/' }, ['egress']), false);
  assert.equal(inside(mail, { url: 'https://files.example.org/a' }, ['egress']), true);
  assert.equal(inside(mail, { url: 'https://files.example.org/a\\b' }, ['egress']), true);
  assert.equal(inside(mail, { channel: 'general' }, ['message']), false, 'a channel that nobody named');
  assert.equal(inside(mail, { path: '/a' }, ['read']), true, 'what goes nowhere');
  const reports = { resources: ['file:///reports/*'] };
  assert.equal(inside(reports, { path: '/reports/q3.md' }, ['write']), true);
  assert.equal(inside(reports, { path: 'file:///reports/q3.md' }, ['write']), true);
  for (const path of ['/reports/../etc/passwd', '/etc/passwd', 'reports/q3.md', '/reports/%2e%2e/x'])
    assert.equal(inside(reports, { path }, ['write']), false, path);
  assert.equal(inside(reports, { source: '/reports/a', destination: '/tmp/a' }, ['write']), false);
});

interface Given {
  readonly classes?: readonly ActionClass[];
  readonly labelling?: Tool['labelling'];
  readonly properties?: Readonly<Record<string, string>>;
}

function touched(
  input: object,
  { classes = ['read'], labelling, properties = {} }: Given,
  asked: Pick<Manifest, 'resources' | 'destinations'> = { resources: [], destinations: [] },
  method = 'tools/call',
): Touched {
  const described = Object.entries(properties).map(([name, description]) => [name, { type: 'string', description }]);
  const definition = jsonObject(
    JSON.stringify({ inputSchema: { type: 'object', properties: Object.fromEntries(described) } }),
  );
  const tool = fakeTool({ name: 'act', classes, definition, ...(labelling === undefined ? {} : { labelling }) });
  const call: Addressed = {
    method,
    server: 'files',
    name: 'act',
    input: jsonObject(JSON.stringify(input)),
  } as Addressed;
  return touchedBy(
    makeAction(call, tool, text => text),
    asked,
  );
}
