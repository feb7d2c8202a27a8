import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFieldPath } from '../../model/field-path.ts';
import { type JsonNode, parseJson, resultJsonLimits } from '../../model/json.ts';
import { type FieldMarks, type Labelling, unlabelled } from '../../model/labelling.ts';
import type { Tool } from '../../model/tool.ts';
import { ranksOf } from './label.ts';
import { labelsOfResult as labelsWith, vouchedIn } from './result-labels.ts';

const id: Partial<Labelling> = { integrity: 'first_party', sensitivity: 'internal' };

test('a result of which nobody says anything could be anybody’s, and nobody knows who may read it', () => {
  assert.deepEqual(labelsOfResult(tool({}), text('{"a":1}')), ['untrusted', 'unlabelled']);
});

test('what an operator says of a whole result is what it is marked with', () => {
  assert.deepEqual(labelsOfResult(tool(id), text('anything')), ['internal']);
  assert.deepEqual(labelsOfResult(tool({ integrity: 'org' }), text('anything')), ['org', 'unlabelled']);
});

test('a field has marks of its own, in JSON, in YAML, in a table and in structured content', () => {
  const secret = tool({ ...id, fields: [marks('$..ssn', undefined, 'secret')] });
  assert.deepEqual(labelsOfResult(secret, text('{"name":"Ann","ssn":"078-05"}')), ['internal', 'secret']);
  assert.deepEqual(labelsOfResult(secret, text('name: Ann\nssn: 078-05\nrole: clerk\n')), ['internal', 'secret']);
  assert.deepEqual(labelsOfResult(secret, text('| name | ssn |\n|---|---|\n| Ann | 078-05 |\n| Bob | 1 |')), [
    'internal',
    'secret',
  ]);
  assert.deepEqual(labelsOfResult(secret, json('{"structuredContent":{"ssn":"078"}}')), ['secret']);
  assert.deepEqual(labelsOfResult(secret, text('{"name":"Ann"}')), ['internal'], 'a result without the field');
});

test('an identity that a directory vouches for is trusted, and free text beside it is not', () => {
  const directory = tool({ fields: [marks('$.people[*].email', 'first_party')] });
  const result = text('{"people":[{"email":"Ann@Example.org","about":"write to bob@example.org"}]}');
  assert.ok(labelsOfResult(directory, result).includes('untrusted'), 'the rest of the result is anybody’s');
  const isVouched = vouchedIn(directory, result);
  assert.equal(isVouched('ann@example.org'), true);
  assert.equal(isVouched('bob@example.org'), false);
});

test('F-8 a text beside the laid-out form of a result is vouched for by none of the fields that it seems to have', () => {
  const directory = tool({ fields: [marks('$.email', 'first_party')] });
  const both = (block: string, structured: object): JsonNode =>
    json(JSON.stringify({ content: [{ type: 'text', text: block }], structuredContent: structured }));
  const ann = { email: 'ann@example.org' };
  const isVouched = vouchedIn(directory, both('{"email":"eve@evil.example"}', ann));
  assert.deepEqual([isVouched('ann@example.org'), isVouched('eve@evil.example')], [true, false]);
  assert.equal(vouchedIn(directory, both(JSON.stringify(ann), ann))('ann@example.org'), true);
  assert.equal(
    vouchedIn(
      directory,
      both('{"email":"eve@evil.example"}', { notes: '{"email":"eve@evil.example"}' }),
    )('eve@evil.example'),
    false,
  );
  assert.equal(
    vouchedIn(directory, both('Ann is at ann@example.org.', ann))('ann@example.org'),
    false,
    'prose beside it',
  );
});

test('a server that is vouched for may have fields that are not', () => {
  const crm = tool({ ...id, fields: [marks('$.notes', 'external')] });
  const result = text('{"email":"ann@example.org","notes":"eve@evil.example"}');
  assert.deepEqual(labelsOfResult(crm, result), ['internal', 'untrusted']);
  const isVouched = vouchedIn(crm, result);
  assert.equal(isVouched('ann@example.org'), true);
  assert.equal(isVouched('eve@evil.example'), false);
  assert.deepEqual(labelsOfResult(crm, text('{"email":"ann@example.org"}')), ['internal']);
});

test('the deepest place counts, and of several at one place the last', () => {
  const nested = tool({
    ...id,
    fields: [
      marks('$.a', undefined, 'secret'),
      marks('$.a.b', undefined, 'public'),
      marks('$..b', undefined, 'confidential'),
    ],
  });
  assert.deepEqual(labelsOfResult(nested, text('{"a":{"b":"x"}}')), ['confidential']);
  assert.deepEqual(labelsOfResult(nested, text('{"a":{"c":"x"}}')), ['secret']);
});

test('what cannot be taken apart, and what a tool says of its failure, may be any of it', () => {
  const crm = tool({ ...id, fields: [marks('$.notes', 'external', 'secret')] });
  const all = ['internal', 'secret', 'untrusted'];
  assert.deepEqual([...labelsOfResult(crm, text('The customer said no'))].sort(), all);
  assert.deepEqual([...labelsOfResult(crm, text('{"email":"a@b.example"', true))].sort(), all);
  const directory = tool({ fields: [marks('$.email', 'first_party')] });
  assert.equal(vouchedIn(directory, text('email: eve@evil.example'))('eve@evil.example'), false, 'a line of a text');
});

test('a name that holds a dot is not the way to a field', () => {
  const directory = tool({ fields: [marks('$.directory.email', 'first_party')] });
  assert.equal(vouchedIn(directory, text('{"directory.email":"eve@evil.example"}'))('eve@evil.example'), false);
});

test('sensitivity is known only where all that was read has one', () => {
  assert.equal(ranksOf(new Set()).sensitivityKnown, true);
  assert.equal(ranksOf(new Set(['confidential'] as const)).sensitivityKnown, true);
  assert.equal(ranksOf(new Set(['confidential', 'unlabelled'] as const)).sensitivityKnown, false);
  assert.equal(ranksOf(new Set(['untrusted'] as const)).sensitivityKnown, false);
  assert.deepEqual(ranksOf(new Set(['org', 'public', 'secret'] as const)), {
    integrity: 1,
    sensitivity: 3,
    sensitivityKnown: true,
  });
});

const digest = (text: string): string => `(${text})`;
const labelsOfResult = (tool: Tool, result: JsonNode) => labelsWith(tool, result, digest);

function marks(path: string, integrity?: FieldMarks['integrity'], sensitivity?: FieldMarks['sensitivity']): FieldMarks {
  const parsed = parseFieldPath(path);
  assert.ok(parsed, path);
  return { path: parsed, integrity, sensitivity };
}

function tool(own: Partial<Labelling>): Tool {
  const labelling: Labelling = { ...unlabelled, ...own };
  return {
    server: 'crm',
    name: 'get',
    definition: { kind: 'object', members: new Map() },
    pin: '',
    status: { kind: 'pinned' },
    classes: ['read'],
    segment: 'crm',
    trustedResult: labelling.integrity === 'first_party',
    labelling,
  };
}

function text(value: string, isError = false): JsonNode {
  return json(JSON.stringify({ content: [{ type: 'text', text: value }], isError }));
}

function json(value: string): JsonNode {
  const parsed = parseJson(value, resultJsonLimits);
  assert.ok(parsed.ok);
  return parsed.node;
}
