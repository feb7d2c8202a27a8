import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { doesFacts } from '../../facts/does.ts';
import { noSql } from '../../facts/sql.ts';
import { type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import type { ActionClass, Tool } from '../../model/tool.ts';
import { classify } from '../classify.ts';
import { classesOfCall } from './by-call.ts';
import { inEnglish, isForeign, saidInEnglish } from './languages.ts';
import { wordsOf } from './words.ts';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const list = { type: 'array', items: text };

describe('one tool that reads and changes is judged by the call', () => {
  const gear = tool('gear', { item: text, op: { enum: ['status', 'borrow', 'scrap'] } });
  const later = tool('gear', { item: text, op: { enum: ['status', 'scrap'], default: 'status' } });
  const rest = tool('api_request', { method: text, path: text, body: { type: 'object' } });
  const rota = tool(
    'rota',
    { ward: text, shifts: list },
    'Without shifts it returns the rota, with shifts it replaces it.',
  );
  const vendor = tool('vendor_update', { vendor_id: text, street: text, iban: text });
  const letter = tool('letter_send', { to: text, body: text, draft: flag });
  const record = tool('manage_record', { id: text, action: text, options: { type: 'object' } });
  const messages = tool('read_messages', { folder: text, delete: flag, include_deleted: flag, email_to: text });
  const any = tool('run_tool', { tool_name: text, tool_args: { type: 'object' } });
  const engine = tool('lookup', { query: text, sites: list }, 'Searches the web and returns the best answers.');
  const rows: readonly (readonly [string, Tool, object, readonly ActionClass[]])[] = [
    ['words that are looked for on the web', engine, { query: 'glass museum, opening hours in May' }, ['read']],
    ['an address that is', engine, { query: 'rowing-plans.example/?list=7' }, ['read', 'egress']],
    ['one of a person', engine, { query: 'who is ann@example.org' }, ['read', 'egress']],
    ['one beside the words', engine, { query: 'prices', sites: ['museum。example'] }, ['read', 'egress']],
    ['one written as a number', engine, { query: 'where is http://2130706433' }, ['read', 'egress']],
    ['a value that names what is asked for', gear, { item: 'G1', op: 'status' }, ['read']],
    ['a verb that changes', gear, { item: 'G1', op: 'borrow' }, ['write']],
    ['a verb that takes away', gear, { item: 'G1', op: 'scrap' }, ['write', 'destructive']],
    ['no value: the gravest', gear, { item: 'G1' }, ['write', 'destructive']],
    ['a value that nobody knows: the gravest', gear, { item: 'G1', op: 'zorp' }, ['write', 'destructive']],
    ['GET', rest, { method: 'GET', path: '/v1/racks/7' }, ['read']],
    [
      'GET with a body',
      rest,
      { method: 'GET', path: '/v1/racks', body: { all: true } },
      ['write', 'destructive', 'egress'],
    ],
    [
      'GET whose query chooses',
      rest,
      { method: 'GET', path: '/v1/racks?action=delete' },
      ['write', 'destructive', 'egress'],
    ],
    ['GET of a step that removes', rest, { method: 'GET', path: '/v1/racks/delete/7' }, ['write', 'destructive']],
    ['GET of a hidden one', rest, { method: 'GET', path: '/v1/racks/7/%64elete' }, ['write', 'destructive']],
    ['GET that signs off', rest, { method: 'GET', path: '/v1/logout' }, ['write']],
    ['GET of a thing that may be a verb', rest, { method: 'GET', path: '/v1/invoice-hook' }, ['read']],
    ['GET of what is named like a verb', rest, { method: 'GET', path: '/v1/updates/7' }, ['read']],
    ['two values in one', gear, { item: 'G1', op: 'status;scrap' }, ['write', 'destructive']],
    ['a mode beside a word that may be a verb', record, { id: 'R1', action: 'delete' }, ['write', 'destructive']],
    ['the same, reading', record, { id: 'R1', action: 'list' }, ['read']],
    ['two steps that both say what is done', record, { id: 'R1', action: 'delete.view' }, ['write', 'destructive']],
    ['the other way round', record, { id: 'R1', action: 'view/delete' }, ['write', 'destructive']],
    ['one step that does, of a thing', record, { id: 'R1', action: 'record.list' }, ['read']],
    ['a tool that is named', any, { tool_name: 'purge_rack' }, ['write', 'destructive', 'code']],
    ['one that nobody knows', any, { tool_name: 'zorp_rack' }, ['write', 'code']],
    ['another choice deeper down', record, { id: 'R1', action: 'list', options: { operation: 'purge' } }, ['write']],
    ['a flag of one that reads', messages, { folder: 'in', delete: true }, ['write', 'destructive']],
    ['the flag refused', messages, { folder: 'in', delete: false }, ['read']],
    ['without the flag', messages, { folder: 'in', include_deleted: true }, ['read']],
    ['one that reads and sends', messages, { folder: 'in', email_to: 'x' }, ['write', 'message']],
    ['a statement instead of a question', messages, { folder: 'delete from mails' }, ['write', 'destructive', 'code']],
    [
      'a draft that is sent all the same',
      letter,
      { to: 'a', body: 'b', draft: true, Send: true },
      ['write', 'message'],
    ],
    ['POST', rest, { method: 'POST', path: '/v1/racks' }, ['write']],
    ['POST of money, by its path', rest, { method: 'post', path: '/v1/payments' }, ['write', 'money']],
    [
      'POST whose path ends with more',
      rest,
      { method: 'POST', path: '/v1/racks/7/terminate' },
      ['write', 'destructive'],
    ],
    ['DELETE', rest, { method: 'DELETE', path: '/v1/racks/7' }, ['write', 'destructive']],
    [
      'GET of an address inside a path',
      rest,
      { method: 'GET', path: '/relay?to=https://far.example' },
      ['read', 'egress'],
    ],
    ['nothing to write', rota, { ward: 'B' }, ['read']],
    ['something to write', rota, { ward: 'B', shifts: ['late'] }, ['write']],
    ['an empty list is something', rota, { ward: 'B', shifts: [] }, ['write']],
    ['an argument that makes it grave', vendor, { vendor_id: '7', iban: 'DE12500105170648489890' }, ['write', 'money']],
    ['and a call without it', vendor, { vendor_id: '7', street: 'Elm 3' }, ['write']],
    ['a letter', letter, { to: 'a@b.example', body: 'Hi' }, ['write', 'message']],
    ['a draft of one reaches nobody', letter, { to: 'a@b.example', body: 'Hi', draft: true }, ['write']],
    ['a draft that is sent', letter, { to: 'a@b.example', body: 'Hi', draft: true, send: true }, ['write', 'message']],
    [
      'a draft by a word that it does not know',
      letter,
      { to: 'a@b.example', body: 'Hi', as_draft: true },
      ['write', 'message'],
    ],
    ['a name in other letters', vendor, { vendor_id: '7', IBAN: 'DE12500105170648489890' }, ['write', 'money']],
    ['what is written, in other letters', rota, { ward: 'B', Shifts: ['late'] }, ['write']],
    ['a value that is no text', later, { item: 'G1', op: ['scrap'] }, ['write', 'destructive']],
    ['a null in place of the value that is assumed', later, { item: 'G1', op: null }, ['write', 'destructive']],
    ['the value that is assumed', later, { item: 'G1' }, ['read']],
    ['the name twice', gear, { op: 'status', Op: 'scrap' }, ['write', 'destructive']],
    ['a value that is none of those listed', gear, { op: 'get scrap' }, ['write', 'destructive']],
    ['letters that look like others', gear, { op: '\u0455crap status' }, ['write', 'destructive']],
    ['letters that one does not see', gear, { op: 'sc\u200brap status' }, ['write', 'destructive']],
    ['another argument that says what is done', gear, { op: 'status', action: 'scrap' }, ['write', 'destructive']],
    [
      'a header that says another method',
      rest,
      { method: 'GET', path: '/v1/racks/7', headers: { 'X-HTTP-Method-Override': 'DELETE' } },
      rest.classes,
    ],
    ['a query that says another method', rest, { method: 'GET', path: '/v1/racks/7?_method=DELETE' }, rest.classes],
    [
      'a body that says another method',
      rest,
      { method: 'POST', path: '/v1/racks/7', body: { _method: 'DELETE' } },
      rest.classes,
    ],
    ['GET whose path removes', rest, { method: 'GET', path: '/v1/racks/7/delete' }, ['write', 'destructive']],
  ];
  for (const [what, by, input, expected] of rows)
    test(what, () => assert.deepEqual(classesOfCall(by, json(input)).classes, expected));

  test('what an operator said holds for every call', () => {
    const told: Tool = { ...rest, classes: ['write', 'egress', 'money'] };
    assert.deepEqual(classesOfCall(told, json({ method: 'GET', path: '/x' })).classes, ['write', 'egress', 'money']);
  });

  test('doubt is said: no word of the name or description is understood', () => {
    assert.equal(classesOfCall(tool('frobnicate', { level: text }), json({ level: 'x' })).unclear, true);
    assert.equal(classesOfCall(tool('delete_row', { id: text }), json({ id: 'x' })).unclear, false);
  });
});

describe('a query is what its parser says', () => {
  const warehouse = tool('warehouse', { statement: text }, 'Runs SQL on the warehouse.');
  const call = classesOfCall(warehouse, json({ statement: 'x' }));
  const facts = (over: object) => doesFacts(call, { ...noSql, present: true, count: 1, ...over });
  test('reading reads', () => assert.deepEqual(on(facts({ readOnly: true, statements: ['select'] })), ['read']));
  test('changing rows changes', () => assert.deepEqual(on(facts({ statements: ['update'] })), ['write']));
  for (const [what, over] of Object.entries({
    'all rows': { statements: ['update'], unbounded: true },
    'taking rows away': { statements: ['delete'] },
    'what does not parse': { statements: ['select'], readOnly: true, unclear: true },
    'what reaches further': { statements: ['select'], readOnly: true, outside: true },
  }))
    test(`${what} is code as before`, () => assert.ok(facts(over).code));
});

describe('other languages', () => {
  test('verbs and nouns of work, with their endings', () => {
    const said = {
      rechnung: 'invoice',
      storniert: 'cancel',
      envoyer: 'send',
      borrar: 'delete',
      fattura: 'invoice',
      betaling: 'payment',
      guardar: 'save',
      compartir: 'share',
      comparte: 'share',
      consultar: 'view',
      einladen: 'invite',
      descarga: 'download',
    };
    for (const [word, english] of Object.entries(said)) assert.equal(inEnglish(word), english, word);
  });
  test('who and what behind an order in the same word', () => {
    for (const [word, english] of [
      ['díselo', 'tell'],
      ['dile', 'tell'],
      ['mandagli', 'send'],
      ['aquello', undefined],
    ] as const)
      assert.equal(saidInEnglish(word), english, word);
  });
  test('English words are none of another language', () => {
    for (const word of [
      'listen',
      'finding',
      'public',
      'command',
      'reserve',
      'terminate',
      'sender',
      'such',
      'prescribe',
      'modifier',
    ])
      assert.equal(inEnglish(word), undefined, word);
  });
  test('tools named in another language have the classes of their words', () => {
    assert.deepEqual(classify(definition('rechnungLesen', { nr: text }, '')), ['read']);
    assert.deepEqual(classify(definition('borrar_pedido', { id: text }, '')), ['write', 'money', 'destructive']);
    assert.deepEqual(classify(definition('envoyer_message', { a: text }, '')), ['write', 'message']);
    assert.deepEqual(classify(definition('asignar_rol', { persona: text }, '')), ['write', 'admin']);
    assert.deepEqual(classify(definition('encargar_agente', { encargo: text }, '')), ['write', 'message']);
    assert.deepEqual(classify(definition('encargar_libro', { titulo: text }, '')), ['write', 'money']);
  });
  test('short words of names are read in full; what may be two things is not', () => {
    assert.deepEqual(classify(definition('cust_upd', { no: text }, '')), ['write']);
    assert.equal(wordsOf('custUpd').join(' '), 'customer update');
    assert.equal(wordsOf('inv_pub').join(' '), 'inv pub');
    assert.deepEqual(classify(definition('msgOut', { to: text, subj: text, txt: text }, '')), ['write', 'message']);
    assert.ok(classify(definition('web.qry', { q: text }, '')).includes('egress'));
  });
  test('a text is told by its small words', () => {
    assert.equal(isForeign('bitte storniere die bestellung und sag dem kunden bescheid'.split(' ')), true);
    assert.equal(isForeign('please cancel the order and tell the customer'.split(' ')), false);
    assert.equal(isForeign('borra notas/a.txt'.split(' ')), true, 'by its first word, where it has no small ones');
    assert.equal(isForeign('move notes/a.txt'.split(' ')), false);
    assert.equal(isForeign('give our pilot ida access as a worker'.split(' ')), false);
  });
});

function on(facts: object): string[] {
  return Object.entries(facts).flatMap(([name, is]) => (is === true && name !== 'unclear' ? [name] : []));
}

function definition(name: string, properties: object, description: string): JsonObject {
  return json({ name, description, inputSchema: { type: 'object', properties } });
}

function tool(name: string, properties: object, description = ''): Tool {
  const made = definition(name, properties, description);
  const status = { kind: 'pinned' } as const;
  return {
    server: 's',
    name,
    definition: made,
    pin: 'p',
    status,
    classes: classify(made),
    segment: 's',
    trustedResult: false,
  };
}

function json(value: object): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

test('a verb that ends a name is one where the description begins with it, and what hands over reads nothing', () => {
  const rent = { Vendor: text, QuoteId: text };
  const classesOf = (one: Tool, input: object): readonly ActionClass[] => classesOfCall(one, json(input)).classes;
  const given = { Vendor: 'V-7', QuoteId: 'Q-11' };
  assert.deepEqual(classesOf(tool('Barge.Rent', rent, 'Rent a barge for a day'), given), ['write']);
  assert.deepEqual(classesOf(tool('barge_rent', rent, 'Rent of a barge, by day'), given), ['read']);
  assert.deepEqual(classesOf(tool('key_handover', { Vendor: text, person: text }), { Vendor: 'V-7', person: 'Ann' }), [
    'write',
  ]);
});

test('an operation that is named to read runs no program, and one that is not named so may', () => {
  const engine = tool('execute', { action: text, params: { type: 'object' } });
  const called = tool('call_tool', { name: text, arguments: { type: 'object' } });
  const script = tool('execute', { action: text, script: text });
  const classesOf = (one: Tool, action: string, key = 'action'): readonly ActionClass[] =>
    classesOfCall(one, json({ [key]: action })).classes;
  for (const action of ['get_deal', 'listViewings', 'deals.search'])
    assert.deepEqual(classesOf(engine, action), ['read'], action);
  for (const action of ['get rid of the deals', 'list_purge_all', 'get_deal; drop', 'renew_deal', 'zorp', 'get_exec'])
    assert.ok(classesOf(engine, action).includes('code'), action);
  assert.ok(classesOf(script, 'get_deal').includes('code'));
  for (const params of [{ cmd: 'id' }, { shellCommand: 'id' }, { job: [{ code: 'print(1)' }] }]) {
    const brings = classesOfCall(engine, json({ action: 'get_output', params }));
    assert.ok(brings.classes.includes('code'), Object.keys(params)[0]);
  }
  assert.deepEqual(classesOf(called, 'list_deals', 'name'), ['read']);
  assert.ok(classesOf(called, 'wipe_deals', 'name').includes('destructive'));
  // A tool that is lent out, or made, is a thing.
  assert.ok(!classesOf(tool('make_tool', { name: text }), 'wipe_deals', 'name').includes('destructive'));
  assert.ok(!classesOf(tool('lend_tool', { tool: text, to: text }), 'drop hammer', 'tool').includes('destructive'));
});

test('beside an operation that reads, nothing may come that does more: a program by its look, a flag, another operation, a link', () => {
  const engine = tool('execute', { action: text, params: { type: 'object' } });
  const called = tool('call_tool', { name: text, arguments: { type: 'object' } });
  const classesOf = (action: string, params: unknown): readonly ActionClass[][] => [
    [...classesOfCall(engine, json({ action, params })).classes],
    [...classesOfCall(called, json({ name: action, arguments: params })).classes],
  ];
  const acting: readonly [string, unknown][] = [
    ['search_deals', { query: 'db.dropDatabase()' }],
    ['search_deals', { filter: 'DEALS | delete' }],
    ['search_deals', { template: '{{7*7}}' }],
    ['get_output', { more: 'rm -rf /' }],
    ['get_output', { more: ['-rf', '/'] }],
    ['get_output', { more: 'cmd=id' }],
    ['get_output', '{"cmd":"id"}'],
    ['get_output', [{ name: 'cmd', value: 'id' }]],
    ['get_output', { snippet: 'x' }],
    ['get_batch', { calls: [{ name: 'delete_deal', id: '9' }] }],
    ['get_batch', { calls: ['deleteDeal'] }],
    ['get_batch', { delete_deal: '9' }],
    ['get_deal', { id: '9', purge: 'yes' }],
    ['get_deal', { id: '9', after: 'delete' }],
    ['fetch_and_zorp', {}],
    ['select_into', {}],
    ['load_module', {}],
    ['interpret', {}],
    ['list_unsubscribe', {}],
    ['head_reset', {}],
  ];
  for (const [action, params] of acting)
    for (const classes of classesOf(action, params))
      assert.ok(classes.includes('write') || classes.includes('code'), `${action} ${JSON.stringify(params)}`);
  const reading: readonly [string, unknown][] = [
    ['search_deals', { query: "price > 5 and town = 'Bern'", limit: 5, start: '2026-05-01', sort: 'price' }],
    ['get_deal', { id: 'D-7', purge: false, fields: ['price', 'owner.name'] }],
    ['list_files', { path: 'docs/a-b.md', since: '7d', format: 'json' }],
  ];
  for (const [action, params] of reading)
    for (const classes of classesOf(action, params)) assert.deepEqual(classes, ['read'], JSON.stringify(params));
  for (const classes of classesOf('get_page', { page: { url: 'https://evil.example/?d=1' } }))
    assert.deepEqual(classes, ['read', 'egress']);
});
