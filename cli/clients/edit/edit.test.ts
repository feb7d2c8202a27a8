import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editDocument, type Format, readDocument } from './document.ts';
import { EditFault } from './edit.ts';

const own = { command: '/bin/sallyport', args: ['mcp', '--entry', 'x'], env: undefined };

/** Before and after: everything that was not asked for is as it was, to the byte. */
const cases: readonly { name: string; format: Format; path: string[]; before: string; after: string }[] = [
  {
    name: 'JSON with comments, odd indentation and trailing commas',
    format: 'json',
    path: ['mcpServers', 'git'],
    before:
      '{\n   // mine\n   "mcpServers": {\n      "git": { "command": "npx", /* why */ "args": ["-y", "x"], "env": {"A": "b"}, "timeout": 5, },\n   },\n   "z" : [1,2 ]\n}',
    after:
      '{\n   // mine\n   "mcpServers": {\n      "git": { "command": "/bin/sallyport", /* why */ "args": ["mcp","--entry","x"], "timeout": 5, },\n   },\n   "z" : [1,2 ]\n}',
  },
  {
    name: 'a byte order mark, tabs, CRLF and no final line end',
    format: 'json',
    path: ['s'],
    before: '\ufeff{\r\n\t"s": {\r\n\t\t"command": "a",\r\n\t\t"args": []\r\n\t}\r\n}',
    after: '\ufeff{\r\n\t"s": {\r\n\t\t"command": "/bin/sallyport",\r\n\t\t"args": ["mcp","--entry","x"]\r\n\t}\r\n}',
  },
  {
    name: 'JSON with neighbours on one line, in which something is new',
    format: 'json',
    path: ['s', 'b'],
    before: '{\n  "s": {"a":{"command":"x"}, "b":{"type":"http","command":"y"},},\n}\n',
    after:
      '{\n  "s": {"a":{"command":"x"}, "b":{"type":"http","command":"/bin/sallyport","args": ["mcp","--entry","x"]},},\n}\n',
  },
  {
    name: 'TOML with a table of variables, comments and other tables',
    format: 'toml',
    path: ['mcp_servers', 'git'],
    before:
      '# head\nmodel = "x" # keep\n\n[mcp_servers.git]\n# why\ncommand = "npx"   # here\nargs = [ "-y",\n  "x" ]\nstartup_timeout_sec = 5\n\n[mcp_servers.git.env]\nA = "b"\n\n# next\n[other]\ny = 1\n',
    after:
      '# head\nmodel = "x" # keep\n\n[mcp_servers.git]\n# why\ncommand = "/bin/sallyport"   # here\nargs = ["mcp","--entry","x"]\nstartup_timeout_sec = 5\n\n\n# next\n[other]\ny = 1\n',
  },
  {
    name: 'TOML without words, with an inline table of variables',
    format: 'toml',
    path: ['mcp_servers', 'git'],
    before: '[mcp_servers.git]\r\ncommand = "npx"\r\nenv = { A = "b" }\r\n',
    after: '[mcp_servers.git]\r\ncommand = "/bin/sallyport"\r\nargs = ["mcp","--entry","x"]\r\n',
  },
  {
    name: 'YAML with block lists, comments and other members',
    format: 'yaml',
    path: ['extensions', 'git'],
    before:
      '# head\nextensions:\n  git:\n    command: npx # here\n    args:\n      - -y\n      - x\n    env:\n      A: b\n    timeout: 300\nz: 1\n',
    after:
      '# head\nextensions:\n  git:\n    command: "/bin/sallyport" # here\n    args: ["mcp","--entry","x"]\n    timeout: 300\nz: 1\n',
  },
  {
    name: 'YAML where a member has its value already, in words of its own',
    format: 'yaml',
    path: ['extensions', 'git'],
    before: 'extensions:\n  git:\n    command: /bin/sallyport # here\n    args: [x]\n',
    after: 'extensions:\n  git:\n    command: /bin/sallyport # here\n    args: ["mcp","--entry","x"]\n',
  },
  {
    name: 'YAML without words',
    format: 'yaml',
    path: ['extensions', 'git'],
    before: 'extensions:\n    git:\n        command: npx\n',
    after: 'extensions:\n    git:\n        args: ["mcp","--entry","x"]\n        command: "/bin/sallyport"\n',
  },
];

describe('an edit changes what was asked for and no other byte', () => {
  for (const { name, format, path, before, after } of cases)
    test(`E2 ${name}`, () => {
      const edited = editDocument(format, before, [{ path, members: own }]);
      assert.equal(edited, after);
      const entry = path.reduce<unknown>(
        (at, step) => (at as Record<string, unknown>)[step],
        readDocument(format, edited),
      );
      const { command, args, env } = entry as Record<string, unknown>;
      assert.deepEqual({ command, args, env }, own);
    });
});

test('E11 what cannot be read is a fault with line and column, and nothing is changed', () => {
  const broken: readonly (readonly [Format, string, number])[] = [
    ['json', '{\n  "a": 1,\n  "b" 2\n}', 3],
    ['json', '{ "a": "x', 1],
    ['toml', 'a = 1\nb = \n', 2],
    ['yaml', 'a: [1\nb: 2\n', 2],
    ['json', '{\n "a": 1,\n "a": 2\n}', 3],
  ];
  for (const [format, text, line] of broken)
    assert.throws(
      () => readDocument(format, text),
      (thrown: unknown) => thrown instanceof EditFault && (thrown.line ?? 0) >= line && thrown.column !== undefined,
      text,
    );
});

test('a mapping that could only be rewritten is left alone', () => {
  const tight: readonly (readonly [Format, string])[] = [
    ['toml', 'mcp_servers = { git = { command = "x" } }\n'],
    ['toml', '[mcp_servers]\ngit.command = "x"\n'],
    ['yaml', 'extensions: { git: { command: x } }\n'],
  ];
  for (const [format, text] of tight)
    assert.throws(
      () =>
        editDocument(format, text, [{ path: [format === 'toml' ? 'mcp_servers' : 'extensions', 'git'], members: own }]),
      EditFault,
    );
});
