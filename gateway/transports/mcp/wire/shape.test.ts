import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { requestRows } from './methods.ts';
import { checkParams } from './shape.ts';

function faultOf(method: string, params: string): string | undefined {
  const row = requestRows.get(method);
  assert.ok(row, method);
  const fault = checkParams(jsonObject(params), row.params);
  return fault && `${fault.field} ${fault.why}`;
}

test('every member that a row does not name is refused by name', () => {
  for (const [method, row] of requestRows) {
    if (row.way === 'refuse') continue;
    const known = typeof row.params === 'object' ? [...row.params.shapes.keys()] : [];
    for (const own of known) {
      const variant = own.replace(/^./, letter => letter.toUpperCase());
      assert.match(
        String(faultOf(method, `{"${variant}":1}`)),
        new RegExp(`^params.${variant} is not a member`),
        method,
      );
    }
    assert.match(String(faultOf(method, '{"_Meta":{}}')), /^params\._Meta is not a member/, method);
  }
});

test('a question mark in a name is no way around the table', () => {
  assert.equal(
    faultOf('tools/call', '{"name":"x","arguments?":{}}'),
    'params."arguments?" is not a member of this method',
  );
  assert.equal(faultOf('tools/list', '{"cursor?":"x"}'), 'params."cursor?" is not a member of this method');
});

test('answers and states belong to the three methods that can be asked back', () => {
  for (const [method, params] of [
    ['tools/call', '"name":"x"'],
    ['prompts/get', '"name":"x"'],
    ['resources/read', '"uri":"x"'],
  ] as const) {
    assert.equal(faultOf(method, `{${params},"inputResponses":{},"requestState":"s"}`), undefined);
    assert.match(String(faultOf(method, `{${params},"requestState":{}}`)), /^params.requestState must be a string$/);
  }
  assert.match(String(faultOf('resources/list', '{"requestState":"s"}')), /is not a member of this method$/);
});

test('members have their kind, and those that must be there are', () => {
  assert.equal(faultOf('tools/call', '{"arguments":{}}'), 'params.name is required');
  assert.equal(faultOf('resources/read', '{"uri":["a"]}'), 'params.uri must be a string');
  assert.equal(
    faultOf('prompts/get', '{"name":"x","arguments":{"a":1}}'),
    'params.arguments must be an object of strings',
  );
  assert.equal(
    faultOf('subscriptions/listen', '{"notifications":{"resourceSubscriptions":[1]}}'),
    'params.notifications.resourceSubscriptions must be an array of strings',
  );
  assert.equal(
    faultOf(
      'completion/complete',
      '{"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"a","value":"b","Value":"c"}}',
    ),
    'params.argument.Value is not a member of this method',
  );
  assert.equal(faultOf('tools/call', '{"_meta":{"anything":1},"name":"x"}'), undefined);
});
