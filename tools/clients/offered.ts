import { actOf } from '@sallyport/gateway/transports/hook/acts.ts';
import { jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import type { Json } from './wire/wire.ts';

/** The arguments of a tool, each as JSON Schema. */
export type Takes = Readonly<Record<string, Json>>;

/** What a client offers to its model. */
export type Offered = ReadonlyMap<string, Takes>;

/** The tools in a request, whichever protocol it speaks. */
export function offeredIn(tools: Json): [string, Takes][] {
  if (Array.isArray(tools)) return tools.flatMap(offeredIn);
  const tool = tools?.function ?? tools;
  const inner = tool?.functionDeclarations ?? tool?.tools;
  if (inner !== undefined) return offeredIn(inner);
  const schema = tool?.input_schema ?? tool?.parameters ?? tool?.parametersJsonSchema;
  return typeof tool?.name === 'string' ? [[tool.name, schema?.properties ?? {}]] : [];
}

/** What a tool is called with, to see what it comes down to. */
const usual: Readonly<Record<string, string>> = {
  ...{
    command: 'ls',
    cmd: 'ls',
    pattern: 'day',
    query: 'day',
    url: 'https://docs.example/',
    prompt: 'https://docs.example/',
  },
  ...{ path: 'a.ts', file_path: 'a.ts', filePath: 'a.ts', notebook_path: 'a.ts', content: 'x', file_text: 'x' },
  ...{ new_string: 'x', newString: 'x', new_str: 'x', new_source: 'x', input: '*** Add File: a.ts\n+x' },
};

/** Words about a call, how much of something, how long, and what stood there before: nothing that policy decides by. */
const aside = new Set(
  `description explanation justification title timeout timeout_ms timeoutSeconds yield_time_ms yieldMs initial_wait delay_ms
  max_output_tokens head_limit limit offset after cursor count pages view_range start_line end_line maxChars max_tokens
  max_tokens_per_page total_max_matches max_matches_per_file allow_large forceReadLargeFiles optional names_only output_mode
  old_string oldString old_str replace_all replaceAll allow_multiple instruction cell_id cell_type edit_mode
  tty pty login shellId prefix_rule ask wait_for_previous action sessionId cols rows format extractMode
  glob include include_pattern exclude_pattern ignore type multiline -i -A -B -C -n case_sensitive respect_git_ignore
  respect_gemini_ignore file_filtering_options allowed_domains blocked_domains domain_filter country language freshness
  date_after date_before search_lang ui_lang`.split(/\s+/),
);

const decided: ReadonlySet<string> = new Set([
  'shell',
  'read',
  'search',
  'write',
  'edit',
  'delete',
  'fetch',
  'web-search',
]);

/** `exec_command.shell`: arguments of tools that are known, of which nobody has said that they change nothing, and that change nothing. */
export function unreadOf(offered: Offered): string[] {
  return [...offered].flatMap(([tool, properties]) => {
    const names = Object.keys(properties);
    const plain = Object.fromEntries(names.flatMap(name => (name in usual ? [[name, usual[name]]] : [])));
    const seen = (input: object): string =>
      JSON.stringify(actOf(tool, jsonObject(JSON.stringify(input)), standing), mapsToo);
    if (!decided.has((JSON.parse(seen(plain)) as { name?: string }).name ?? '')) return [];
    const changes = (name: string): boolean =>
      probesOf(properties[name]).some(probe => seen({ ...plain, [name]: probe }) !== seen(plain));
    return names.filter(name => !aside.has(name) && !changes(name)).map(name => `${tool}.${name}`);
  });
}

const standing = { root: '/home/emma/shop', cwd: '/home/emma/shop' };

/** Something that is not usual, of every type: what is read of an argument shows in one of them. */
function probesOf(schema: Json): unknown[] {
  return [
    true,
    '/etc/probe',
    'https://probe.example/',
    ['/etc/probe'],
    { a: 'probe' },
    [{ path: '/etc/probe', newText: 'probe' }],
    ...(schema?.enum ?? []),
  ];
}

function mapsToo(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
