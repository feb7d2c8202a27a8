import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import fc from 'fast-check';
import type { JsonNode } from '../model/json.ts';
import type { FactType } from '../policy/fact-type.ts';
import { type InputType, inputType } from '../policy/input-type.ts';
import { checkInput } from './check-input.ts';

const names = ['a', 'b', 'c', 'constructor'];

const fields = (of: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.constantFrom(...names), of, { maxKeys: 3 });

const plainObject = (of: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fields(of).map(properties => ({ type: 'object', properties }));

const keywords = fc.constantFrom<(schema: unknown) => object>(
  schema => ({ properties: { a: schema } }),
  schema => ({ properties: { b: schema }, type: 'object' }),
  schema => ({ additionalProperties: schema }),
  () => ({ additionalProperties: false }),
  schema => ({ anyOf: [schema] }),
  schema => ({ anyOf: [schema, { type: 'string' }] }),
  schema => ({ allOf: [schema] }),
  schema => ({ if: schema }),
  schema => ({ items: schema }),
  () => ({ prefixItems: [{}] }),
  () => ({ patternProperties: { '.*': {} } }),
  () => ({ type: 'object' }),
  () => ({ type: ['object', 'null'] }),
  () => ({ $ref: '#' }),
  () => ({ $ref: '#/$defs/A' }),
  () => ({ $ref: '#/nowhere' }),
);

const merged = (parts: readonly (readonly [(schema: unknown) => object, unknown])[]): unknown =>
  Object.assign({}, ...parts.map(([keyword, schema]) => keyword(schema)));

/** Schemas as a hostile server might write them: references, choices, siblings that contradict each other. */
const schemas: fc.Arbitrary<unknown> = fc.letrec<{ schema: unknown }>(tie => ({
  schema: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>({ type: 'string' }, { type: 'null' }, { type: ['object', 'null'] }, {}, true),
    fc.constantFrom<unknown>({ enum: ['a'] }, { const: {} }, { $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }),
    plainObject(tie('schema')),
    fc.tuple(fc.constantFrom('anyOf', 'oneOf', 'allOf'), tie('schema')).map(([word, only]) => ({ [word]: [only] })),
    fc
      .tuple(fc.constantFrom('anyOf', 'oneOf', 'allOf'), fc.array(tie('schema'), { minLength: 2, maxLength: 3 }))
      .map(([word, several]) => ({ [word]: several })),
    fc
      .tuple(fc.constantFrom('anyOf', 'oneOf'), tie('schema'))
      .map(([word, one]) => ({ [word]: [one, { type: 'null' }] })),
    tie('schema').map(items => ({ type: 'array', items })),
    fc.array(fc.tuple(keywords, tie('schema')), { minLength: 1, maxLength: 3 }).map(merged),
  ),
})).schema;

const values: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>('a', null, 1, true),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 2 }),
  ),
})).value;

/** The first place of `node` that runs although policy is neither told of it nor told that it cannot see it. */
function unseen(
  node: JsonNode,
  type: FactType,
  path: readonly string[],
  opaque: InputType['opaque'],
): string | undefined {
  if (opaque.some(part => covers(part.path, path))) return undefined;
  if (type.kind === 'set' && node.kind === 'array')
    return node.items
      .map(item => unseen(item, type.element, [...path, '[]'], opaque))
      .find(found => found !== undefined);
  if (type.kind !== 'record' || node.kind !== 'object') return undefined;
  for (const [name, value] of node.members) {
    const own = type.attributes.get(name);
    const here = [...path, name];
    const found =
      own !== undefined
        ? unseen(value, own.type, here, opaque)
        : opaque.some(part => covers(part.path, here))
          ? undefined
          : here.join('.');
    if (found !== undefined) return found;
  }
  return undefined;
}

