import type { Answer } from '@sallyport/core/model/decision.ts';
import { callJsonLimits, type JsonObject, parseJson } from '@sallyport/core/model/json.ts';
import { type Label, plainLabels } from '@sallyport/core/model/label.ts';
import { riskScoreMax } from '@sallyport/core/model/risk.ts';
import { type Sensitivity, sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import { type Opener, openers, taskKindPattern } from '@sallyport/core/model/task.ts';
import { type ActionClass, actionClasses } from '@sallyport/core/model/tool.ts';
import { type Backing, backingsBestFirst } from '@sallyport/core/model/way.ts';
import { type Outsiders, outsidersLeastFirst } from '@sallyport/core/provenance/flow/outsiders.ts';
import type { Asked } from '@sallyport/core/purpose/asked.ts';
import { isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { PolicyProblem } from '../engines/cedar/problem.ts';
import { ConfigError, Fields } from '../yaml/fields.ts';

/** One row of a `*.test.yaml` file: who would do what, in which task, after what, and the answer that is expected. */
export interface PolicyCase {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly what: CaseTool;
  readonly agent: CaseAgent;
  readonly task: CaseTask;
  /** Of the task. */
  readonly labels: readonly Label[];
  readonly flow: CaseFlow;
  readonly approved: boolean;
  readonly risk: number;
  readonly now: number;
  /** What the clock on the wall shows. */
  readonly local: number;
  readonly answer: Answer;
  /** Each must be among the reasons. */
  readonly rules: readonly string[];
}

export type CaseTool =
  /** A tool of the catalogue, with arguments. */
  | { readonly kind: 'tool'; readonly server: string; readonly name: string; readonly input: JsonObject }
  /** Any tool of exactly these classes. Arguments are only read in: no policy can name them. */
  | {
      readonly kind: 'classes';
      readonly classes: readonly ActionClass[];
      readonly segment: string;
      /** It is something that a coding client does by itself. */
      readonly workspace: boolean;
      readonly input: JsonObject;
    };

export interface CaseAgent {
  readonly id: string;
  readonly classes: readonly string[];
  readonly team: string | undefined;
  readonly owner: string | undefined;
  readonly shared: boolean;
  readonly vendor: boolean;
  readonly trust: number;
  readonly proof: 'bearer' | 'local-entry';
}

export interface CaseTask {
  readonly kind: string;
  readonly opener: Opener;
  /** `names`: the manifest names the tool; `omits`: there is one, without the tool; `none`: not stated. */
  readonly manifest: 'names' | 'omits' | 'none';
  readonly principal: string;
  readonly ageSeconds: number;
  readonly calls: number;
  readonly spendCents: number;
  /** Undefined: what the configuration says that the call costs. */
  readonly costCents: number | undefined;
  readonly depth: number;
  readonly ceiling: Sensitivity;
  /** The tool lies in a segment that the task does not work in. */
  readonly crossesSegment: boolean;
}

/** What stands for the principal's words and the ways of values; what is left out asks for nothing and has no values. */
export interface CaseFlow {
  /** Undefined: no words of a principal are known. */
  readonly asked: Asked | 'delegated' | undefined;
  readonly destinations: Backing;
  readonly objects: Backing;
  readonly amounts: Backing;
  readonly commands: Backing;
  readonly contents: Backing;
  readonly told: boolean;
  readonly secret: boolean;
  readonly elsewhere: boolean;
  readonly strayed: boolean;
  /** How sensitive the result is labelled; undefined: nobody said. */
  readonly yields: Sensitivity | undefined;
  /** How sensitive what the arguments hold of what was read is labelled; undefined: nothing was found. */
  readonly leaving: Sensitivity | undefined;
  /** Whether somebody would get to see what they may not. */
  readonly outsiders: Outsiders;
}

const casesMax = 10_000;

/** Reads a test file strictly: a misspelt field must not make a case that tests nothing. */
export function readPolicyCases(
  file: string,
  text: string,
): { readonly cases: readonly PolicyCase[]; readonly problems: readonly PolicyProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, version: '1.2' });
  const lineOf = (node: Node | null | undefined): number => lines.linePos(node?.range?.[0] ?? 0).line;
  const problems: PolicyProblem[] = [];
  const say = (line: number, message: string): void => void problems.push({ file, line, message });
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) {
    say(lines.linePos(first.pos[0]).line, first.message.split('\n', 1)[0] ?? 'is not valid YAML');
    return { cases: [], problems };
  }
  const list = isMap(document.contents) ? document.contents.get('cases', true) : undefined;
  const others = isMap(document.contents) ? document.contents.items.length - 1 : 0;
  if (!isSeq(list) || others > 0) {
    say(1, 'a policy test file holds one list, `cases`');
    return { cases: [], problems };
  }
  if (list.items.length > casesMax) say(1, `it holds more than ${casesMax} cases`);
  const cases = list.items.slice(0, casesMax).flatMap((item, index) => {
    const node = item as Node;
    const fault = (at: Node | null | undefined, path: string, problem: string): ConfigError => {
      say(lineOf(at ?? node), `\`${path}\` ${problem}`);
      return new ConfigError('told');
    };
    try {
      return [readCase(new Fields(fault, node, `cases[${index}]`), node, file, lineOf(node))];
    } catch (thrown) {
      if (thrown instanceof ConfigError) return [];
      throw thrown;
    }
  });
  return { cases, problems };
}

