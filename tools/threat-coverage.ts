import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { threats } from './threats.ts';

const root = resolve(import.meta.dirname, '..');

/** A test or scenario whose title begins with ids of the catalogue. */
interface Held {
  readonly file: string;
  readonly title: string;
}

/** `test('A-1 G-7 …'`, and in scenarios a row that begins with an id. */
const titles = /(?:^|\s)(?:test|it|describe)\(\s*[`'"]((?:(?:[A-H]-[0-9]+|R[0-9]+|I[0-9]+|DF[0-9]+) )+[^`'"\n]*)/gm;
const rows = /\bid"?: "?([A-H]-[0-9]+)"?,?\s+"?title"?: "?([^"\n]*)/g;

function heldIn(file: string): (Held & { readonly ids: readonly string[] })[] {
  const text = readFileSync(join(root, file), 'utf8');
  const isScenario = file.startsWith('scenarios/');
  return [...text.matchAll(isScenario ? rows : titles)].map(([, first = '', second = '']) => {
    const title = isScenario ? second : first;
    return {
      file,
      title,
      ids: (isScenario ? first : (/^(?:[A-Z]+-?[0-9]+ )+/.exec(first)?.[0] ?? '')).trim().split(' '),
    };
  });
}

/** Every test and scenario by the ids that its title begins with. */
export function coverage(): ReadonlyMap<string, readonly Held[]> {
  const files = globSync(['{core,gateway,cli,testkit,tools,console,sdk}/**/*.test.ts', 'scenarios/**/*.{yaml,json}'], {
    cwd: root,
    exclude: path => path.includes('node_modules'),
  }).sort();
  const held = new Map<string, Held[]>();
  for (const { ids, file, title } of files.flatMap(heldIn))
    for (const id of ids) held.set(id, [...(held.get(id) ?? []), { file, title }]);
  return held;
}

/** The page `docs/explanation/threat-coverage.md`, whole. */
export function coveragePage(): string {
  const held = coverage();
  const lines = threats.map(({ id, what }) => `| ${id} | ${what} | ${cell(held.get(id) ?? [])} |`);
  return `${head}\n${lines.join('\n')}\n`;
}

function cell(held: readonly Held[]): string {
  const places = placesOf(held).map(place => `\`${place}\``);
  return places.length === 0 ? 'not yet' : places.join(', ');
}

/** Files of scenarios, and folders of tests. */
export function placesOf(held: readonly Held[]): string[] {
  return [...new Set(held.map(({ file }) => (file.startsWith('scenarios/') ? file : dirname(file))))].sort();
}

const head = `# Threat coverage

Which rows of the catalogue of attacks are held by tests and scenarios, and which not yet. A test says in its title what it holds; this page is
written from those titles (\`npm run docs\`), and a test compares it with them. What the rows are against as a whole stands in the
[threat model](threat-model.md), what is not done in the [limitations](../limitations.md).

Rows A are about protocols and parsing, B about what servers say of their tools, C about addresses, origins and commands, E about approvals and policies, F about
what agents have read and hand on, G about the record, secrets and resources. Run one row with \`npm test\` and the folder named.

| row | what is tried | held by |
|---|---|---|`;
