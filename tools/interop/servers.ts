/** Popular MCP servers from npm, and one call to each that needs no account: its answer may be that something is missing. */
export interface Popular {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  /** Which of the package's commands; its only one where absent. */
  readonly bin?: string;
  /** `{folder}` stands for a folder with one text file, `note.txt`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly call: { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> };
  /** The answer is the same each time, so it has to be the same through the gateway. */
  readonly steady?: boolean;
}

const reference = (name: string): string => `@modelcontextprotocol/server-${name}`;

export const popular: readonly Popular[] = [
  {
    id: 'filesystem',
    package: reference('filesystem'),
    version: '2026.8.31',
    args: ['{folder}'],
    call: { tool: 'read_text_file', arguments: { path: '{folder}/note.txt' } },
    steady: true,
  },
  {
    id: 'memory',
    package: reference('memory'),
    version: '2026.8.31',
    env: { MEMORY_FILE_PATH: '{folder}/memory.jsonl' },
    call: { tool: 'read_graph', arguments: {} },
    steady: true,
  },
  {
    id: 'everything',
    package: reference('everything'),
    version: '2026.8.31',
    call: { tool: 'get-sum', arguments: { a: 2, b: 3 } },
    steady: true,
  },
  {
    id: 'sequential-thinking',
    package: reference('sequential-thinking'),
    version: '2026.8.31',
    call: {
      tool: 'sequentialthinking',
      arguments: { thought: 'one', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
    },
    steady: true,
  },
  {
    id: 'github',
    package: reference('github'),
    version: '2025.4.8',
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'none' },
    call: { tool: 'search_repositories', arguments: { query: 'mcp' } },
  },
  {
    id: 'playwright',
    package: '@playwright/mcp',
    version: '0.0.83',
    args: ['--headless', '--isolated'],
    call: { tool: 'browser_close', arguments: {} },
  },
  {
    id: 'chrome-devtools',
    package: 'chrome-devtools-mcp',
    version: '1.11.0',
    bin: 'chrome-devtools-mcp',
    args: ['--headless', '--isolated'],
    call: { tool: 'list_pages', arguments: {} },
  },
  {
    id: 'context7',
    package: '@upstash/context7-mcp',
    version: '4.1.1',
    call: { tool: 'resolve-library-id', arguments: { libraryName: 'react', query: 'hooks' } },
  },
  {
    id: 'notion',
    package: '@notionhq/notion-mcp-server',
    version: '2.5.2',
    env: { NOTION_TOKEN: 'none' },
    call: { tool: 'API-get-self', arguments: {} },
  },
  {
    id: 'tavily',
    package: 'tavily-mcp',
    version: '0.2.22',
    env: { TAVILY_API_KEY: 'none' },
    call: { tool: 'tavily_search', arguments: { query: 'mcp' } },
  },
  {
    id: 'eslint',
    package: '@eslint/mcp',
    version: '0.3.13',
    call: { tool: 'lint-files', arguments: { filePaths: ['{folder}/note.txt'] } },
  },
  {
    id: 'figma',
    package: 'figma-developer-mcp',
    version: '0.13.2',
    args: ['--stdio', '--image-dir', '{folder}'],
    env: { FIGMA_API_KEY: 'none' },
    call: { tool: 'get_figma_data', arguments: { fileKey: 'abc' } },
  },
];