function covers(part: readonly string[], path: readonly string[]): boolean {
  const open = part.at(-1) === '*';
  const start = open ? part.slice(0, -1) : part;
  return path.length >= start.length + (open ? 1 : 0) && start.every((step, index) => step === path[index]);
}

test('K-1 whatever a schema says, what runs is what policy is told of, or is listed as out of its sight', () => {
  let passed = 0;
  fc.assert(
    fc.property(fields(schemas), schemas, schemas, schemas, fields(values), (properties, A, B, root, value) => {
      const inputSchema = { ...(root as object), type: 'object', properties, $defs: { A, B } };
      const definition = jsonObject(JSON.stringify({ name: 't', inputSchema }));
      const input = jsonObject(JSON.stringify(value));
      if (!checkInput(fakeTool({ definition }), input).ok) return;
      passed += 1;
      const { type, opaque } = inputType(definition);
      assert.equal(unseen(input, type, [], opaque), undefined);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(passed > 1_000, `only ${passed} inputs were let through`);
});

test('K-1 each argument has a type that its schema names, and every refusal says which has not, never its value', () => {
  const inputSchema = {
    type: 'object',
    required: ['to'],
    properties: {
      to: { type: 'string' },
      note: { type: ['string', 'null'] },
      count: { type: 'integer' },
      rate: { type: 'number' },
      tags: { type: 'array', items: { type: 'string' } },
      'a/b~c': { type: 'boolean' },
      same: { $ref: '#/properties/a~1b~0c' },
    },
  };
  const tool = fakeTool({ definition: jsonObject(JSON.stringify({ name: 't', inputSchema })) });
  const why = (input: unknown): string | undefined => {
    const checked = checkInput(tool, jsonObject(JSON.stringify(input)));
    return checked.ok ? undefined : `${checked.refusal.code} ${checked.refusal.why}`;
  };
  for (const fits of [{ note: 'x' }, { note: null }, { count: 2 }, { rate: 2.5 }, { tags: ['a', 'b'] }, { same: true }])
    assert.equal(why({ to: 'ann', ...fits }), undefined, JSON.stringify(fits));
  const long = 'Q'.repeat(200);
  for (const [input, expected] of [
    [{}, 'argument-type arguments.to is required'],
    [{ to: 7 }, 'argument-type arguments.to must be string'],
    [{ to: 'ann', note: 7 }, 'argument-type arguments.note must be string or null'],
    [{ to: 'ann', count: 2.5 }, 'argument-type arguments.count must be integer'],
    [{ to: 'ann', rate: '2' }, 'argument-type arguments.rate must be number'],
    [{ to: 'ann', tags: ['a', null] }, 'argument-type arguments.tags.1 must be string'],
    [{ to: 'ann', same: 'yes' }, 'argument-type arguments.same must be boolean'],
    [{ to: 'ann', [long]: 1 }, `argument-unknown arguments."${'Q'.repeat(64)}" is not in the tool's pinned schema`],
  ] as const)
    assert.equal(why(input), expected);
});

test('a nested object whose properties are none is open, one that names some and the arguments themselves are not', () => {
  const wrongOf = (schema: object, input: object): string | undefined => {
    const definition = jsonObject(JSON.stringify({ name: 't', inputSchema: schema }));
    const checked = checkInput(fakeTool({ definition }), jsonObject(JSON.stringify(input)));
    return checked.ok ? undefined : checked.refusal.code;
  };
  const nested = (more: object): object => ({ type: 'object', properties: { params: { type: 'object', ...more } } });
  const given = { params: { id: '7' } };
  assert.equal(wrongOf(nested({ properties: {} }), given), undefined);
  assert.equal(wrongOf(nested({}), given), undefined);
  assert.equal(wrongOf(nested({ properties: {}, additionalProperties: false }), given), 'argument-unknown');
  assert.equal(wrongOf(nested({ properties: { name: {} } }), given), 'argument-unknown');
  assert.equal(wrongOf({ type: 'object', properties: {} }, given), 'argument-unknown');
});
