import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { SqlFacts } from '@sallyport/core/facts/sql.ts';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import fc from 'fast-check';
import { languageReaders, loadSqlGrammar } from '../readers.ts';

before(loadSqlGrammar);

function said(text: string): string {
  const facts = Object.entries(languageReaders.sql(text)).filter(([name]) => name !== 'present' && name !== 'count');
  return facts
    .flatMap(([name, value]) => {
      if (value === true) return [name];
      return Array.isArray(value) && value.length > 0 ? [`${name}=${value.join(',')}`] : [];
    })
    .join(' ');
}

const known: Readonly<Record<string, string>> = {
  'select a.x, count(*) from Foo.a join b on a.id = b.id group by 1':
    'readOnly statements=select reads=foo.a,b columns=a.x,a.id,b.id',
  'select u.mail from users u': 'readOnly statements=select reads=users columns=users.mail',
  "SELECT name FROM users WHERE name = 'O''Brien' -- hi": 'readOnly statements=select reads=users columns=name',
  'with x as (delete from t where id = 1 returning *) select * from x':
    'statements=select,delete reads=x writes=t columns=id everyColumn',
  'explain analyze delete from t': 'statements=explain,delete writes=t unbounded',
  "update users set role = 'admin'": 'statements=update writes=users unbounded',
  'select * from a; drop table b': 'statements=select,drop reads=a writes=b everyColumn definition',
  'select * into y from z': 'statements=select,create reads=z writes=y everyColumn definition',
  'insert into a select * from b': 'statements=insert,select reads=b writes=a everyColumn',
  'truncate a, b': 'statements=truncate writes=a,b unbounded',
  'begin; delete from t; commit': 'statements=transaction,delete writes=t unbounded',
  'grant all on t to public': 'statements=grant reads=t definition',
  'select * from t for update': 'statements=select reads=t everyColumn',
  'select my_own_function(1)': 'statements=select',
  "select pg_read_file('/etc/passwd')": 'statements=select outside',
  "copy t to program 'curl x'": 'statements=copy reads=t outside',
  'set role postgres': 'statements=other outside',
  'call do_it()': 'statements=other outside',
};

/** Each is a harmless query in one database and something else in another, or does not parse at all. */
const differing: readonly string[] = [
  'select 1 /*! union select 2 */',
  // A comment inside a comment: to all but PostgreSQL and SQL Server the first end is the end of both.
  'select 1 /* a /* b */ ; drop table x -- */',
  'select 1 /*/*/ ; drop table x -- */ */',
  "select '\\'' ; drop table x --'",
  'select `a` from b',
  'select [a] from b',
  'select 1 # and nothing more',
  'select 1 --1',
  'select $$x$$',
  "select e'x'",
  'select * frm x',
  "select 'open",
  'select \0',
  'pragma table_info(x)',
];

test('statements, tables and columns are read from the grammar', () => {
  for (const [text, facts] of Object.entries(known)) assert.equal(said(text), facts, text);
});

test('what databases read differently is unclear, and never read-only', () => {
  for (const text of differing) {
    const { unclear, readOnly } = languageReaders.sql(text);
    assert.deepEqual({ unclear, readOnly }, { unclear: true, readOnly: false }, text);
  }
});

/** What runs a function of the database's own, reads a file or an address, or is another statement elsewhere. */
const reaching: readonly string[] = [
  ...[
    'select evil.count(1)',
    'select public.lower(a) from t',
    'select a operator(evil.+) b from t',
    'select a @#@ b from t',
  ],
  ...['select * from t order by a using operator(evil.<)', 'select a operator(evil.=) any (select b from u) from t'],
  ...[
    'select * from t tablesample evil(1)',
    'select * from "https://evil.example/x.csv"',
    'select * from "/etc/passwd"',
  ],
  ...['select * from "x.csv"', 'select 1 shutdown', 'select 1 delete from t', 'select * from t exec ("drop table x")'],
  ...['explain analyze execute p', "select ts_stat('delete from t')", 'select coalesce(evil(), 1)', 'values (evil())'],
  ...[
    "select json_value(a, '$.x' passing evil() as y) from t",
    'select * from rows from (evil())',
    'select xmlforest(evil() as a)',
  ],
];

test('what runs or reaches out behind a plain query is not only reading', () => {
  for (const text of reaching) assert.equal(languageReaders.sql(text).readOnly, false, text);
  const plain = [
    'select pg_catalog.count(*) from t',
    "select a || 'x', b::int % 2 from s.t where c ~* 'x' and d -> 'e' ? 'f'",
  ];
  const more = [
    'select * from t tablesample system (1)',
    'select "Größe 1" from "Mein Blatt"',
    'select open as o from s where a not between 1 and 2 and b in (1, 2) and c is distinct from 3 and d ilike any (array[$1])',
  ];
  for (const text of [...plain, ...more]) assert.equal(languageReaders.sql(text).readOnly, true, text);
});

test('too deep and too long is unclear, and the grammar still answers afterwards', () => {
  assert.equal(languageReaders.sql(`select ${'('.repeat(5_000)}1${')'.repeat(5_000)}`).unclear, true);
  assert.equal(languageReaders.sql(`select ${'1+'.repeat(20_000)}1`).readOnly, false);
  assert.equal(languageReaders.sql(`select ${'x,'.repeat(50_000)}1`).unclear, true);
  assert.equal(languageReaders.sql('select 1').readOnly, true);
});

test('R-5 a long run of signs is unclear, and not given to the grammar', () => {
  for (const text of [`select ${'+'.repeat(60_000)}1`, '/*'.repeat(30_000), `${'/*'.repeat(30_000)}/`]) {
    const took = processorMillis(() => assert.equal(languageReaders.sql(text).unclear, true));
    assert.ok(took < 500, text.slice(0, 20));
  }
  assert.equal(languageReaders.sql(`select 1 /${'*'.repeat(80)}/ -- ${'='.repeat(80)}`).readOnly, true);
});

test('no text makes it throw, and a text behind a change is never read-only', () => {
  const words = fc.constantFrom(
    'select',
    'from',
    'a',
    '*',
    '(',
    ')',
    ';',
    "'",
    'where',
    'delete',
    ',',
    'with',
    'as',
    '1',
    '=',
    'x',
    '/*',
    '*/',
    '--',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 20 }), parts => {
      const text = parts.join(' ');
      const facts: SqlFacts = languageReaders.sql(text);
      assert.equal(facts.present, true);
      assert.equal(languageReaders.sql(`delete from t; ${text}`).readOnly, false);
    }),
    { numRuns: 2_000 },
  );
});
