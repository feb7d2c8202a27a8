import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { parseAst } from 'rolldown/parseAst';

/** Holds the code against ARCHITECTURE.md: the table there is the rule, so document and check cannot differ. */

const root = resolve(import.meta.dirname, '..');
const linesMax = 400;
const forbiddenInFileNames = /manager|helper|utils|common/;
const source = /\.(tsx?|js)$/;

interface Room {
  readonly name: string;
  readonly allowed: readonly string[];
}

function roomsOf(document: string): Room[] {
  const rows = document.split('\n').filter(line => line.startsWith('| `'));
  return rows.map(row => {
    const [, name = '', , allowed = ''] = row.split('|').map(cell => cell.trim());
    return { name: name.replaceAll('`', ''), allowed: allowed.match(/[^`\s]+/g) ?? [] };
  });
}

const rooms = roomsOf(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && source.test(entry.name) && !/node_modules|console\/dist/.test(entry.parentPath))
    .map(entry => relative(root, join(entry.parentPath, entry.name)));
}

const files = readdirSync(root, { withFileTypes: true })
  .filter(
    entry => entry.isDirectory() && !entry.name.startsWith('.') && !['node_modules', 'examples'].includes(entry.name),
  )
  .flatMap(entry => filesBelow(entry.name));

function roomOf(file: string): Room | undefined {
  return rooms.filter(room => file.startsWith(`${room.name}/`)).sort((a, b) => b.name.length - a.name.length)[0];
}

/** Where an import leads: a file of ours, `node`, or a package's name. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node';
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  const own = /^(?:@sallyport\/(core|gateway|testkit|console)|(sallyport))\/(.*)$/.exec(specifier);
  if (own !== null) return `${own[1] ?? 'cli'}/${own[3]}`;
  return specifier.startsWith('@') ? specifier.split('/', 2).join('/') : (specifier.split('/', 1)[0] ?? specifier);
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...statements].map(match => match[1] ?? match[2] ?? match[3] ?? '');
}

function allows(allowed: readonly string[], to: string): boolean {
  return allowed.some(name => to === name || to.startsWith(`${name}/`));
}

test('ARCHITECTURE.md names every room, and every room it names exists', () => {
  assert.ok(rooms.length > 15, 'the table was not found');
  assert.deepEqual(
    files.filter(file => roomOf(file) === undefined),
    [],
  );
  assert.deepEqual(
    rooms.filter(room => !files.some(file => file.startsWith(`${room.name}/`))).map(room => room.name),
    [],
  );
});

test('no file imports from a room that its own room may not import', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    if (room === undefined) continue;
    const isTest = file.endsWith('.test.ts');
    const allowed = [
      room.name,
      ...room.allowed,
      ...(isTest ? ['testkit', 'node', 'fast-check', 'core', room.name.split('/')[0] ?? ''] : []),
    ];
    for (const specifier of importsOf(file)) {
      const to = target(file, specifier);
      // Tests may use every package: they are not shipped.
      const isPackage = to !== 'node' && !files.includes(to);
      if (
        !allows(allowed, to) &&
        !((isTest || room.name === 'testkit' || room.name === 'bench' || room.name === 'tools') && isPackage)
      )
        wrong.push(`${file} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('what the table allows is made use of', () => {
  const made = new Set(
    files
      .filter(file => !file.endsWith('.test.ts'))
      .flatMap(file => importsOf(file).map(to => `${roomOf(file)?.name} ${target(file, to)}`)),
  );
  const idle = rooms.flatMap(({ name, allowed }) =>
    allowed
      .map(to => `${name} ${to}`)
      .filter(arrow => !made.has(arrow) && ![...made].some(each => each.startsWith(`${arrow}/`))),
  );
  assert.deepEqual(idle, []);
});

/** The files that can be reached from themselves, types included: none of them can be read before the others. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (way.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) walk(file, []);
  return found;
}

test('no file imports itself by way of others', () => {
  assert.deepEqual(circles(new Map(files.map(file => [file, importsOf(file).map(to => target(file, to))]))), []);
  const circle = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
  ]);
  assert.deepEqual(circles(circle), ['a -> b -> c -> a']);
});

/** What `text` takes from other files, as `file name`; by `import()` or `import *` all that it also mentions. */
function taken(file: string, text: string, mayTake: ReadonlyMap<string, readonly string[]>): string[] {
  const named = [...text.matchAll(/\b(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/g)];
  const whole = [...text.matchAll(/\bimport(?:\(\s*|\s+\*\s+as\s+\w+\s+from\s+)'([^']+)'/g)];
  return [
    ...named.flatMap(([, names = '', from = '']) =>
      names.split(',').map(name => `${target(file, from)} ${/^\s*(?:type\s+)?(\w+)/.exec(name)?.[1]}`),
    ),
    ...whole.flatMap(([, from = '']) => {
      const to = target(file, from);
      return (mayTake.get(to) ?? []).filter(name => RegExp(`\\b${name}\\b`).test(text)).map(name => `${to} ${name}`);
    }),
  ];
}

/** Names of the values that `text` exports: types may be exported for who reads a signature. Code that stands in a text is none. */
function offered(text: string): string[] {
  const values = /^export (?:async )?(?:abstract )?(?:const|let|function\*?|class) (\w+)/gm;
  return [...text.replace(/`(?:\\.|[^`\\])*`/gs, '').matchAll(values)].map(match => match[1] ?? '');
}

test('no value is exported that no other file imports', () => {
  const texts = new Map(
    [...files, ...filesBelow('examples')].map(file => [file, readFileSync(join(root, file), 'utf8')]),
  );
  const offers = new Map([...texts].map(([file, text]) => [file, offered(text)]));
  const used = new Set([...texts].flatMap(([file, text]) => taken(file, text, offers)));
  const unused = [...offers]
    .flatMap(([file, names]) => names.map(name => `${file} ${name}`))
    .filter(it => !used.has(it));
  assert.deepEqual(unused, [], 'exported, and imported nowhere: take the `export` away, or what nobody uses');
  assert.ok(used.has('core/policy/decide.ts decide'));
  assert.deepEqual(offered('export const a = `\nexport const b = 1;\n`;\nexport type C = 1;\n'), ['a']);
  assert.deepEqual(taken('a/x.ts', "import { type B, c as d } from './y.ts';\n", offers), ['a/y.ts B', 'a/y.ts c']);
});

/** Where `text` imports from one module twice, or says two things of one name. Code that stands in a text is none. */
function saidTwice(text: string): string[] {
  const own = text.replace(/`(?:\\.|[^`\\])*`/gs, '');
  const modules = [...own.matchAll(/^import (?!\*)[^;]*? from ('[^']+');$/gm)].map(([, module = '']) => module);
  const remarks = [...own.matchAll(/^( *)\/\*\* (?!@)[^\n]*\*\/\n(?=\1\/\*\*)/gm)].map(([remark]) => remark.trim());
  return [...modules.filter((module, at) => modules.indexOf(module) < at), ...remarks];
}

test('a file imports from a module once, and says one thing of a name', () => {
  const twice = files.flatMap(file =>
    saidTwice(readFileSync(join(root, file), 'utf8')).map(what => `${file}: ${what}`),
  );
  assert.deepEqual(twice, []);
  const bad = "import type { A } from 'a';\nimport { b } from 'a';\n/** One. */\n/** Other. */\nconst c = 1;\n";
  assert.deepEqual(saidTwice(bad), ["'a'", '/** One. */']);
});

test('the shape test sees what it has to see', () => {
  assert.equal(target('core/policy/decide.ts', '../model/decision.ts'), 'core/model/decision.ts');
  assert.equal(target('gateway/app/x.ts', '@sallyport/core/model/json.ts'), 'core/model/json.ts');
  assert.equal(target('gateway/app/x.ts', 'node:fs'), 'node');
  assert.equal(target('gateway/app/x.ts', '@cedar-policy/cedar-wasm/nodejs'), '@cedar-policy/cedar-wasm');
  assert.ok(importsOf('core/mediate/judge.ts').includes('../policy/decide.ts'));
  assert.equal(allows(['core/model'], 'core/modelling/x.ts'), false);
});

test(`no source file is longer than ${linesMax} lines, and none has a name that says nothing`, () => {
  const long = files.filter(
    file => !file.endsWith('.test.ts') && readFileSync(join(root, file), 'utf8').split('\n').length > linesMax,
  );
  assert.deepEqual(long, []);
  assert.deepEqual(
    files.filter(file => forbiddenInFileNames.test(file)),
    [],
  );
});

/** Of one function, and of what stands in it: a screen with its text small. */
const functionLinesMax = 100;
/** Lists: of clients with their files, and of answers that a fake gives. Whoever reads them reads one row. */
const plainLists = [
  'cli/clients/table.ts inTheTable',
  'testkit/fakes/control.ts createFakeControl',
  'testkit/fakes/ports.ts createFakeWorld',
  'testkit/fakes/views.ts smallInstallation',
];

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string };
}

/** Every function in `text` with its lines, by its own name or by that of what holds it. */
function functionsOf(file: string, text: string): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  const walk = (node: unknown, holder: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, start, end, id, key } = node as Node;
    const name = id?.name ?? key?.name ?? holder;
    if (/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type))
      found.push({ name: `${file} ${name}`, lines: text.slice(start, end).split('\n').length });
    for (const part of Object.values(node)) walk(part, name);
  };
  walk(parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }, file), '');
  return found;
}

test(`no function is longer than ${functionLinesMax} lines, but for plain lists`, () => {
  const shipped = files.filter(file => !file.endsWith('.test.ts'));
  const all = shipped.flatMap(file => functionsOf(file, readFileSync(join(root, file), 'utf8')));
  const long = all.filter(({ lines }) => lines > functionLinesMax).map(({ name }) => name);
  assert.deepEqual(long.toSorted(), plainLists, 'split it by its subjects; a list that is long no more is not named');
  assert.ok(all.length > shipped.length, 'functions are found');
  const three = 'class A { m() {\n\n} }\nconst b = () => ({ c: async function* () {} });\nexport function d() {}';
  assert.deepEqual(
    functionsOf('a.ts', three).map(({ name, lines }) => `${name} ${lines}`),
    ['a.ts m 3', 'a.ts b 1', 'a.ts c 1', 'a.ts d 1'],
  );
});

test('core has no clock, no randomness and no globals of a host', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|process\.|Buffer\.|setTimeout|setInterval|fetch\()/;
  const wrong = files.filter(
    file =>
      file.startsWith('core/') &&
      !file.endsWith('.test.ts') &&
      impure.test(readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')),
  );
  assert.deepEqual(wrong, []);
});

test('only the composition root and the control API reach across gateway rooms, and only the line reaches upstreams', () => {
  const callers = files.filter(
    file =>
      /upstreams\.prepare\(/.test(readFileSync(join(root, file), 'utf8')) &&
      !file.endsWith('.test.ts') &&
      !file.startsWith('testkit/'),
  );
  assert.deepEqual(callers, ['core/mediate/line.ts']);
});

/** Memory and time of every start: what only some configurations need is loaded when it is needed. */
const loadedLate = /^import (?!type\b)[^;]*? from '(?:node:(?:http|https|tls)|jose|oauth4webapi|libpg-query|pg)';$/m;
/** Loaded themselves by `import()`, or a program of its own. */
const mayImportThem = /^(?:cli\/bin\/hook\.js|gateway\/(?:people\/provider\.ts|transports\/http\/tls\.ts))/;

test('the gateway and the commands load TLS, Node’s HTTP with its fetch, and heavy packages only when they are needed', () => {
  const early = files.filter(
    file =>
      /^(?:gateway|cli)\//.test(file) &&
      !file.endsWith('.test.ts') &&
      loadedLate.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(
    early.filter(file => !mayImportThem.test(file)),
    [],
  );
  assert.notDeepEqual(early, [], 'the pattern finds those that may');
});
