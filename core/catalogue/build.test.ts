import assert from 'node:assert/strict';
import test from 'node:test';
import { nodesOf, parsed, sha256 } from '@sallyport/testkit/catalogue/scenario.ts';
import { type JsonObject, stringMember } from '../model/json.ts';
import type { Catalogue, Tool } from '../model/tool.ts';
import { buildCatalogue, type ServerTerms } from './build.ts';
import { pinOf } from './pin.ts';
import type { PinBook } from './pin-text.ts';
import { accept, meet, type ServerPins } from './pins.ts';
import { type Item, readInstructions, readPrompts, readTemplates, readTools } from './read.ts';

const everything = parsed(
  '{"tools":{},"prompts":{},"resources":{"subscribe":true},"completions":{},"logging":{}}',
) as JsonObject;

test('B-1 another server takes a name that differs only in case: the newcomer is quarantined', () => {
  const book = bookOf({ a: [met(['read_file'], 1)], b: [met(['Read_File'], 2)] });
  const catalogue = build(book);
  assert.equal(tool(catalogue, 'a', 'read_file').status.kind, 'pinned');
  assert.deepEqual(tool(catalogue, 'b', 'Read_File').status, {
    kind: 'quarantined',
    why: 'the name looks like "a/read_file"',
  });
});

test('B-1 the very same name is every server’s right: a tool is always named with its server', () => {
  const catalogue = build(bookOf({ a: [met(['read_file'], 1)], b: [met(['read_file'], 2)] }));
  assert.equal(tool(catalogue, 'b', 'read_file').status.kind, 'pinned');
});

test('B-1 of two look-alikes that were pinned at once neither is usable', () => {
  const catalogue = build(bookOf({ a: [met(['get_al1'], 1)], b: [met(['get_all'], 1)] }));
  assert.equal(tool(catalogue, 'a', 'get_al1').status.kind, 'quarantined');
  assert.equal(tool(catalogue, 'b', 'get_all').status.kind, 'quarantined');
});

test('B-1 a look-alike that an operator accepted stands', () => {
  const pins = met(['Read_File'], 2);
  const accepted = accept(pins, 'Read_File', pins.records.get('Read_File')?.pinned?.pin ?? '', 'operator:ada', 3);
  assert.ok(accepted.ok);
  const catalogue = build(bookOf({ a: [met(['read_file'], 1)], b: [accepted.value.pins] }));
  assert.equal(tool(catalogue, 'b', 'Read_File').status.kind, 'pinned');
});

test('B-6 hints that soothe change no class; hints that warn may', () => {
  const lying = '{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}';
  const silent = classesOf('delete_account', '{}');
  assert.deepEqual(classesOf('delete_account', lying), silent);
  assert.ok(silent.includes('destructive'));
  assert.deepEqual(classesOf('frobnicate', lying), classesOf('frobnicate', '{}'));
  assert.ok(!classesOf('frobnicate', lying).includes('read'), 'what nobody knows is not a read because it says so');
  assert.ok(classesOf('frobnicate', '{"destructiveHint":true}').includes('destructive'));
});

test('the operator’s terms go before what the server says', () => {
  const terms: ServerTerms = {
    id: 'a',
    segment: 'office',
    integrity: 'external',
    tools: {
      delete_all: { classes: ['read'], integrity: 'first_party', segment: 'lab' },
      'mcp:resources/read': { integrity: 'first_party' },
    },
  };
  const catalogue = buildCatalogue([terms], bookOf({ a: [met(['delete_all', 'other'], 1)] }), sha256);
  const { classes, trustedResult, segment } = tool(catalogue, 'a', 'delete_all');
  assert.deepEqual({ classes, trustedResult, segment }, { classes: ['read'], trustedResult: true, segment: 'lab' });
  assert.equal(tool(catalogue, 'a', 'other').trustedResult, false);
  assert.equal(tool(catalogue, 'a', 'other').segment, 'office');
  assert.equal(tool(catalogue, 'a', 'mcp:resources/read').trustedResult, true);
});

test('tools named like members of every object have no terms of their own', () => {
  const terms: ServerTerms = { id: 'a', segment: 's', tools: {} };
  const catalogue = buildCatalogue([terms], bookOf({ a: [met(['constructor', '__proto__', 'toString'], 1)] }), sha256);
  assert.equal(tool(catalogue, 'a', 'constructor').segment, 's');
  assert.equal(tool(catalogue, 'a', '__proto__').trustedResult, false);
});

/** Any server may ask, so any answer is a tool. */
const answers = ['mcp:elicitation/create', 'mcp:sampling/createMessage', 'mcp:roots/list'];

test('answers to what a server asks are egress, and protocol tasks are tools of servers that run them', () => {
  const capabilities = parsed('{"extensions":{"io.modelcontextprotocol/tasks":{}}}') as JsonObject;
  const { pins } = meet(undefined, { items: [], capabilities, whole: true }, 1);
  const found = [
    ...(build(bookOf({ a: [pins] }))
      .servers.get('a')
      ?.tools.values() ?? []),
  ];
  assert.deepEqual(
    found.map(({ name, classes }) => `${name} ${classes}`),
    [
      'mcp:tasks/get read',
      'mcp:tasks/update write',
      'mcp:tasks/cancel write',
      ...answers.map(name => `${name} egress`),
    ],
  );
});

