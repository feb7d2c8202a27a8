import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { main } from '../main.ts';

/** Files as people, editors and clients leave them. Each is wrapped or left alone, and comes back to the byte. */

const cursor = '.cursor/mcp.json';
const codex = '.codex/config.toml';
const goose = '.config/goose/config.yaml';
const gemini = '.gemini/settings.json';
const openclaw = '.openclaw/openclaw.json';
const one = '{"mcpServers":{"a":{"command":"x"}}}';
const nested = `${'['.repeat(60_000)}${']'.repeat(60_000)}`;
const long = JSON.stringify(
  { mcpServers: { a: { command: 'x' } }, all: Array(5_000).fill({ text: 'lorem' }) },
  null,
  1,
);

type Shape = readonly [name: string, file: string, text: string | Buffer];

const wrapped: readonly Shape[] = [
  ['carriage returns alone', cursor, '{\r"mcpServers":{\r\t"a":{"command":"x"}\r}\r}'],
  ['line ends of two kinds', cursor, '{\r\n "mcpServers":{\n  "a":{"command":"x",\r\n"args":[]}\n }\r\n}\n\n\n'],
  [
    'a comment in every gap',
    cursor,
    '// a\n{/*b*/"mcpServers"/*c*/:/*d*/{/*e*/"a"/*f*/:/*g*/{/*h*/"command"/*i*/:/*j*/"x"/*k*/,/*l*/"env":/*m*/{"TOKEN":"canary"/*n*/}/*o*/,// p\n}/*q*/,}/*r*/}// s',
  ],
  ['names that are odd', cursor, '{"mcpServers":{"":{"command":"x"},"a b":{"command":"y"},"日本":{"command":"z"}}}'],
  ['escapes', cursor, '{"mcpServers":{"\\u0061":{"command":"\\u0078","args":["\\ud83d\\ude00","\\/","\\ud800"]}}}'],
  [
    'numbers that lose digits',
    cursor,
    '{"mcpServers":{"a":{"command":"x","timeout":123456789012345678901,"f":1.0e+2}}}',
  ],
  ['a long file', cursor, long],
  [
    'own hooks beside',
    gemini,
    '{\n\t"hooks": {\n\t\t"BeforeTool": [\n\t\t\t{ "matcher": "x" }, // mine\n\t\t]\n\t}\n}',
  ],
  ['hooks without any', gemini, '{ "hooks": { "BeforeTool": [ ] , "x": 1 } }'],
  ['hooks that are an empty mapping', gemini, '{"hooks":{}}'],
  [
    'hooks that are something else',
    gemini,
    '{"hooks":{"BeforeTool":{"matcher":"*"}},"mcpServers":{"a":{"command":"x"}}}',
  ],
  ['TOML with a byte order mark and CRLF', codex, '\ufeff# a\r\n[mcp_servers.a]\r\ncommand = "x"\r\n'],
  ['TOML without a last line end', codex, '[mcp_servers.a]\ncommand = "x"'],
  [
    'TOML with quoted names and long texts',
    codex,
    '[mcp_servers."a b.c"]\ncommand = \'x\'\nargs = ["""m\nl""", \'\'\'q\'\'\']\n[mcp_servers."a b.c".env]\n"X-Y" = "1"\n',
  ],
  ['TOML with variables before their server', codex, '# a\n[mcp_servers.a.env]\nA="b"\n[mcp_servers.a]\ncommand="x"\n'],
  ['TOML with dotted variables', codex, '[mcp_servers.a]\nenv.A = "b"\ncommand = "x"\nenv.C = "d"\n'],
  [
    'TOML with numbers and dates',
    codex,
    'd = 1979-05-27T07:32:00Z\nn = nan\n[mcp_servers.a]\ncommand="x"\nenv={A=1,B=true}\n',
  ],
  [
    'TOML that is indented',
    codex,
    '  [mcp_servers.a]\n    command = "x"\n    [mcp_servers.a.env]\n      A = "b"\n  # c\n  [z]\n',
  ],
  ['TOML with a comment in a list', codex, '[mcp_servers.a] # c ] d\nargs = [\n  "a", # why\n] # end\ncommand = "x"\n'],
  ['YAML with CRLF', goose, 'extensions:\r\n  a:\r\n    cmd: x\r\n    envs:\r\n      A: b\r\n    args:\r\n    - y\r\n'],
  ['YAML with a mark and a document end', goose, '\ufeff---\nextensions:\n  a:\n    cmd: x\n...\n'],
  [
    'YAML with block texts',
    goose,
    'extensions:\n  a:\n    cmd: >-\n      x\n    args:\n      - |\n        y\n        z\n\n    timeout: 3\n',
  ],
  ['YAML with names that are numbers', goose, 'extensions:\n  1:\n    cmd: x\n  true:\n    cmd: y\n'],
  [
    'YAML with comments after a block',
    goose,
    'extensions:\n  a:\n    cmd: x\n    envs:\n      A: b # c\n      # d\n    # e\n    args: [y]\n# f\n',
  ],
  ['YAML that ends in a block', goose, 'extensions:\n  a:\n    cmd: x\n    envs:\n      A: b'],
];

