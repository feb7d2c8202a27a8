import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import { typeName } from './fact-type.ts';
import { inputType, typeDepthMax, typeMembersMax } from './input-type.ts';

/** The type of the arguments with this `inputSchema`, and what is opaque as `path: why`. */
function typed(schema: unknown): { readonly type: string; readonly opaque: readonly string[] } {
  const { type, opaque } = inputType(jsonObject(JSON.stringify({ name: 't', inputSchema: schema })));
  return { type: typeName(type), opaque: opaque.map(({ path, why }) => `${path.join('.')}: ${why}`) };
}

function ofProperty(schema: unknown, required = true, more: object = {}): string {
  const { type, opaque } = typed({
    type: 'object',
    properties: { x: schema },
    ...(required ? { required: ['x'] } : {}),
    ...more,
  });
  return opaque.length === 0 ? type : opaque.join('; ');
}

describe('the type of a tool argument', () => {
  const exact: readonly (readonly [string, unknown, string])[] = [
    ['a string', { type: 'string' }, '{x: String}'],
    ['an integer', { type: 'integer' }, '{x: Long}'],
    ['a number', { type: 'number' }, '{x: decimal}'],
    ['integer or number', { type: ['integer', 'number'] }, '{x: decimal}'],
    ['a boolean', { type: 'boolean' }, '{x: Bool}'],
    ['a list', { type: 'array', items: { type: 'string' } }, '{x: Set<String>}'],
    ['an object', { type: 'object', properties: { y: { type: 'string' } }, required: ['y'] }, '{x: {y: String}}'],
    ['an object whose type is implied', { properties: { y: { type: 'integer' } } }, '{x: {y?: Long}}'],
    ['nullable', { type: ['string', 'null'] }, '{x?: String}'],
    ['nullable by anyOf', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, '{x?: Long}'],
    ['a single allOf', { allOf: [{ $ref: '#/$defs/Name' }] }, '{x: String}'],
    ['an enumeration of strings', { enum: ['a', 'b'] }, '{x: String}'],
    ['an enumeration with null', { enum: ['a', null] }, '{x?: String}'],
    ['an enumeration of integers', { enum: [1, 2] }, '{x: Long}'],
    ['a constant', { const: true }, '{x: Bool}'],
    [
      'a text or a list of texts',
      { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      '{x: Set<String>}',
    ],
    ['the same in one type', { type: ['array', 'string', 'null'], items: { type: 'string' } }, '{x?: Set<String>}'],
    ['texts of several forms', { anyOf: [{ type: 'string', format: 'uri' }, { enum: ['none'] }] }, '{x: String}'],
    ['an integer or a number by anyOf', { anyOf: [{ type: 'integer' }, { type: 'number' }] }, '{x: decimal}'],
    ['$defs', { $ref: '#/$defs/Name' }, '{x: String}'],
    ['definitions', { $ref: '#/definitions/Count' }, '{x: Long}'],
    ['a reference with escapes', { $ref: '#/$defs/a~1b~0c' }, '{x: Bool}'],
  ];
  const definitions = {
    $defs: { Name: { type: 'string' }, 'a/b~c': { type: 'boolean' } },
    definitions: { Count: { type: 'integer' } },
  };
  for (const [name, schema, type] of exact) test(name, () => assert.equal(ofProperty(schema, true, definitions), type));

  test('what is not required is optional', () => assert.equal(ofProperty({ type: 'string' }, false), '{x?: String}'));

  const opaque: readonly (readonly [string, unknown, RegExp])[] = [
    ['a free-form object', { type: 'object' }, /^x: it is a free-form object$/],
    ['a union', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, /^x: it is a union$/],
    ['several types', { type: ['string', 'integer'] }, /^x: its type is string or integer$/],
    ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }] }, /^x: it is a tuple$/],
    ['a list of anything', { type: 'array' }, /^x: its items have no type$/],
    [
      'a list of objects that are partly open',
      { type: 'array', items: { type: 'object', properties: { a: {} } } },
      /^x: of its items: its schema states no type$/,
    ],
    ['a list that may hold null', { type: 'array', items: { type: ['string', 'null'] } }, /^x: its items may be null$/],
    ['no type at all', {}, /^x: its schema states no type$/],
    ['mixed allowed values', { enum: ['a', 1] }, /^x: its allowed values are of several types$/],
    ['a reference elsewhere', { $ref: 'https://example.com/schema' }, /^x: its schema refers to another document$/],
    ['a reference to nothing', { $ref: '#/$defs/Nobody' }, /^x: its schema says nothing about it$/],
    ['a boolean schema', true, /^x: its schema says nothing about it$/],
    ['an unknown type', { type: 'tuple' }, /^x: its type "tuple" is not known$/],
  ];
  for (const [name, schema, why] of opaque)
    test(`${name} is opaque`, () => assert.match(ofProperty(schema, true, definitions), why));
});

