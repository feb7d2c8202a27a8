import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { parseConfig } from '@sallyport/gateway/app/config/config.ts';
import type { Command } from '../cli/command.ts';
import { allCommands } from '../cli/commands.ts';

const root = resolve(import.meta.dirname, '..');
const pages = globSync('**/*.md', { cwd: root, exclude: path => /(^|\/)(node_modules|\.[a-z]+)$/.test(path) }).sort();
const texts = new Map(pages.map(page => [page, readFileSync(join(root, page), 'utf8')]));
const linesMax = 300;

/** Lines of code blocks, and what stands between backticks elsewhere. */
function codeOf(text: string): string[] {
  const fenced = text.split(/^```.*$/m);
  const blocks = fenced.filter((_, index) => index % 2 === 1).flatMap(block => block.split('\n'));
  const prose = fenced.filter((_, index) => index % 2 === 0).join('\n');
  const indented = prose.match(/^(?: {4}|\t).*$/gm) ?? [];
  return [...blocks, ...indented, ...(withoutBlocks(text).match(/`[^`]+`/g) ?? []).map(span => span.slice(1, -1))];
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/^(?: {4}|\t).*$/gm, '');
}

/** As GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = withoutBlocks(text).match(/^#{1,6} .*$/gm) ?? [];
  return new Set(
    headings.map(heading => {
      const words = heading.replace(/^#+ /, '').toLowerCase();
      const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
}

function brokenLinks(page: string, text: string): string[] {
  const prose = withoutBlocks(text).replace(/`[^`]*`/g, '``');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter(target => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#', 2);
    const file = join(dirname(page), path);
    if (path !== '' && !existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf((path === '' ? text : texts.get(file)) ?? '').has(anchor);
  });
}

/** What a reader sees as one block: fenced, or indented lines with at most blank ones between them. Without its indentation. */
function blocksOf(text: string): string[] {
  const fenced = [...text.matchAll(/^```.*\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const rest = text.replace(/^```[\s\S]*?^```$/gm, '.');
  const indented = [...rest.matchAll(/(?:^ {4}.*\n(?:[ \t]*\n)*)+/gm)].map(([block]) => {
    const margin = Math.min(...(block.match(/^ +(?=\S)/gm) ?? ['']).map(({ length }) => length));
    return block.replaceAll(new RegExp(`^ {${margin}}`, 'gm'), '');
  });
  return [...fenced, ...indented];
}

const isConfig =
  /^(url|mode|hosts|tls|trust|people|agents|servers|segments|credentials|approvals|retention|watch|a2a): ?/m;
const isPolicy = /^(permit|forbid) \($/m;
const isTyped = /^(sallyport|npm|npx|printf|openssl|curl|sudo|echo) /m;

/** What is wrong with a block that somebody copies as a whole. */
function blockFault(block: string): string {
  const kinds = [isConfig, isPolicy, isTyped].filter(kind => kind.test(block)).length;
  if (kinds > 1) return `what goes into a file and what is typed stand in one block:\n${block}`;
  if (!isConfig.test(block)) return '';
  try {
    const { url, hosts, tls } = parseConfig('sallyport.yaml', block);
    const answers = url === undefined || tls !== undefined || hosts.includes(new URL(url).host);
    return answers ? '' : `nobody is answered at ${url}, for \`hosts\` does not name it`;
  } catch (thrown) {
    // Keys that are the reader's own.
    return (thrown as Error).message.replace(/^[^\n]*names a file that cannot be read$/, '');
  }
}

const everywhere = ['--json', '--state', '--help', '-h', '--version'];

/** The words of each `sallyport …` in a line of code, up to a pipe, a comment or the end of a substitution. */
function commandLines(code: string): string[][] {
  // `sallyport body v1\n…` is what a hash is made over.
  const found = code.matchAll(/(?<![\w`.])(?:[\w./<>-]*\/)?sallyport(?:\.js)? (?![\w ]+ v\d+\\n)([^\n]*)/g);
  return [...found].map(([, rest = '']) => {
    const own = rest.split(/ {2,}|\s[#|;&<>–…]|[)]|&&| \[/)[0] ?? '';
    return (own.match(/"[^"]*"|'[^']*'|[^\s"']+(?:'[^']*'|"[^"]*")?/g) ?? []).map(word => word.replace(/["']/g, ''));
  });
}

function commandFault(words: readonly string[], commands: readonly Command[]): string | undefined {
  const first = words[0] ?? '';
  if (!/^[a-z]/.test(first)) return undefined;
  const command =
    commands.find(({ name }) => name === words.slice(0, 2).join(' ')) ?? commands.find(({ name }) => name === first);
  if (command === undefined) return `no such command: sallyport ${words.join(' ')}`;
  const known = (command.options ?? []).flatMap(({ flags }) => flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? []);
  const flag = words.find(word => /^--?[a-z]/.test(word) && ![...known, ...everywhere].includes(word));
  return flag === undefined ? undefined : `no such option: sallyport ${command.name} ${flag}`;
}

describe('documents', () => {
  test('there are some', () => assert.ok(pages.length > 20 && pages.includes('README.md')));

  for (const [page, text] of texts) {
    test(`${page}: links lead somewhere`, () => assert.deepEqual(brokenLinks(page, text), []));

    test(`${page}: is short`, () => {
      const lines = text.split('\n').length;
      assert.ok(page.startsWith('docs/reference/') || lines <= linesMax, `${lines} lines`);
    });
  }

  test('docs/README.md leads to every page', () => {
    const index = texts.get('docs/README.md') ?? '';
    const left = pages.filter(page => page.startsWith('docs/') && !index.includes(`](${page.slice('docs/'.length)})`));
    assert.deepEqual(left, ['docs/README.md'], 'add the page to docs/README.md');
  });

  test('every command line that is shown can be given', async () => {
    const commands = await allCommands();
    let shown = 0;
    const faults: string[] = [];
    for (const [page, text] of texts)
      for (const words of codeOf(text).flatMap(commandLines)) {
        shown++;
        const fault = commandFault(words, commands);
        if (fault !== undefined) faults.push(`${page}: ${fault}`);
      }
    assert.deepEqual(faults, []);
    assert.ok(shown > 100, `only ${shown} command lines were found`);
  });

  test('every script that is named is there, and CONTRIBUTING.md names every deep run', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const scriptsIn = (text: string) => [...text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map(([, name = '']) => name);
    const named = [...texts].flatMap(([page, text]) => scriptsIn(text).map(name => ({ page, name })));
    assert.ok(named.length > 50, `only ${named.length} scripts are named`);
    assert.deepEqual(
      named.filter(({ name }) => !(name in scripts)),
      [],
    );
    const told = new Set(scriptsIn(texts.get('CONTRIBUTING.md') ?? ''));
    const deep = Object.keys(scripts).filter(name => name.startsWith('deep:'));
    assert.deepEqual(
      deep.filter(name => !told.has(name)),
      [],
    );
  });
});

describe('blocks', () => {
  const guides = [...texts].filter(([page]) => /^(README\.md|docs\/(how-to|tutorial)\/)/.test(page));

  test('each is one thing to copy, and what is configuration is taken by the gateway', () => {
    const blocks = guides.flatMap(([page, text]) => blocksOf(text).map(block => ({ page, block })));
    assert.deepEqual(
      blocks.map(({ page, block }) => [page, blockFault(block)]).filter(([, fault]) => fault !== ''),
      [],
    );
    const configurations = blocks.filter(({ block }) => isConfig.test(block)).length;
    assert.ok(configurations > 15, `only ${configurations} configurations were found`);
  });
});

describe('these tests notice', () => {
  test('a block of two things, and a configuration with a mistake', () => {
    const text =
      '    printf x > f\n\n    mode: observe\n\nA list:\n\n1. One\n\n        url: http://h.example\n        mode: obsrve\n\nAnother:\n\n    url: https://h.example\n';
    const faults = blocksOf(text).map(blockFault);
    assert.match(faults[0] ?? '', /^what goes into a file/);
    assert.match(faults[1] ?? '', /obsrve|mode/);
    assert.match(faults[2] ?? '', /^nobody is answered at https:\/\/h\.example/);
    assert.equal(faults.length, 3);
  });

  test('a file, a heading and an anchor that are not there', () => {
    const text = '# A page\n\n[a](no.md) [b](#a-page) [c](#b-page) [d](README.md#sallyport) [e](https://x.example/)\n';
    assert.deepEqual(brokenLinks('page.md', `${text}`), ['no.md', '#b-page']);
  });

  test('a command and an option that are not there', async () => {
    const commands = await allCommands();
    const faults = codeOf(
      '    npm exec -- sallyport tial -n 5 | head\n\n`sallyport kill all --wy "x"` `sallyport tail -f`',
    )
      .flatMap(commandLines)
      .map(words => commandFault(words, commands));
    assert.deepEqual(faults, [
      'no such command: sallyport tial -n 5',
      'no such option: sallyport kill --wy',
      undefined,
    ]);
  });
});