const left: readonly Shape[] = [
  ['an empty file', cursor, ''],
  ['white space', cursor, ' \n\t\r\n'],
  ['a byte order mark alone', cursor, '\ufeff'],
  ['a list', cursor, '[]'],
  ['null', cursor, 'null'],
  ['servers that are a list', cursor, '{"mcpServers":[{"command":"x"}]}'],
  ['a name twice', cursor, '{"mcpServers":{"a":{"command":"x","\\u0063ommand":"z"}}}'],
  ['text behind the end', cursor, `${one} x`],
  ['a cut end', cursor, '{"mcpServers":{"a":{"command":"x"'],
  ['a merge conflict', cursor, `<<<<<<< HEAD\n${one}\n=======\n{}\n>>>>>>> x\n`],
  ['UTF-16', cursor, Buffer.from(`\ufeff${one}`, 'utf16le')],
  ['Latin-1', cursor, Buffer.from('{"mcpServers":{"a":{"command":"\xe9"}}}', 'latin1')],
  ['nesting without end', cursor, `{"mcpServers":{"a":{"command":"x"}},"d":${nested}}`],
  ['JSON without quotes', openclaw, '{ mcp: { servers: { a: { command: "x" } } } }'],
  ['a word that no program can be given', cursor, '{"mcpServers":{"a":{"command":"x","args":["\\u0000"]}}}'],
  ['a relative path in the user’s file', cursor, '{"mcpServers":{"a":{"command":"x","args":["--root=./here"]}}}'],
  ['a relative folder in the user’s file', cursor, '{"mcpServers":{"a":{"command":"x","cwd":"here"}}}'],
  ['a file of variables', cursor, '{"mcpServers":{"a":{"command":"x","envFile":".env"}}}'],
  ['names of variables', codex, '[mcp_servers.a]\ncommand="x"\nenv_vars=["K"]\n'],
  [
    'a token in a variable',
    codex,
    '[mcp_servers.b]\nurl="https://x.example/"\nbearer_token_env_var="T"\nhttp_headers={A="b"}\n',
  ],
  ['a reference in the middle', gemini, '{"mcpServers":{"a":{"command":"x","args":["--k=$K"]}}}'],
  ['TOML with one table twice', codex, '[mcp_servers.a]\ncommand="x"\n[mcp_servers.a]\ncommand="y"\n'],
  ['TOML between braces', codex, 'mcp_servers = { a = { command = "x" } }\n'],
  [
    'an anchor in what would go',
    goose,
    'extensions:\n  a:\n    cmd: x\n    args: &l [y]\n  b:\n    type: builtin\n    args: *l\n',
  ],
  ['an entry that is an alias', goose, 'base: &b {cmd: q}\nextensions:\n  a: *b\n'],
  ['two YAML documents', goose, '---\nextensions:\n  a:\n    cmd: x\n---\nb: 1\n'],
  ['YAML with explicit names', goose, 'extensions:\n  a:\n    cmd: x\n    ? args\n    : [y]\n'],
];

