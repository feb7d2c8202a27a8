import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Action } from '@sallyport/core/model/action.ts';
import type { ActionClass } from '@sallyport/core/model/tool.ts';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { linesOf, temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { createOwnPlaces } from './own-places.ts';

/** E-6: an agent that edits its own policy, its configuration or the gateway's state through a tool that it may use. */

const policies = '@id("everything") @reason("all is well")\npermit (principal, action, resource);\n';
const string = { type: 'string' };
const file = { type: 'object', properties: { path: string, text: string } };
const tools = [
  { name: 'write_file', inputSchema: file },
  { name: 'read_file', annotations: { readOnlyHint: true }, inputSchema: file },
  { name: 'delete_folder', inputSchema: file },
  { name: 'run_command', inputSchema: { type: 'object', properties: { command: string } } },
];

for (const mode of ['observe', 'enforce']) {
  test(`E-6 ${mode}: neither policy, configuration nor state can be reached through a tool that everything permits`, async () => {
    using folder = temporaryFolder();
    await using house = await openHouse(folder.path, {
      policies,
      script: { tools },
      config: `mode: ${mode}`,
    });
    symlinkSync(folder.path, folder.file('link'));
    const at = (...parts: string[]): string => join(folder.path, ...parts);
    const before = readFileSync(at('notes.cedar'), 'utf8');
    const refused: readonly (readonly [string, object])[] = [
      ['write_file', { path: at('notes.cedar'), text: 'permit (principal, action, resource);' }],
      ['write_file', { path: `${folder.path}/x/../sallyport.yaml`, text: 'modes: { default: observe }' }],
      ['write_file', { path: `file://${at('another.cedar')}`, text: '' }],
      ['write_file', { path: at('link', 'notes.cedar'), text: '' }],
      ['write_file', { path: encodeURI(at('notes.cedar')).replace('notes', '%6eotes'), text: '' }],
      ['read_file', { path: at('state', 'operator.key') }],
      ['read_file', { path: `${folder.path}//link/./state/operator.key` }],
      ['delete_folder', { path: folder.path }],
      ['run_command', { command: `cat '${at('state', 'operator.key')}' | head -1` }],
      ['run_command', { command: `sed -i s/forbid/permit/ ${at('notes.cedar')}` }],
    ];
    for (const [name, args] of refused) {
      const { isError, text } = await house.call(name, args);
      assert.equal(isError, true, JSON.stringify(args));
      assert.match(text, /\(rule gateways-own-files\): It leads to the gateway's own files/, JSON.stringify(args));
    }
    assert.doesNotMatch(linesOf(folder.file('received')).join('\n'), /"tools\/call"/, 'a server heard of it');
    assert.equal(readFileSync(at('notes.cedar'), 'utf8'), before);
    await passes(house, 'write_file', { path: '/srv/notes/today.md', text: 'see notes.cedar' });
    await passes(house, 'read_file', { path: at('notes.cedar') });
  });
}

async function passes(house: House, name: string, args: object): Promise<void> {
  const { isError, text } = await house.call(name, args);
  assert.equal(isError, undefined, text);
}

test('E-6 relative paths begin where their server does, and what is open below the state directory stays open', () => {
  using folder = temporaryFolder();
  const at = (...parts: string[]): string => join(folder.path, ...parts);
  mkdirSync(at('state', 'example'), { recursive: true });
  const isOurs = createOwnPlaces({
    stateDir: at('state'),
    open: [at('state', 'example')],
    written: [at('sallyport.yaml'), at('policies')],
    home: folder.path,
    cwdOf: server => (server === 'files' ? at('work') : undefined),
  });
  const leads = (input: object, classes: readonly ActionClass[] = ['write'], server = 'files'): boolean =>
    isOurs({ server, input: jsonObject(JSON.stringify(input)), tool: { ...fakeTool(), classes } } as unknown as Action);
  assert.equal(leads({ path: '../policies/default.cedar' }), true);
  assert.equal(leads({ path: '../policies/default.cedar' }, ['read']), false, 'reading a policy is nobody’s harm');
  assert.equal(leads({ path: '../policies/default.cedar' }, []), true, 'what a tool does is not known');
  assert.equal(leads({ path: 'policies/default.cedar' }), false, 'another folder of that name');
  assert.equal(leads({ path: '../state/journal' }, ['read']), true);
  assert.equal(leads({ path: '../state/example/notes.md' }), false);
  assert.equal(leads({ path: '~/sallyport.yaml' }, ['write'], 'elsewhere'), true);
  assert.equal(leads({ path: '$HOME/sallyport.yaml' }, ['write'], 'elsewhere'), true);
  assert.equal(leads({ edits: [{ target: at('sallyport.yaml') }] }, ['write'], 'elsewhere'), true, 'however deep');
  assert.equal(leads({ path: at('sallyport.yaml.bak') }), false);
  assert.equal(leads({ path: folder.path }), false, 'writing above them touches none of them');
  assert.equal(leads({ path: folder.path }, ['write', 'destructive']), true);
  assert.equal(leads({ text: 'a '.repeat(20).concat('b.') }), false);
  assert.equal(leads({ list: Array.from({ length: 3_000 }, (_, at) => `f${at}.x`) }), true, 'more than is looked at');
});

test('E-6 however a path is wrapped, drawn out or buried, it leads where it leads', () => {
  using folder = temporaryFolder();
  const at = (...parts: string[]): string => join(folder.path, ...parts);
  for (const made of [at('stäte', 'credentials'), at('stäte', 'example'), at('work')])
    mkdirSync(made, { recursive: true });
  symlinkSync(at('stäte', 'credentials'), at('work', 'link'));
  symlinkSync(at('stäte', 'operator.key'), at('work', 'a link'));
  symlinkSync('../stäte/new.key', at('work', 'nothing yet'));
  symlinkSync('nothing yet', at('work', 'twice'));
  symlinkSync('../stäte/new', at('work', 'folder'));
  symlinkSync('round', at('work', 'round'));
  const cwds: Readonly<Record<string, string>> = { files: at('work'), below: at('stäte', 'example') };
  const places = { stateDir: at('stäte'), open: [at('stäte', 'example')], written: [], home: folder.path };
  const isOurs = createOwnPlaces({ ...places, cwdOf: server => cwds[server] });
  const leads = (input: object, server = 'elsewhere'): boolean =>
    isOurs({
      server,
      input: jsonObject(JSON.stringify(input)),
      tool: { ...fakeTool(), classes: ['read'] },
    } as unknown as Action);
  const key = at('stäte', 'operator.key');
  const wrapped: readonly (readonly [object, string?])[] = [
    [{ command: `echo ${'a/b '.repeat(600)}; cat ${key}` }],
    [{ paths: [...Array.from({ length: 3_000 }, (_, n) => `/f/${n}`), key] }],
    [{ path: `/${'x/../'.repeat(1_000)}${key.slice(1)}` }],
    [{ files: { [key]: '' } }],
    [{ uri: `file:${encodeURI(key)}` }],
    [{ uri: `file://${encodeURI(key)}` }],
    [{ path: `${key}\0.txt` }],
    ...[
      `docker run -v ${at('stäte')}:/x a`,
      `scp host:${key} .`,
      `curl -d@${key}`,
      `grep -f${key} x`,
      `tar cf x --a=@${key}`,
    ].map(command => [{ command }] as const),
    [{ path: `${at('work', 'link')}/../operator.key` }],
    [{ path: 'link/../operator.key' }, 'files'],
    [{ path: 'link' }, 'files'],
    [{ path: 'a link' }, 'files'],
    [{ files: { link: '' } }, 'files'],
    [{ cells: [...Array.from({ length: 1_000 }, (_, n) => `${n}`), 'link'] }, 'files'],
    [{ path: '/proc/self/cwd/../operator.key' }, 'below'],
    [{ path: './nothing yet' }, 'files'],
    [{ path: at('work', 'twice') }],
    [{ path: 'folder/x' }, 'files'],
  ];
  for (const [input, server] of wrapped) assert.equal(leads(input, server), true, JSON.stringify(input).slice(-120));
  const others: readonly (readonly [object, string?])[] = [
    [{ text: 'a/b c.d '.repeat(5_000) }, 'files'],
    [{ paths: Array.from({ length: 3_000 }, (_, n) => `/f/${n}`) }],
    [{ url: `https://host${key}` }],
    [{ blob: 'Aa/+'.repeat(100_000) }, 'files'],
    [{ path: 'link/x' }, 'below'],
    [{ path: 'link' }, 'below'],
    [{ path: 'link' }],
    [{ cells: Array.from({ length: 9_000 }, (_, n) => `${n}`) }, 'files'],
    [{ path: './round' }, 'files'],
    [{ path: '../example/notes.md' }, 'below'],
  ];
  for (const [input, server] of others) assert.equal(leads(input, server), false, JSON.stringify(input).slice(-120));
});

test('E-6 a word that leads there by itself does so behind any number of others', context => {
  using folder = temporaryFolder();
  const at = (...parts: string[]): string => join(folder.path, ...parts);
  for (const made of [at('stäte'), at('work')]) mkdirSync(made);
  symlinkSync(at('work'), at('link'));
  const places = { stateDir: at('stäte'), open: [], written: [], home: folder.path };
  const isOurs = createOwnPlaces({ ...places, cwdOf: server => (server === 'files' ? at('work') : undefined) });
  const seed = Math.floor(Math.random() * 2 ** 31);
  let state = seed;
  const below = (bound: number): number => {
    state = (state * 48_271 + 11) % (2 ** 31 - 1);
    return state % bound;
  };
  const pick = (list: readonly string[]): string => list[below(list.length)] ?? '';
  let found = 0;
  for (let round = 0; round < 400; round++) {
    const [signs, server] = [below(3) * 8, pick(['files', 'elsewhere'])];
    const leads = (input: object): boolean =>
      isOurs({
        server,
        input: jsonObject(JSON.stringify(input)),
        tool: { ...fakeTool(), classes: ['read'] },
      } as unknown as Action);
    const path = [pick([folder.path, '~', '..', `${at('link')}/..`, 'x']), 'stäte', 'operator.key']
      .join(pick(['/', '/./', '//', '/y/../', '\\']))
      .replace(/./gu, char => (below(100) < signs ? Buffer.from(char).toString('hex').replace(/../g, '%$&') : char));
    const word = pick(['', 'host:', '-f', '-d@', 'file://', 'file:', 'https://host']) + path;
    if (!leads({ word })) continue;
    found++;
    const said = `seed ${seed}: ${word}`;
    assert.ok(leads({ text: `${'a/b '.repeat(600)}${word} c/d` }), said);
    if (round % 20 === 0)
      assert.ok(leads({ list: [...Array.from({ length: 2_100 }, (_, n) => `/f/${n}`), word] }), said);
  }
  context.diagnostic(`seed ${seed}, ${found} of 400 lead there`);
  assert.ok(found > 100, 'hardly any was looked for');
});