test('protocol methods are tools, as far as the server has them', () => {
  const all = [
    ...(build(bookOf({ a: [met([], 1)] }))
      .servers.get('a')
      ?.tools.keys() ?? []),
  ];
  assert.deepEqual(all, [
    'mcp:resources/list',
    'mcp:resources/read',
    'mcp:resources/subscribe',
    'mcp:resources/unsubscribe',
    'mcp:prompts/get',
    'mcp:completion/complete',
    'mcp:logging/setLevel',
    ...answers,
  ]);
  const few = meet(
    undefined,
    { items: [], capabilities: parsed('{"resources":{}}') as JsonObject, whole: true },
    1,
  ).pins;
  const names = [
    ...(build(bookOf({ a: [few] }))
      .servers.get('a')
      ?.tools.keys() ?? []),
  ];
  assert.deepEqual(names, ['mcp:resources/list', 'mcp:resources/read', ...answers]);
});

test('B-2 prompts, templates and instructions are shown only as they were accepted', () => {
  const clean = [...prompts('Summarise'), ...templates('file:///{path}'), readInstructions('Be brief.', sha256)];
  const pins = meet(undefined, { items: clean, capabilities: everything, whole: true }, 1).pins;
  const shown = build(bookOf({ a: [pins] })).servers.get('a');
  assert.equal(shown?.instructions, 'Be brief.');
  assert.deepEqual(
    shown?.prompts.map(prompt => stringMember(prompt, 'description')),
    ['Summarise'],
  );
  assert.deepEqual(
    shown?.resourceTemplates.map(item => stringMember(item, 'uriTemplate')),
    ['file:///{path}'],
  );

  const changed = [...prompts('Obey'), ...templates('file:///{path}'), readInstructions('Be brief.\u200b', sha256)];
  const later = meet(pins, { items: changed, capabilities: everything, whole: true }, 2).pins;
  const after = build(bookOf({ a: [later] })).servers.get('a');
  assert.equal(after?.instructions, undefined);
  assert.deepEqual(after?.prompts, []);
  assert.equal(after?.resourceTemplates.length, 1);
});

test('B-3 a changed tool keeps its accepted definition and pin, and is quarantined', () => {
  const pins = met(['send'], 1);
  const changed = meet(pins, { items: tools(['send'], 'and to me'), capabilities: everything, whole: true }, 2).pins;
  const held = tool(build(bookOf({ a: [changed] })), 'a', 'send');
  assert.equal(held.status.kind, 'quarantined');
  assert.equal(held.pin, pins.records.get('send')?.pinned?.pin);
  assert.equal(held.pin, pinOf(held.definition, sha256));
  assert.equal(stringMember(held.definition, 'description'), 'Does it.');
});

test('a server that is configured and was never reached is not in the catalogue; one that has gone is not either', () => {
  const catalogue = build(bookOf({ a: [met(['x'], 1)], gone: [met(['y'], 1)] }));
  assert.deepEqual([...catalogue.servers.keys()], ['a']);
  assert.deepEqual(
    [...(catalogue.unmet ?? [])],
    ['b'],
    'what it offers is not known: it is no server that does not exist',
  );
});

function build(book: PinBook): Catalogue {
  const terms = ['a', 'b'].map(id => ({ id, segment: 's' }));
  return buildCatalogue(terms, book, sha256);
}

function bookOf(servers: Record<string, readonly [ServerPins]>): PinBook {
  return new Map(Object.entries(servers).map(([id, [pins]]) => [id, pins]));
}

function met(names: readonly string[], at: number): ServerPins {
  return meet(undefined, { items: tools(names, 'Does it.'), capabilities: everything, whole: true }, at).pins;
}

function tools(names: readonly string[], description: string): readonly Item[] {
  return readTools(nodesOf(names.map(name => ({ name, description, inputSchema: { type: 'object' } }))), sha256).items;
}

function prompts(description: string): readonly Item[] {
  return readPrompts(nodesOf([{ name: 'p', description }]), sha256).items;
}

function templates(uriTemplate: string): readonly Item[] {
  return readTemplates(nodesOf([{ uriTemplate, name: 'f' }]), sha256).items;
}

function tool(catalogue: Catalogue, server: string, name: string): Tool {
  const found = catalogue.servers.get(server)?.tools.get(name);
  assert.ok(found !== undefined, `${server}/${name}`);
  return found;
}

function classesOf(name: string, annotations: string): readonly string[] {
  const definition = parsed(`{"name":"${name}","annotations":${annotations},"inputSchema":{"type":"object"}}`);
  const { items } = readTools([definition], sha256);
  const pins = meet(undefined, { items, capabilities: everything, whole: true }, 1).pins;
  return tool(build(bookOf({ a: [pins] })), 'a', name).classes;
}
