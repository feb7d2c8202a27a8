import { checkInput } from '@sallyport/core/mediate/check-input.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { emptyObject, type JsonNode, type JsonObject } from '@sallyport/core/model/json.ts';
import { nearest } from '@sallyport/core/model/nearest.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import { sensitivityRank } from '@sallyport/core/model/sensitivity.ts';
import {
  type ActionClass,
  type Catalogue,
  type CatalogueServer,
  findTool,
  type Tool,
  toolKey,
} from '@sallyport/core/model/tool.ts';
import { backingsBestFirst } from '@sallyport/core/model/way.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import type { FlowFacts, PolicyEngine, PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { policySchema } from '@sallyport/core/policy/schema.ts';
import { flowFacts } from '@sallyport/core/provenance/facts.ts';
import { outsidersLeastFirst } from '@sallyport/core/provenance/flow/outsiders.ts';
import { nothingLooked } from '@sallyport/core/provenance/memories.ts';
import { costOfTool } from '@sallyport/core/task/cost.ts';
import { CedarEngine } from '../engines/cedar/engine.ts';
import type { PolicySet } from '../engines/cedar/load.ts';
import { loadSqlGrammar } from '../facts/readers.ts';
import { workspace } from '../transports/hook/tools.ts';
import type { CaseAgent, CaseTool, PolicyCase } from './policy-case.ts';

export interface CaseResult {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** `skipped`: it is about a server that is not in the catalogue. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly message: string;
}

/** Decides every case with `decide` itself and a real engine; only the tools of `classes` cases are made up. */
export async function runPolicyTests(
  set: PolicySet,
  catalogue: Catalogue,
  cases: readonly PolicyCase[],
): Promise<CaseResult[]> {
  if (cases.some(({ what }) => what.input.members.has('sql'))) await loadSqlGrammar();
  const stage = withStandIns(catalogue, cases);
  const engine = new CedarEngine({ policies: set.policies, schema: policySchema(stage) });
  return cases.map(row => run(row, stage, engine));
}

function run(row: PolicyCase, catalogue: Catalogue, engine: PolicyEngine): CaseResult {
  const place = { file: row.file, line: row.line, name: row.name };
  const found = toolOf(row.what, catalogue);
  if (!('tool' in found)) return { ...place, ...found };
  const { decision } = decide(requestOf(row, found), row.approved, engine);
  const rules = decision.reasons.map(({ rule }) => rule);
  const missing = row.rules.filter(rule => !rules.includes(rule));
  if (decision.answer === row.answer && missing.length === 0) return { ...place, outcome: 'passed', message: '' };
  const wanted = `expected ${row.answer}${row.rules.length === 0 ? '' : ` by ${row.rules.join(', ')}`}`;
  return { ...place, outcome: 'failed', message: `${wanted}; got ${decision.answer} by ${rules.join(', ')}` };
}

interface Meant {
  readonly tool: Tool;
  readonly input: JsonObject;
  /** What it sets aside of its task's money. */
  readonly costCents: number;
}

type Found = Meant | { readonly outcome: 'failed' | 'skipped'; readonly message: string };

function toolOf(what: CaseTool, catalogue: Catalogue): Found {
  if (what.kind === 'classes') {
    const tool = findTool(catalogue, standInServer(what), standInName(what));
    return tool === undefined
      ? { outcome: 'failed', message: 'no stand-in tool' }
      : { tool, input: what.input, costCents: 0 };
  }
  const server = catalogue.servers.get(what.server);
  if (server === undefined)
    return { outcome: 'skipped', message: `the server \`${what.server}\` is not in the catalogue` };
  const tool = server.tools.get(what.name);
  if (tool === undefined) {
    const close = nearest(what.name, server.tools.keys());
    const meant = close === undefined ? '' : `; did you mean \`${what.server}/${close}\`?`;
    return { outcome: 'failed', message: `there is no tool \`${toolKey(what.server, what.name)}\`${meant}` };
  }
  const checked = checkInput(tool, what.input);
  const cost = checked.ok ? costOfTool(tool, checked.value) : checked;
  return checked.ok && cost.ok
    ? { tool, input: checked.value, costCents: cost.value }
    : { outcome: 'failed', message: `the call is refused before policy: ${whyNot(checked, cost)}` };
}