function openHome(file: string, text?: string | Buffer) {
  const folder = temporaryFolder();
  const home = folder.file('home');
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  if (text !== undefined) writeFileSync(path, text);
  return {
    ...{ home, path },
    run: async (...argv: string[]): Promise<string> => {
      const terminal = createFakeTerminal({ cwd: home, env: { HOME: home, PATH: process.env.PATH ?? '' } });
      const status = await main(
        ['--state', folder.file('state'), ...argv, ...(argv[0] === 'wrap' ? ['--keys', 'file'] : [])],
        terminal,
      );
      return `${status}\n${terminal.stderr()}${terminal.stdout()}`;
    },
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

describe('E2 E4 wrapped, it comes back to the byte, also around a line that was written since', () => {
  for (const [name, file, text] of wrapped)
    test(name, async () => {
      using house = openHome(file, text);
      chmodSync(house.path, 0o440);
      await house.run('wrap', '--yes');
      assert.notEqual(readFileSync(house.path, 'utf8'), text);
      assert.equal(statSync(house.path).mode & 0o777, 0o440);
      assert.match(await house.run('unwrap', '--all', '--yes'), /^0\n/);
      assert.equal(readFileSync(house.path, 'utf8'), text);
      await house.run('wrap', '--yes');
      const comment = file.endsWith('.json') ? '// by hand\n' : '# by hand\n';
      const behindMark = (whole: string): string => whole.replace(/^\ufeff?/, mark => mark + comment);
      chmodSync(house.path, 0o640);
      writeFileSync(house.path, behindMark(readFileSync(house.path, 'utf8')));
      const said = await house.run('unwrap', '--all', '--yes');
      assert.equal(readFileSync(house.path, 'utf8'), behindMark(String(text)), said);
    });
});

describe('E11 left alone, and nothing of it is lost', () => {
  for (const [name, file, text] of left)
    test(name, async () => {
      using house = openHome(file, text);
      const said = await house.run('wrap', '--yes', '--servers-only');
      assert.match(said, /^0\n/);
      assert.ok(readFileSync(house.path).equals(Buffer.from(text)), said);
      assert.match(said, /left (?:alone|as it is): \S|nothing to wrap/);
    });
});

test('E2 a second name of the file shows the same file, before and after', async () => {
  using house = openHome(cursor, one);
  const other = join(house.home, 'other.json');
  linkSync(house.path, other);
  await house.run('wrap', '--yes');
  assert.equal(statSync(other).ino, statSync(house.path).ino);
  assert.ok(readFileSync(other, 'utf8').includes('--entry'));
  await house.run('unwrap', '--all', '--yes');
  assert.deepEqual([readFileSync(other, 'utf8'), statSync(other).ino], [one, statSync(house.path).ino]);
});

test('two clients that share a file by a link: it is wrapped once, and comes back', async () => {
  using house = openHome(cursor, one);
  const shared = join(house.home, '.kiro/settings/mcp.json');
  mkdirSync(dirname(shared), { recursive: true });
  symlinkSync(house.path, shared);
  const said = await house.run('wrap', '--yes');
  assert.match(said, /a: wrapped already/);
  const entry = JSON.parse(readFileSync(house.path, 'utf8')).mcpServers.a;
  assert.equal(entry.args.filter((word: string) => word === '--entry').length, 1, JSON.stringify(entry));
  await house.run('unwrap', '--all', '--yes');
  assert.ok(lstatSync(shared).isSymbolicLink());
  assert.equal(readFileSync(shared, 'utf8'), one);
});

test('a link that leads nowhere, a folder and a pipe are left alone', async () => {
  using house = openHome('.claude/settings.json');
  symlinkSync(join(house.home, 'nowhere.json'), house.path);
  mkdirSync(join(house.home, '.cursor/mcp.json'), { recursive: true });
  mkdirSync(join(house.home, '.gemini'));
  execFileSync('mkfifo', [join(house.home, '.gemini/settings.json')]);
  const said = await house.run('wrap', '--yes');
  for (const fate of [
    /\.claude\/settings\.json: left alone: is a link that leads nowhere/,
    /\.cursor\/mcp\.json: left alone: is no plain file/,
    /\.gemini\/settings\.json: left alone: is no plain file/,
  ])
    assert.match(said, fate);
  await house.run('unwrap', '--all', '--yes');
  assert.deepEqual([lstatSync(house.path).isSymbolicLink(), existsSync(house.path)], [true, false]);
});

test('servers of a project run in the project, wherever in it their file lies', async () => {
  using house = openHome('.vscode/mcp.json', '{"servers":{"a":{"command":"x","args":["./run.js"],"cwd":"tools"}}}');
  await house.run('wrap', '--yes', '--project');
  const config = readFileSync(join(house.home, '.config/sallyport/sallyport.yaml'), 'utf8');
  assert.ok(config.includes(`cwd: ${join(house.home, 'tools')}\n`), config);
  rmSync(house.path);
  assert.match(await house.run('unwrap', '--all', '--yes'), /mcp\.json: is not there any more/);
});