function readCase(fields: Fields, node: Node, file: string, line: number): PolicyCase {
  const name = fields.required('name');
  const answer = fields.oneOf('answer', ['permit', 'ask', 'deny']);
  if (answer === undefined) throw fields.wrong('answer', 'is required: permit, ask or deny');
  const now = instantOf(fields, 'now', 'Z') ?? Date.UTC(2030, 0, 1);
  const row: PolicyCase = {
    file,
    line,
    name,
    what: readTool(fields, node),
    agent: readAgent(fields.fields('agent')),
    task: readTask(fields),
    labels: readLabels(fields),
    flow: readFlow(fields),
    approved: fields.boolean('approved') ?? false,
    risk: fields.integer('risk', 0, riskScoreMax) ?? 0,
    now,
    local: instantOf(fields, 'local', '') ?? now,
    answer,
    rules: rulesOf(fields, node),
  };
  fields.done();
  return row;
}

/** `zone`: what stands behind the time. A clock on a wall shows none. */
function instantOf(fields: Fields, name: string, zone: 'Z' | ''): number | undefined {
  const text = fields.string(name);
  if (text === undefined) return undefined;
  const isLocal = text.includes('T') && !/(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const at = zone === 'Z' ? Date.parse(text) : isLocal ? Date.parse(`${text}Z`) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  const why = zone === 'Z' ? 'a date' : 'a date and time without a zone,';
  throw fields.wrong(name, `is not ${why} such as "2030-01-01T12:00:00${zone}"`);
}

/** `untrusted: true` is the short word for the label that most cases are about. */
function readLabels(fields: Fields): Label[] {
  const named = fields.strings('labels') ?? [];
  const unknown = named.find(label => !(plainLabels as readonly string[]).includes(label) && !/^tenant:./.test(label));
  if (unknown !== undefined)
    throw fields.wrong(
      'labels',
      `has \`${unknown}\`, which is none of ${plainLabels.join(', ')} and no \`tenant:NAME\``,
    );
  return [...(fields.boolean('untrusted') === true ? (['untrusted'] as const) : []), ...(named as Label[])];
}

function readFlow(fields: Fields): CaseFlow {
  const backing = (name: string): Backing => fields.oneOf(name, backingsBestFirst) ?? 'principal';
  return {
    asked: fields.oneOf('asked', ['asked', 'delegated', 'related', 'no']),
    destinations: backing('destinations'),
    objects: backing('objects'),
    amounts: backing('amounts'),
    commands: backing('commands'),
    contents: backing('contents'),
    told: fields.boolean('told') ?? false,
    secret: fields.boolean('secret') ?? false,
    elsewhere: fields.boolean('elsewhere') ?? false,
    strayed: fields.boolean('strayed') ?? false,
    yields: fields.oneOf('yields', sensitivitiesLowestFirst),
    leaving: fields.oneOf('leaving', sensitivitiesLowestFirst),
    outsiders: fields.oneOf('outsiders', outsidersLeastFirst) ?? 'none',
  };
}

function readTool(fields: Fields, node: Node): CaseTool {
  const tool = fields.string('tool');
  const classes = fields.strings('classes');
  if ((tool === undefined) === (classes === undefined))
    throw fields.wrong('tool', 'or `classes` must be given, and not both');
  const input = inputOf(fields, node);
  if (tool === undefined) {
    const known = (classes ?? []).filter((word): word is ActionClass =>
      (actionClasses as readonly string[]).includes(word),
    );
    if (known.length === 0 || known.length !== classes?.length)
      throw fields.wrong('classes', `must be some of ${actionClasses.join(', ')}`);
    const ordered = actionClasses.filter(word => known.includes(word));
    const workspace = fields.boolean('workspace') ?? false;
    return { kind: 'classes', classes: ordered, segment: fields.string('segment') ?? 'any', workspace, input };
  }
  const slash = tool.indexOf('/');
  if (slash < 1) throw fields.wrong('tool', 'must be `server/name`');
  return { kind: 'tool', server: tool.slice(0, slash), name: tool.slice(slash + 1), input };
}

function inputOf(fields: Fields, node: Node): JsonObject {
  const input = fields.has('input') && isMap(node) ? node.toJSON()?.input : undefined;
  const parsed = parseJson(typeof input === 'string' ? input : JSON.stringify(input ?? {}), callJsonLimits);
  if (!parsed.ok) throw fields.wrong('input', parsed.fault.message);
  if (parsed.node.kind !== 'object') throw fields.wrong('input', 'must be a mapping of argument names to values');
  return parsed.node;
}

function readAgent(fields: Fields): CaseAgent {
  const agent: CaseAgent = {
    id: fields.string('id') ?? 'agent',
    classes: fields.strings('classes') ?? [],
    team: fields.string('team'),
    owner: fields.string('owner'),
    shared: fields.boolean('shared') ?? false,
    vendor: fields.boolean('vendor') ?? false,
    trust: fields.integer('trust', 0, 3) ?? 2,
    proof: fields.oneOf('proof', ['bearer', 'local-entry']) ?? 'bearer',
  };
  fields.done();
  return agent;
}

function readTask(fields: Fields): CaseTask {
  const manifest = fields.oneOf('manifest', ['names', 'omits', 'none']) ?? 'none';
  const kind = fields.string('task') ?? (manifest === 'none' ? 'ambient' : 'opened');
  if (!taskKindPattern.test(kind)) throw fields.wrong('task', 'must be ambient, opened or the name of a kind of task');
  const opener = fields.oneOf('opener', openers) ?? (kind === 'ambient' ? 'gateway' : 'operator');
  if (manifest !== 'none' && (kind === 'ambient' || opener === 'claimed'))
    throw fields.wrong('manifest', 'counts only in a task that somebody other than the agent opened');
  return {
    kind,
    opener,
    manifest,
    principal: fields.string('principal') ?? 'user:test',
    ageSeconds: fields.integer('ageSeconds', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    calls: fields.integer('calls', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    spendCents: fields.integer('spendCents', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    costCents: fields.integer('costCents', 0, Number.MAX_SAFE_INTEGER),
    depth: fields.integer('depth', 0, 100) ?? 0,
    ceiling: fields.oneOf('ceiling', sensitivitiesLowestFirst) ?? 'secret',
    crossesSegment: fields.boolean('crossesSegment') ?? false,
  };
}

/** `rule: id` or `rule: [id, id]`. */
function rulesOf(fields: Fields, node: Node): readonly string[] {
  if (!fields.has('rule')) return [];
  const rule = isMap(node) ? node.get('rule', true) : undefined;
  return isSeq(rule) ? (fields.strings('rule') ?? []) : [fields.required('rule')];
}
