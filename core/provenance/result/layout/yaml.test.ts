import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainJson } from '../../../model/json.ts';
import { readYaml } from './yaml.ts';

const read = (...lines: readonly string[]): unknown => {
  const node = readYaml(lines.join('\n'));
  return node === undefined ? undefined : { ...(plainJson(node) as object) };
};

test('a quoted text goes on over lines: a line break is a blank, an empty line a break', () => {
  assert.deepEqual(read('a: "one', '  two', '', '  three"', 'b: 1'), { a: 'one two\n three', b: 1 });
  assert.deepEqual(read("a: 'it''s", "  Ann''s'"), { a: "it's Ann's" });
});

test('an escaped line break joins (YAML 1.2.2 §7.3.1), two backslashes are one of the text', () => {
  assert.deepEqual(read('a: "C:\\', '  \\ temp"'), { a: 'C: temp' });
  assert.deepEqual(read('a: "C:\\\\', '  n"'), { a: 'C:\\ n' });
  assert.deepEqual(read('a: "C:\\\\\\', '  n"'), { a: 'C:\\n' });
  assert.deepEqual(read('a: "one \\"', '  two"'), { a: 'one " two' });
});

test('a quoted text that does not end, or goes on behind its end, is no YAML', () => {
  assert.equal(read('a: "one', '  two'), undefined);
  assert.equal(read('a: "one', '  two" three'), undefined);
});

test('R-5 a quoted text of many lines keeps nobody busy', () => {
  const lines = Array.from({ length: 20_000 }, () => 'y'.repeat(50));
  const before = process.cpuUsage().user;
  assert.ok(read('a: "x', ...lines, 'z"') !== undefined);
  // Looked at from its beginning for every line, it took two minutes.
  assert.ok(process.cpuUsage().user - before < 3_000_000);
});
