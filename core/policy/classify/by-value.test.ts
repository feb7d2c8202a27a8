import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import { changesByValue } from './by-value.ts';

function input(value: unknown): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

test('C-9 a statement that changes something is no question, in whichever language and argument it comes', () => {
  const removing = [
    'delete from users',
    'DELETE FROM app.users WHERE id = 7',
    'select 1; drop table if exists a, b cascade',
    'truncate visits',
    'with x as (delete from users returning *) select * from x',
    'MATCH (n:Person {id: 4}) DETACH DELETE n',
    'logs/_delete_by_query',
    '/* all of it */ delete from users -- please',
    '/*! delete from users */',
    '/*!50000 delete*/ from users',
    '/*M!100100 delete from users */',
    'select 1 /*!; delete from users */',
    'delete from users /* all',
    'match (n) // all of them\ndelete n',
    "update users set name = 'x'; drop table log",
  ];
  for (const query of removing) {
    const found = changesByValue(input({ query }));
    assert.deepEqual(found?.classes, ['write', 'destructive', 'code'], query);
    assert.deepEqual(changesByValue(input({ a: [{ b: query }] })), found, 'at any depth');
  }
  const changing = [
    "update users set name = 'x'",
    'insert into log (a) values (1)',
    'grant all on accounts to guest',
    "select '<?php' into outfile '/var/www/x.php'",
    'mutation Remove($id: ID!) { removeUser(id: $id) { ok } }',
    'CREATE (n:Person {name: "x"})',
    'MATCH (n) SET n.role = "admin"',
    'update users set url = "https://x.example/a", name = \'x\'',
    'match (n {url: "https://x.example"}) set n.role = "admin"',
  ];
  for (const query of changing) assert.deepEqual(changesByValue(input({ query }))?.classes, ['write', 'code'], query);
  assert.deepEqual(changesByValue(input({ pipeline: [{ $out: 'copy' }] }))?.classes, ['write', 'code']);
});

test('C-9 what is a remark to one reader is none to another: both readings count', () => {
  for (const query of [
    "select '--'; delete from users",
    "select '/*'; delete from users; select '*/'",
    'select 1--1; delete from users',
    "select a #> '{b}' from t; delete from users",
  ])
    assert.deepEqual(changesByValue(input({ query }))?.words, ['delete'], query);
  for (const expression of ['7 // __import__("os").system("id")', '"#" + require("child_process").exec("id")'])
    assert.deepEqual(changesByValue(input({ expression }))?.words, ['execute'], expression);
});

test('C-9 of several statements the gravest counts, wherever it stands', () => {
  const [update, drop] = ["update users set name = 'x'", 'drop table users'];
  for (const both of [
    { a: update, b: drop },
    { a: [update, { b: drop }] },
    { a: drop, b: update },
    { $out: 'copy', a: drop },
    { a: `${update};${drop}` },
    { a: `${'select 1; '.repeat(10_000)}${drop}` },
  ])
    assert.deepEqual(changesByValue(input(both))?.words, ['delete']);
  const deep = `${'{"a":['.repeat(20)}"${drop}"${']}'.repeat(20)}`;
  assert.deepEqual(changesByValue(input(JSON.parse(deep)))?.words, ['delete'], 'at any depth');
});

test('a long text takes little', () => {
  for (const begin of ['', 'drop ', 'match (', 'select ', 'query '])
    for (const unit of [';', '; ', 'a;', '/*', '/*!', '*/', '//', '--', '#', 'mutation ', 'set ', 'delete a, ']) {
      const query = `${begin}${unit.repeat(1_000_000 / unit.length)}!`;
      const text = input({ query });
      const began = process.cpuUsage();
      changesByValue(text);
      const { user, system } = process.cpuUsage(began);
      // Of the processor, in microseconds: whatever else runs on it makes no difference.
      assert.ok(user + system < 1_500_000, `${begin}${unit}: ${user + system} µs`);
    }
});

test('C-9 a program where a sum is asked for', () => {
  for (const expression of [
    '__import__("os").system("id")',
    'require("child_process").exec("id")',
    'x.constructor("y")()',
  ])
    assert.deepEqual(changesByValue(input({ expression }))?.words, ['execute'], expression);
});

test('words about statements, and questions in these languages, are questions', () => {
  for (const query of [
    'how do I delete from a table',
    'drop table error in migration',
    'create table syntax',
    'select name from users where id = 7',
    'select 1 -- delete from users',
    '/* delete from users */ select 1',
    'https://x.example/drop table users',
    'query { users { deletedAt } }',
    'match (n:Person) return n.name',
    'update on the shipment',
    'insert coin',
    'grant application of the town',
    'truncate',
    '3 * (4 + 5)',
    'what the system (old) does',
    'It is not in the system. However, it may be in the subprocess.',
  ])
    assert.equal(changesByValue(input({ query })), undefined, query);
});