describe('a part that is one of several objects, or all of them', () => {
  const iban = {
    type: 'object',
    properties: { kind: { const: 'iban' }, iban: { type: 'string' } },
    required: ['kind', 'iban'],
  };
  const card = {
    type: 'object',
    properties: { kind: { const: 'card' }, token: { type: 'string' } },
    required: ['kind', 'token'],
  };
  const of = (x: object): ReturnType<typeof typed> => typed({ type: 'object', properties: { x }, required: ['x'] });
  const more = 'x.*: it stands in a union, which may allow more';

  test('one of them: what all require is there, the rest may be, and what no part names is out of sight', () => {
    for (const word of ['anyOf', 'oneOf'])
      assert.deepEqual(of({ [word]: [iban, card] }), {
        type: '{x: {kind: String, iban?: String, token?: String}}',
        opaque: [more],
      });
    assert.equal(
      of({ oneOf: [iban, card, { type: 'null' }] }).type,
      '{x?: {kind: String, iban?: String, token?: String}}',
    );
  });

  test('a name that means several things, or one that a part hides, is out of sight', () => {
    const other = { type: 'object', properties: { kind: { type: 'integer' }, iban: {} }, required: ['kind'] };
    const { type, opaque } = of({ anyOf: [iban, other] });
    assert.equal(type, '{x: {}}');
    assert.deepEqual([...opaque].sort(), [more, 'x.iban: its schema states no type', 'x.kind: it is a union'].sort());
  });

  test('all of them', () => {
    const { type, opaque } = of({ allOf: [iban, { type: 'object', properties: { note: { type: 'string' } } }] });
    assert.equal(type, '{x: {kind: String, iban: String, note?: String}}');
    assert.deepEqual(opaque, ['x.*: the schema describes it through `allOf`']);
  });

  test('beside properties of its own: those count', () => {
    const { type } = typed({
      type: 'object',
      properties: { to: { type: 'string' }, size: { type: 'integer' } },
      required: ['size'],
      anyOf: [{ required: ['to'] }, { properties: { to: {}, all: { type: 'boolean' } }, required: ['all'] }],
    });
    assert.equal(type, '{to?: String, size: Long, all?: Bool}');
  });

  test('where a part holds the union itself nothing is seen: what a rule is about could stand a level deeper', () => {
    const leaf = { type: 'object', properties: { column: { type: 'string' } } };
    for (const and of [{ type: 'array', items: { $ref: '#/$defs/F' } }, { $ref: '#/$defs/F' }]) {
      const F = { anyOf: [{ type: 'object', properties: { and } }, leaf] };
      const where = { $ref: '#/$defs/F' };
      assert.deepEqual(typed({ type: 'object', properties: { where }, $defs: { F } }), {
        type: '{}',
        opaque: ['where: it is a union of which a part holds itself'],
      });
      assert.equal(typed({ ...F, type: 'object', properties: {}, $defs: { F } }).type, '{}');
    }
  });

  test('an object beside something else is a union, and so is a list of objects beside one of them', () => {
    assert.deepEqual(of({ anyOf: [iban, { type: 'string' }] }).opaque, ['x: it is a union']);
    assert.deepEqual(of({ anyOf: [iban, { type: 'array', items: iban }] }).opaque, ['x: it is a union']);
  });

  test('B-4 choices of choices do not multiply without bound', () => {
    const $defs: Record<string, unknown> = { d30: { type: 'string' } };
    for (let i = 0; i < 30; i++) {
      const next = { $ref: `#/$defs/d${i + 1}` };
      $defs[`d${i}`] = { anyOf: [next, next, { allOf: [next, next] }] };
    }
    const started = performance.now();
    typed({ type: 'object', properties: { x: { $ref: '#/$defs/d0' } }, $defs, anyOf: [{ $ref: '#/$defs/d0' }] });
    assert.ok(performance.now() - started < 1_000);
  });
});