function whyNot(...looks: readonly Checked<unknown>[]): string {
  return looks.flatMap(look => (look.ok ? [] : [look.refusal.why]))[0] ?? '';
}

function requestOf(row: PolicyCase, { tool, input, costCents }: Meant): PolicyRequest {
  const { manifest, opener, ceiling, ...task } = row.task;
  return {
    agent: agentOf(row.agent, task.principal),
    tool,
    input,
    task: {
      ...task,
      costCents: task.costCents ?? costCents,
      openerProof: opener,
      hasManifest: manifest !== 'none',
      inManifest: manifest === 'names',
      hasPurpose: row.flow.asked !== undefined,
      asked: manifest === 'names' || (manifest === 'none' && row.flow.asked === 'asked'),
      related: manifest === 'names' || (manifest === 'none' && ['asked', 'related'].includes(row.flow.asked ?? '')),
      delegated: manifest === 'none' && row.flow.asked === 'delegated',
      ceiling: sensitivityRank(ceiling),
      segments: task.crossesSegment ? ['another'] : [tool.segment],
    },
    flow: flowOf(row),
    env: environmentAt(row.now, row.local),
    risk: { score: row.risk, signals: [] },
  };
}

function flowOf({
  labels,
  flow: { asked: _, told, secret, elsewhere, strayed, yields, leaving, outsiders, ...backings },
}: PolicyCase): FlowFacts {
  const ranks = Object.entries(backings).map(([name, backing]) => [name, backingsBestFirst.indexOf(backing)]);
  const facts = flowFacts(new Set(labels), nothingLooked, yields === undefined ? [] : [yields]);
  const found = leaving === undefined ? 0 : sensitivityRank(leaving);
  return {
    ...facts,
    ...Object.fromEntries(ranks),
    told,
    secret,
    elsewhere,
    strayed,
    leaving: found,
    outsiders: outsidersLeastFirst.indexOf(outsiders),
  };
}

function agentOf(agent: CaseAgent, principal: string): Agent {
  return { ...agent, principal };
}

/** The server of made-up tools; a configured server of this name would hide them, and is not expected. */
const standIns = 'policy-tests';

function standInName({
  classes,
  segment,
}: {
  readonly classes: readonly ActionClass[];
  readonly segment: string;
}): string {
  return `${classes.join('.')}/${segment}`;
}

function standInServer({ workspace: own }: { readonly workspace: boolean }): string {
  return own ? workspace : standIns;
}

function withStandIns(catalogue: Catalogue, cases: readonly PolicyCase[]): Catalogue {
  const servers = new Map(catalogue.servers);
  for (const { what } of cases) {
    if (what.kind !== 'classes') continue;
    const [id, name] = [standInServer(what), standInName(what)];
    const { classes, segment } = what;
    const tool: Tool = {
      ...{ server: id, name, definition: closedDefinition, pin: 'policy-tests', status: { kind: 'pinned' } },
      ...{ classes, segment, trustedResult: false },
    };
    const before = servers.get(id) ?? emptyServer(id);
    servers.set(id, { ...before, tools: new Map([...before.tools, [name, tool]]) });
  }
  return { servers };
}

function emptyServer(id: string): CatalogueServer {
  const nothing = { prompts: [], resourceTemplates: [], instructions: undefined, capabilities: emptyObject };
  return { id, segment: id, tools: new Map(), ...nothing };
}

/** A tool without arguments, whose name leaves no doubt that it changes something. */
const closedDefinition: JsonObject = {
  kind: 'object',
  members: new Map<string, JsonNode>([
    ['name', { kind: 'string', value: 'change' }],
    ['inputSchema', { kind: 'object', members: new Map([['properties', emptyObject]]) }],
  ]),
};
