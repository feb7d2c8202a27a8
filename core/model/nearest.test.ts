import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

test('what begins like the word is a better guess than what is as long, and the shortest of those the best', () => {
  const tools = ['files/edit_text', 'files/read_text_file_lines', 'files/read_text_file'];
  assert.equal(nearest('files/read_text', tools), 'files/read_text_file');
  assert.equal(nearest('files/raed_text_file', tools), 'files/read_text_file');
  assert.equal(nearest('fi', tools), undefined);
  assert.equal(nearest('bank/pay', tools), undefined);
});
