import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import fc from 'fast-check';
import { type JsonObject, parseJson, resultJsonLimits } from '../model/json.ts';
import { classify, explainClass } from './classify.ts';

const table = readFileSync(new URL('../../scenarios/decisions/classes.txt', import.meta.url), 'utf8');
const row = /^([\w.-]+)\(([^)]*)\)(?: "([^"]*)")?(?: ([!\w,]+))? -> ([a-z ]+)$/;

interface Row {
  readonly line: string;
  readonly definition: JsonObject;
  readonly expected: readonly string[];
}

const rows = table
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(rowOf);

describe('classes of tools never seen', () => {
  test('the table is large enough to mean something', () => assert.ok(rows.length >= 120, String(rows.length)));
  for (const { line, definition, expected } of rows)
    test(line, () => {
      const { classes, because } = explainClass(definition);
      assert.deepEqual([...classes].sort(), [...expected].sort(), JSON.stringify(because));
    });
});

describe('what every classification holds to', () => {
  test('annotations never take a class away', () => {
    let soothable = 0;
    for (const { line, definition } of rows) {
      if (/ [!\w,]+ -> /.test(line) || /readOnly/.test(line)) continue;
      const before = classify(definition);
      if (explainClass(definition).because.some(reason => reason.from === 'default')) continue;
      soothable++;
      const soothed = withHints(definition, { readOnlyHint: true, destructiveHint: false, openWorldHint: false });
      assert.deepEqual(classify(soothed), before, line);
    }
    assert.ok(soothable > 100, String(soothable));
  });

  test('a read is never also a write, and a tool has at least one class with a reason', () => {
    for (const { line, definition } of rows) {
      const { classes, because } = explainClass(definition);
      assert.ok(classes.length > 0, line);
      assert.ok(!(classes.includes('read') && classes.includes('write')), line);
      for (const name of classes)
        assert.ok(
          because.some(reason => reason.class === name),
          `${line}: ${name}`,
        );
    }
  });

  test('the spelling of a name makes no difference', () => {
    for (const name of ['deleteUserAccount', 'delete_user_account', 'delete-user-account', 'delete.user.account'])
      assert.deepEqual(classify(parsed({ name })), ['write', 'destructive', 'admin']);
  });

  test('a definition without schema, description or name is a write, and nothing throws', () => {
    for (const odd of [{}, { name: '' }, { name: 7 }, { name: 'x', inputSchema: [] }, { name: '删除' }])
      assert.deepEqual(classify(parsed(odd)), ['write'], JSON.stringify(odd));
  });

  test('what an argument is described as counts, not a word it happens to hold', () => {
    const withArgument = (name: string, argument: string, description: string) =>
      classify(parsed({ name, inputSchema: { properties: { [argument]: { type: 'string', description } } } }));
    assert.deepEqual(withArgument('get_weather', 'country_code', 'ISO country code to run the search for'), ['read']);
    assert.deepEqual(withArgument('verify_login', 'code', 'The six digits'), ['read']);
    assert.deepEqual(withArgument('page_evaluate', 'function', '() => { /* code */ }'), ['write', 'code']);
    assert.deepEqual(withArgument('sandbox_get', 'code', 'Python to execute'), ['write', 'code']);
    assert.deepEqual(withArgument('get_page', 'target', 'URL of the page'), ['read', 'egress']);
    assert.deepEqual(withArgument('lookup', 'query', 'A SQL SELECT statement'), ['write', 'code']);
  });

  test('R3 whatever a server sends is classified, and soon', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 20 });
    const definition = fc.record({
      name: word,
      description: word,
      inputSchema: fc.jsonValue(),
      annotations: fc.jsonValue(),
    });
    fc.assert(fc.property(definition, value => classify(parsed(value)).length > 0));
    const long = 'A'.repeat(60_000);
    const properties = { [long]: { type: 'string', description: long } };
    const giant = parsed({ name: long, description: long, inputSchema: { properties } });
    assert.ok(processorMillis(() => classify(giant)) < 1_000);
  });

  test('a schema that refers to itself ends', () => {
    const node = { type: 'object', properties: { next: { $ref: '#' }, command: { type: 'string' } } };
    assert.deepEqual(classify(parsed({ name: 'list_nodes', inputSchema: node })), ['write', 'code']);
  });
});

function rowOf(line: string): Row {
  const [, name, args = '', description, hints, classes = ''] = row.exec(line) ?? assert.fail(`cannot read: ${line}`);
  const properties = Object.fromEntries(
    args.split(', ').flatMap(argument => {
      const [key = '', type = 'string'] = argument.split(':');
      return key === '' ? [] : [[key, { type }]];
    }),
  );
  const annotations = Object.fromEntries(
    (hints ?? '')
      .split(',')
      .flatMap(hint => (hint === '' ? [] : [[`${hint.replace('!', '')}Hint`, !hint.startsWith('!')]])),
  );
  const definition = { name, description, inputSchema: { type: 'object', properties }, annotations };
  return { line, definition: parsed(definition), expected: classes.split(' ') };
}

function withHints(definition: JsonObject, hints: Record<string, boolean>): JsonObject {
  return { kind: 'object', members: new Map([...definition.members, ['annotations', parsed(hints)]]) };
}

function parsed(value: unknown): JsonObject {
  const result = parseJson(JSON.stringify(value), { ...resultJsonLimits, inexactNumbers: 'keep' });
  if (!result.ok || result.node.kind !== 'object') return assert.fail('not an object');
  return result.node;
}
