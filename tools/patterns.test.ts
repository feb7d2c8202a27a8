import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, type Token, tokTypes } from 'acorn';
import { analyse, type Report } from 'scslre';

/**
 * Texts of agents, servers and clients are held against patterns on the one thread that serves all calls. A pattern that takes
 * more than linear time lets any of them stop it: 60 kB of dots in an argument once took eleven seconds, a number of forty digits
 * with a letter behind it for ever. What is looked for here is what the analysis can see; `npm run deep:busy` tries texts.
 */
const root = join(import.meta.dirname, '..');

interface Pattern {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** Patterns that may take longer, by how they begin, and why none does. */
const bounded: ReadonlyMap<string, string> = new Map([
  ['^(.*[áéíóú].*?)', 'is held against words of at most 40 characters'],
]);

test('literals: no pattern of core and gateway takes more than linear time', () => {
  const files = globSync(['core/**/*.ts', 'gateway/**/*.ts'], { cwd: root }).filter(
    file => !file.includes('node_modules') && !file.endsWith('.test.ts'),
  );
  const patterns = files.flatMap(literalsIn);
  assert.ok(patterns.length > 800);
  assert.deepEqual(patterns.flatMap(slowIn), []);
});

test('what is put together when modules load: the same', async () => {
  const patterns: Pattern[] = [];
  const native = globalThis.RegExp;
  globalThis.RegExp = new Proxy(native, {
    construct(target, args: [string | RegExp, string?]) {
      const made = Reflect.construct(target, args) as RegExp;
      const where = /(?:core|gateway)\/[\w/.-]+\.ts:\d+/.exec(new Error().stack ?? '')?.[0];
      if (where !== undefined) patterns.push({ where, source: made.source, flags: made.flags });
      return made;
    },
  });
  try {
    const files = globSync(['core/**/*.ts', 'gateway/facts/**/*.ts'], { cwd: root }).filter(
      file => !file.includes('node_modules') && !file.endsWith('.test.ts'),
    );
    for (const file of files) await import(join(root, file));
  } finally {
    globalThis.RegExp = native;
  }
  assert.ok(patterns.length > 60);
  assert.deepEqual(patterns.flatMap(slowIn), []);
});

test('a pattern that takes longer is seen', () => {
  for (const source of ['[/.]+$', '^(?:[^a]*\\d+)*$', '^\\w*e\\w*$', '(?:a|a)*b'])
    assert.equal(slowIn({ where: 'here:1', source, flags: 'u' }).length > 0, true, source);
  assert.deepEqual(slowIn({ where: 'here:1', source: '(?<![/.])[/.]+$', flags: 'u' }), []);
});

function literalsIn(file: string): Pattern[] {
  const script = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'));
  const found: Pattern[] = [];
  const onToken = (token: Token & { readonly value?: unknown }): void => {
    if (token.type !== tokTypes.regexp) return;
    const { pattern, flags } = token.value as { pattern: string; flags: string };
    found.push({ where: `${file}:${token.loc?.start.line}`, source: pattern, flags });
  };
  parse(script, { ecmaVersion: 'latest', sourceType: 'module', locations: true, onToken });
  return found;
}

function slowIn({ where, source, flags }: Pattern): string[] {
  if ([...bounded.keys()].some(begin => source.startsWith(begin))) return [];
  // What `d` and `g` ask for changes nothing about how long it takes.
  const { reports } = analyse({ source, flags: flags.replace(/[dg]/g, '') }, { maxReports: 1 });
  return reports.map(report => `${where}: ${whySlow(report, source)} in /${source}/${flags}`);
}

function whySlow(report: Report, source: string): string {
  const part = ({ start, end }: { start: number; end: number }): string => `\`${source.slice(start, end)}\``;
  switch (report.type) {
    case 'Move':
      return `${part(report.quant)} is tried from each place of a run`;
    case 'Trade':
      return `${part(report.startQuant)} and ${part(report.endQuant)} share characters in many ways`;
    case 'Self':
      return `${part(report.quant)} takes the same text in many ways`;
  }
}
