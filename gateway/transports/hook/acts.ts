import { quotedWord } from '@sallyport/core/facts/arguments.ts';
import { bareOf } from '@sallyport/core/facts/path.ts';
import { type JsonNode, type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import type { ClientAct } from './event.ts';
import { placeIn } from './place.ts';
import type { WorkspaceTool } from './tools.ts';

/** What a tool comes down to, where that is told by its name. */
type Kind = Exclude<WorkspaceTool, 'mcp' | 'other' | 'sallyport-canary'> | 'patch' | 'glob';

/** What clients call their tools, lower case and without `_`, `-` and spaces, and what each comes down to. */
const names: Readonly<Record<Kind, string>> = {
  shell: `bash shell exec execcommand runterminalcmd runterminalcommand runinterminal runcommand runshellcommand localshell
    shellcommand terminal powershell executecommand`,
  read: `read readfile view openfile viewimage notebookread readmanyfiles getfilecontents`,
  search: `grep ls list listdir listdirectory listfiles find grepsearch searchfilecontent codebasesearch semanticsearch
    searchfiles searchfiletext textsearch readdirectory`,
  glob: 'glob findfiles filesearch',
  write: `write writefile create createfile createnewfile savefile`,
  edit: `edit editfile editfiles multiedit replace strreplace strreplaceeditor searchreplace notebookedit inserteditintofile
    replacestringinfile multireplacestringinfile editnotebook`,
  patch: `applypatch patch`,
  delete: `delete deletefile removefile`,
  fetch: `webfetch fetch fetchwebpage fetchurl openurl`,
  'web-search': `websearch googlewebsearch searchweb`,
  subagent: `task agent runsubagent delegatetask sessionsspawn spawnagent subagent`,
  self: `todowrite todoread writetodos updateplan managetodolist todos exitplanmode enterplanmode askuserquestion
    askquestions taskoutput taskcreate taskget tasklist taskupdate bashoutput toolsearch think reportintent
    askuser requestuserinput`,
};

const kinds = new Map(
  Object.entries(names).flatMap(([kind, text]) =>
    text
      .trim()
      .split(/\s+/)
      .map(name => [name, kind as Kind] as const),
  ),
);

const pathNames = [
  ...[
    'file_path',
    'filePath',
    'path',
    'target_file',
    'absolute_path',
    'filename',
    'notebook_path',
    'dir_path',
    'directory',
  ],
  ...['dirPath', 'relative_workspace_path', 'target_directory', 'uri', 'file'],
];
const textNames = [
  'content',
  'contents',
  'new_string',
  'newString',
  'new_str',
  'newText',
  'file_text',
  'new_source',
  'code',
  'insert_text',
];
/** What is about one path. An edit and a search are about all that they name. */
const aboutOne: ReadonlySet<string> = new Set(['read', 'delete', 'write']);
/** Lists of paths, or of what holds one. */
const listNames = ['paths', 'file_paths', 'filePaths', 'files', 'edits', 'changes', 'replacements'];
const queryNames = ['pattern', 'query', 'glob', 'glob_pattern', 'regex', 'search'];

/** Where a session works: paths are told in relation to `root`, and words in a shell stand in `cwd`. */
export interface Standing {
  readonly root: string | undefined;
  readonly cwd: string | undefined;
}

/** A tool that nobody has: asking for it is refused in every mode, which is how a hook is proven. */
export const canaryTool = 'sallyport-canary';

/** One of the client's own tools, as it will be decided. What is not understood is `other`, and never a guess. */
export function actOf(tool: string, input: JsonObject, standing: Standing): ClientAct {
  if (tool === canaryTool) return of(canaryTool, {});
  const known = made(kindOf(tool), tool, input, standing);
  return known ?? of('other', { tool: tool.slice(0, 128), input: normalText(input) });
}

/** Whether a client's own tool is called so. */
export function isKnownTool(tool: string): boolean {
  return kindOf(tool) !== undefined;
}

function kindOf(tool: string): Kind | undefined {
  return kinds.get(tool.toLowerCase().replace(/[_\-\s.]/g, ''));
}

/** A tool of an MCP server, under the name that the client's own file has for that server. */
export function mcpAct(entry: string, tool: string, input: JsonObject): ClientAct {
  return { kind: 'mcp', entry, tool, input };
}

/** The same for a server that does not lead here: nobody knows what it does. */
export function opaqueAct({ entry, tool, input }: Extract<ClientAct, { kind: 'mcp' }>): ClientAct & { kind: 'tool' } {
  return of('mcp', { entry: entry.slice(0, 128), tool: tool.slice(0, 128), input: normalText(input) });
}

function made(kind: Kind | undefined, tool: string, input: JsonObject, standing: Standing): ClientAct | undefined {
  // Which of several a client reads is its own affair, and its agent chooses what stands in all of them.
  const named = namedPaths(input, standing);
  const listed = pathsIn(input, standing);
  if (kind !== undefined && aboutOne.has(kind) && named.length > 1) return undefined;
  const [placed] = named;
  const query = joinedTexts(input, queryNames, ' ');
  switch (kind) {
    case undefined:
      return undefined;
    case 'shell':
      return shell(input, standing);
    case 'read':
    case 'delete': {
      const isOne = listed.length === 0 && input.members.get('include')?.kind !== 'array';
      return placed === undefined || !isOne ? undefined : of(kind, { path: placed });
    }
    case 'search':
      return search(query, [...named, ...listed]);
    case 'glob':
      return search(query, [...named, ...listed, ...patternsOutside(input, standing)]);
    case 'write':
    case 'edit': {
      const texts = textsIn(input);
      const paths = [...new Set([...named, ...listed])];
      if (paths.length === 0 || texts === undefined) return undefined;
      return kind === 'write' && paths.length === 1
        ? of('write', { path: paths[0] ?? '', content: texts })
        : of('edit', { paths, content: texts });
    }
    case 'patch':
      return patch(input, standing);
    case 'fetch': {
      const urls = allTexts(input, ['url', 'uri', 'urls', 'uris']);
      const prompt = textIn(input, ['prompt']) ?? '';
      const [url = prompt] = urls;
      // Some clients fetch what the prompt names, whatever stands beside it.
      const isOne = urls.length === 0 || (prompt.match(/https?:\/\/[^\s"'<>)]+/gi) ?? []).every(each => each === url);
      return url === '' || urls.length > 1 || !isOne ? undefined : of('fetch', { url });
    }
    case 'web-search':
      return query === undefined ? undefined : of('web-search', { query });
    case 'subagent': {
      const type = textIn(input, ['subagent_type', 'agent_type', 'agentName', 'agentId', 'type']);
      const prompt = textIn(input, ['prompt', 'task', 'description', 'message']);
      return of('subagent', { ...(type === undefined ? {} : { type }), ...(prompt === undefined ? {} : { prompt }) });
    }
    case 'self':
      return of('self', { tool: tool.slice(0, 128) });
  }
}

/** A command as one text, or as the list of its words. */
function shell(input: JsonObject, { root, cwd }: Standing): ClientAct | undefined {
  const nodes = ['command', 'cmd'].flatMap(name => input.members.get(name) ?? []);
  const [node] = nodes;
  const own = allTexts(input, ['cwd', 'workdir', 'working_directory', 'directory', 'dir_path']);
  if (new Set(nodes.map(normalText)).size > 1 || own.length > 1) return undefined;
  const command = node?.kind === 'string' ? node.value : node?.kind === 'array' ? joined(node.items) : undefined;
  if (command === undefined || isSteered(input)) return undefined;
  const place = placeIn(own[0] ?? cwd ?? root ?? '.', root, cwd);
  return of('shell', {
    command: insideOf(command, root),
    ...(place === '.' ? {} : { cwd: place }),
    ...(says(input, background) ? { background: true } : {}),
    ...(says(input, unsandboxed) ? { unsandboxed: true } : {}),
  });
}

/** Members of clients' shells, and the value that means it. */
const background = {
  ...{ run_in_background: true, is_background: true, isBackground: true, background: true, detach: true },
  mode: 'async',
};
const unsandboxed = {
  ...{ dangerouslyDisableSandbox: true, with_escalated_permissions: true, elevated: true },
  ...{ sandbox_permissions: 'require_escalated', host: 'gateway' },
};

function says(input: JsonObject, flags: Readonly<Record<string, boolean | string>>): boolean {
  return Object.entries(flags).some(([name, meant]) => {
    const node = input.members.get(name);
    return (node?.kind === 'boolean' || node?.kind === 'string') && node.value === meant;
  });
}

/** With what, where and with which words a command is run, or what is typed in its place: what policy does not see. */
const steering: Readonly<Record<string, RegExp | undefined>> = {
  shell: /^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh$/,
  host: /^(?:auto|sandbox|gateway)$/,
  ...{ node: undefined, env: undefined, args: undefined, data: undefined, stdin: undefined },
};

function isSteered(input: JsonObject): boolean {
  return Object.entries(steering).some(([name, usual]) => {
    const node = input.members.get(name);
    if (node === undefined || node.kind === 'null') return false;
    if (node.kind === 'string') return node.value !== '' && !usual?.test(node.value);
    return node.kind === 'array' ? node.items.length > 0 : node.kind !== 'object' || node.members.size > 0;
  });
}

function search(query: string | undefined, paths: readonly string[]): ClientAct {
  const [path, ...others] = new Set(paths);
  const place = path === undefined ? {} : others.length === 0 ? { path } : { paths: [path, ...others] };
  return of('search', { ...(query === undefined ? {} : { query }), ...place });
}

/** Of patterns for the names of files those that are paths of their own. */
function patternsOutside(input: JsonObject, { root, cwd }: Standing): string[] {
  const leading = allTexts(input, queryNames).filter(text =>
    /^[~/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(bareOf(text)),
  );
  return leading.map(pattern => placeIn(pattern, root, cwd));
}

/** `bash -lc TEXT` as agents write it, or words that a shell reads back unchanged. */
function joined(items: readonly JsonNode[]): string | undefined {
  const words = items.flatMap(item => (item.kind === 'string' ? [item.value] : []));
  if (words.length === 0 || words.length !== items.length) return undefined;
  if (
    words.length === 3 &&
    /^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh$/.test(words[0] ?? '') &&
    /^-l?c$/.test(words[1] ?? '')
  )
    return words[2];
  return words.map(quotedWord).join(' ');
}

/** The folder of the session itself, wherever a command spells it out, is `.`: what is left absolute leads out of it. */
function insideOf(command: string, root: string | undefined): string {
  if (root === undefined || root.length < 2 || !/^[\w./@+-]+$/.test(root)) return command;
  return command.replace(new RegExp(`(?<![\\w./~-])${root.replace(/[.+]/g, '\\$&')}(?=[/\\s"';|&)]|$)`, 'g'), '.');
}

/** OpenAI's patch format: files are named in lines of their own, which its readers take indented as well. */
function patch(input: JsonObject, standing: Standing): ClientAct | undefined {
  const text = joinedTexts(input, ['command', 'input', 'patch', 'patchText', 'diff', 'explanation'], '\n') ?? '';
  const lines = text.split('\n');
  const files = lines.flatMap(line => {
    const [, name] = /^\s*\*\*\* (?:Add File|Update File|Delete File|Move to):(.+)$/s.exec(line) ?? [];
    return name === undefined ? [] : [placeIn(name.trim(), standing.root, standing.cwd)];
  });
  if (files.length === 0) return undefined;
  const added = lines.flatMap(line => (line.startsWith('+') ? [line.slice(1)] : []));
  return of('edit', { paths: [...new Set(files)], content: added.join('\n') });
}

/** All that would be written: one text, or those of several changes. */
function textsIn(input: JsonObject): string | undefined {
  const whole = joinedTexts(input, textNames, '\n');
  const lists = ['edits', 'changes', 'replacements'].map(name => input.members.get(name));
  const parts = lists.flatMap(list => (list?.kind === 'array' ? list.items : []));
  const texts = parts.flatMap(part => (part.kind === 'object' ? allTexts(part, textNames) : []));
  if (whole === undefined && texts.length === 0) return undefined;
  return [...(whole === undefined ? [] : [whole]), ...texts].join('\n');
}

function pathsIn(input: JsonObject, { root, cwd }: Standing): string[] {
  const lists = listNames.map(name => input.members.get(name));
  const parts = lists.flatMap(list => (list?.kind === 'array' ? list.items : (list ?? [])));
  const paths = parts.flatMap(part =>
    part.kind === 'string' ? [part.value] : part.kind === 'object' ? allTexts(part, pathNames) : [],
  );
  return [...new Set(paths.map(path => placeIn(path, root, cwd)))];
}

function namedPaths(input: JsonObject, { root, cwd }: Standing): string[] {
  return [...new Set(allTexts(input, pathNames).map(path => placeIn(path, root, cwd)))];
}

function joinedTexts(input: JsonObject, candidates: readonly string[], between: string): string | undefined {
  const texts = allTexts(input, candidates);
  return texts.length === 0 ? undefined : texts.join(between);
}

/** Each text once, under whichever of the names, alone or in a list. */
function allTexts(input: JsonObject, candidates: readonly string[]): string[] {
  const nodes = candidates.flatMap(name => {
    const node = input.members.get(name);
    return node?.kind === 'array' ? node.items : (node ?? []);
  });
  return [...new Set(nodes.flatMap(node => (node?.kind === 'string' ? [node.value] : [])))];
}

function textIn(input: JsonObject, candidates: readonly string[]): string | undefined {
  for (const name of candidates) {
    const node = input.members.get(name);
    if (node?.kind === 'string') return node.value;
  }
  return undefined;
}

function of(
  name: WorkspaceTool,
  members: Readonly<Record<string, string | boolean | readonly string[]>>,
): ClientAct & { kind: 'tool' } {
  const nodes = Object.entries(members).map(([key, value]): [string, JsonNode] => [key, nodeOf(value)]);
  return { kind: 'tool', name, input: { kind: 'object', members: new Map(nodes) } };
}

function nodeOf(value: string | boolean | readonly string[]): JsonNode {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  return { kind: 'array', items: value.map(nodeOf) };
}
