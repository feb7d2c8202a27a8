import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** One row of `scenarios/protocol/*.yaml`: bytes that arrive, and what must come of them. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Why the row cannot apply here (yet). Such a row has nothing else. */
  readonly na?: string;
  /** Raw bytes on a TCP connection. */
  readonly raw?: string;
  readonly post?: Post;
  /** Bytes on the stdio socket, after the hello. */
  readonly stdio?: string;
  /** Replaces the hello of a stdio scenario. */
  readonly hello?: string;
  /** What the fake upstream answers: JSON text of a result. */
  readonly upstream?: string;
  /** What it says before: `params` of progress notices. */
  readonly notices?: readonly string[];
  readonly expect?: Expectation;
}

/** A POST that is in order but for what the scenario says. */
export interface Post {
  readonly path?: string;
  readonly era?: 'modern' | 'legacy';
  /** Values of `Mcp-Method` and `Mcp-Name`. */
  readonly method?: string;
  readonly name?: string;
  /** Added or replaced; null removes. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body: string;
}

export interface Expectation {
  readonly status?: number;
  /** JSON-RPC code, or `error.code` of a plain HTTP refusal. */
  readonly code?: number | string;
  readonly field?: string;
  /** Code of the refusal that a `tools/call` result or an error carries. */
  readonly refusal?: string;
  /** Exactly what reached the upstream; nothing, where it is not said. */
  readonly upstream?: readonly string[];
  readonly contains?: readonly string[];
  readonly absent?: readonly string[];
  /** How many responses the connection carried, or lines the daemon wrote. */
  readonly answers?: number;
  /** For stdio: code and field of each line in turn. */
  readonly lines?: readonly { readonly id?: unknown; readonly code?: number; readonly field?: string }[];
  readonly events?: number;
  readonly millisMax?: number;
}

const scenarioKeys = new Set(['id', 'title', 'na', 'raw', 'post', 'stdio', 'hello', 'upstream', 'notices', 'expect']);
const expectationKeys = new Set(
  'status code field refusal upstream contains absent answers lines events millisMax'.split(' '),
);

/** Every scenario of a folder. A misspelt key would make a scenario that tests nothing, so it is an error. */
export function readScenarios(folder: URL): { readonly file: string; readonly scenarios: readonly Scenario[] }[] {
  return readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(file => ({ file, scenarios: checked(file, parse(readFileSync(new URL(file, folder), 'utf8'))) }));
}

function checked(file: string, scenarios: readonly Scenario[]): readonly Scenario[] {
  for (const scenario of scenarios) {
    const wrong =
      Object.keys(scenario).find(key => !scenarioKeys.has(key)) ??
      Object.keys(scenario.expect ?? {}).find(key => !expectationKeys.has(key));
    const name = `${file}: ${scenario.id} ${scenario.title}`;
    if (wrong !== undefined) throw new Error(`${name}: unknown key ${wrong}`);
    const actions = [scenario.raw, scenario.post, scenario.stdio].filter(action => action !== undefined).length;
    if (scenario.na === undefined ? actions !== 1 || scenario.expect === undefined : actions !== 0)
      throw new Error(`${name}: a scenario has one of raw, post and stdio with an expectation, or says why not (na)`);
  }
  return scenarios;
}