test('a recursive part is opaque, the rest is typed', () => {
  const { type, opaque } = typed({
    type: 'object',
    properties: { name: { type: 'string' }, child: { $ref: '#' }, next: { $ref: '#/$defs/Node' } },
    $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } },
  });
  assert.equal(type, '{name?: String, next?: {}}');
  assert.deepEqual(opaque, ['child: its schema is recursive', 'next.next: its schema is recursive']);
});

test('members that the schema allows without naming them are listed', () => {
  assert.deepEqual(typed({ type: 'object', properties: {}, additionalProperties: true }).opaque, [
    '*: the schema allows arguments that it does not name',
  ]);
  assert.deepEqual(typed({ type: 'object', properties: {}, anyOf: [] }).opaque, [
    '*: the schema describes it through `anyOf`',
  ]);
  assert.deepEqual(typed({ type: 'object', properties: {}, additionalProperties: false }).opaque, []);
});

test('DF3 names that Cedar JSON reserves never become attributes', () => {
  const schema =
    '{"type":"object","properties":{"__entity":{"type":"string"},"__extn":{"type":"string"},"__proto__":{"type":"string"},"constructor":{"type":"string"}}}';
  const { type, opaque } = inputType(jsonObject(`{"inputSchema":${schema}}`));
  assert.equal(typeName(type), '{constructor?: String}');
  assert.deepEqual(
    opaque.map(({ path }) => path.join()),
    ['__entity', '__extn', '__proto__'],
  );
});

test('names that no identifier could be keep their names', () => {
  const { type } = inputType(
    jsonObject(
      '{"inputSchema":{"properties":{"my-key":{"type":"string"},"$a b":{"type":"integer"},"if":{"type":"boolean"},"":{"type":"string"}}}}',
    ),
  );
  assert.deepEqual([...type.attributes.keys()], ['my-key', '$a b', 'if', '']);
});

test('B-4 references to references do not multiply without bound', () => {
  const $defs: Record<string, unknown> = { d30: { type: 'string' } };
  for (let i = 0; i < 30; i++)
    $defs[`d${i}`] = {
      type: 'object',
      properties: { a: { $ref: `#/$defs/d${i + 1}` }, b: { $ref: `#/$defs/d${i + 1}` } },
    };
  let opaque: readonly string[] = [];
  const took = processorMillis(() => {
    opaque = typed({ type: 'object', properties: { x: { $ref: '#/$defs/d0' } }, $defs }).opaque;
  });
  assert.ok(took < 1_000, `${took}`);
  assert.ok(opaque.some(line => line.includes(`nested deeper than ${typeDepthMax}`)));
});

test('a tool with very many arguments is cut, and says so', () => {
  const properties = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`p${i}`, { type: 'string' }]));
  const { type, opaque } = inputType(jsonObject(JSON.stringify({ inputSchema: { properties } })));
  assert.equal(type.attributes.size, typeMembersMax);
  assert.deepEqual(opaque, [{ path: ['*'], why: `the tool has more than ${typeMembersMax} arguments` }]);
});

test('a tool without a schema shows policy nothing', () => {
  assert.deepEqual(inputType(jsonObject('{"name":"t"}')).opaque, [{ path: ['*'], why: 'the tool has no inputSchema' }]);
});
