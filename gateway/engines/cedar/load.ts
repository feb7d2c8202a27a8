import { createHash } from 'node:crypto';
import { languagesOf } from '@sallyport/core/facts/arguments.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { type PolicySchema, policySchema } from '@sallyport/core/policy/schema.ts';
import { loadNumberBooks, loadSqlGrammar } from '../../facts/readers.ts';
import { CedarEngine } from './engine.ts';
import type { Examined, Finding } from './examine.ts';
import { examineApart, type Reading, sendAhead } from './examine-apart.ts';
import { soundCedar } from './instance.ts';
import { lintAnnotations, lintUnique, warnIdleTerms } from './lint-annotations.ts';
import { lintApproval } from './lint-approval.ts';
import { lintLoosening } from './lint-loosening.ts';
import { lintVisible } from './lint-visible.ts';
import { loadedPolicy, type ParsedPolicy, problemAt, readPolicy } from './parsed.ts';
import { plainly } from './plainly.ts';
import type { LoadedPolicy } from './policy.ts';
import { type PolicySource, type PolicyText, splitPolicies, withoutScope } from './policy-text.ts';
import type { PolicyProblem } from './problem.ts';
import { warnIdle } from './warn-idle.ts';

export interface LoadOrder {
  readonly sources: readonly PolicySource[];
  readonly catalogue: Catalogue;
  /** The configured agents, if they are known: a scope that matches none of them is then a warning. */
  readonly agents?: readonly Agent[];
  /** What the same texts were found to be against the same catalogue before: they are not read again. */
  readonly findings?: readonly Finding[];
}

export type Loaded =
  | {
      readonly ok: true;
      readonly engine: CedarEngine;
      /** SHA-256 of file names and texts, base64url. */
      readonly digest: string;
      readonly warnings: readonly PolicyProblem[];
      readonly set: PolicySet;
      readonly findings: readonly Finding[];
    }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[]; readonly warnings: readonly PolicyProblem[] };

/** A set that has passed every check against one catalogue. */
export interface PolicySet {
  readonly policies: readonly LoadedPolicy[];
  readonly schema: PolicySchema;
}

/**
 * Reads a candidate policy set against a catalogue: all of it, or nothing and every reason why not (E-7, E-9).
 *
 * The set is cut, parsed and validated where it can do no harm, then held against what Sallyport asks beyond Cedar;
 * only then is an engine of its own made for it. Nothing that serves now is touched: swapping is the caller's.
 */
export async function loadPolicies({ sources, catalogue, agents, findings: known }: LoadOrder): Promise<Loaded> {
  const schema = policySchema(catalogue);
  const cut = sources.map(splitPolicies);
  const texts = cut.flatMap(({ policies }) => policies);
  const problems = cut.flatMap(part => part.problems);
  const { sent, findings: reading } = known === undefined ? examined(texts, schema, problems) : already(known);
  await sent;
  // Made while the other process reads.
  const first = soundCedar();
  const findings = await reading;

  const read = texts.map((text, index) => readPolicy(text, findings[index] ?? unread, schema));
  const parsed = read.filter(policy => policy !== undefined);
  problems.push(...texts.flatMap((place, index) => verdictOf(place, findings[index] ?? unread, read[index])));
  problems.push(...lintUnique(parsed));
  problems.push(...wholeSetProblems(sources, texts, parsed, problems));
  const warnings = [
    ...parsed.flatMap(policy => [...warnIdle(policy, schema, agents), ...warnIdleTerms(policy)]),
    ...texts.flatMap((place, index) => neverTrue(place, findings[index] ?? unread, read[index])),
  ];
  if (problems.length > 0) return { ok: false, problems: inOrder(problems), warnings: inOrder(warnings) };

  if (sources.some(({ text }) => text.includes('sql')) && takesSql(catalogue)) await loadSqlGrammar();
  if (sources.some(({ text }) => looksForPeople.test(text))) await loadNumberBooks();
  const policies = parsed.map(loadedPolicy);
  const engine = new CedarEngine({ policies, schema, first });
  engine.takeWhole();
  void engine.warm();
  return {
    ok: true,
    engine,
    digest: digestOf(sources),
    warnings: inOrder(warnings),
    set: { policies, schema },
    findings,
  };
}

/** Has texts read that a set is to be made of, before it is known which tools it is for; nothing where no process waits for them. */
export function readAhead(sources: readonly PolicySource[]): void {
  sendAhead(ordered(sources.map(splitPolicies).flatMap(({ policies }) => policies)));
}

function ordered(texts: readonly PolicyText[]): Examined[] {
  return texts.map(place => ({ text: place.text, unscoped: withoutScope(place) }));
}

/** `context.personal` and obligations to redact; `context.leak.personal` needs no library. */
const looksForPeople = /(?<!leak\.)personal|redact/;

/** Whether some tool takes SQL. Words of policies and schemas decide generously: a grammar too many only takes memory. */
function takesSql(catalogue: Catalogue): boolean {
  const tools = [...catalogue.servers.values()].flatMap(server => [...server.tools.values()]);
  return tools.some(tool => [...languagesOf(tool.definition).values()].includes('sql'));
}

const unread: Finding = { json: undefined, errors: [], warnings: [] };

function already(findings: readonly Finding[]): Reading {
  return { sent: Promise.resolve(), findings: Promise.resolve(findings) };
}

function examined(texts: readonly PolicyText[], schema: PolicySchema, problems: PolicyProblem[]): Reading {
  if (texts.length === 0) return already([]);
  const { sent, findings } = examineApart(ordered(texts), schema.cedar);
  const read = findings.catch(() => {
    problems.push({
      file: '',
      line: 0,
      message: 'the policy engine could not read this set: it broke, or took too long',
    });
    return [];
  });
  return { sent, findings: read };
}

/** All that is wrong with one policy: what the engine says, then what Sallyport asks beyond that. */
function verdictOf(place: PolicyText, { errors }: Finding, policy: ParsedPolicy | undefined): PolicyProblem[] {
  const unseen = policy === undefined ? [] : lintVisible(policy);
  // Where it is said why an argument is not seen, "not found" would only confuse.
  const said = errors.filter(({ message }) => unseen.length === 0 || !/\bnot found$/.test(message));
  const own =
    policy === undefined ? [] : [...lintAnnotations(policy), ...lintLoosening(policy), ...lintApproval(policy)];
  const plain = said.map(plainly);
  return [...plain.map(({ message, help, offset }) => problemAt(place, message, help, offset)), ...own, ...unseen];
}

function neverTrue(place: PolicyText, { warnings }: Finding, policy: ParsedPolicy | undefined): PolicyProblem[] {
  // What is wrong with it is said as a problem; of a part that is out of sight the engine only knows that it is never true.
  if (policy === undefined || policy.actions.length === 0 || lintVisible(policy).length > 0) return [];
  const impossible = warnings.some(({ message }) => message.startsWith('policy is impossible'));
  return impossible ? [problemAt(place, 'it can never apply: its conditions are false for every call')] : [];
}

/** E-9: no policy, or none that permits, is a mistake and not a wish. */
function wholeSetProblems(
  sources: readonly PolicySource[],
  texts: readonly PolicyText[],
  parsed: readonly ParsedPolicy[],
  problems: readonly PolicyProblem[],
): PolicyProblem[] {
  if (problems.length > 0) return [];
  const file = sources.length === 1 ? (sources[0]?.file ?? '') : '';
  const fix = 'start from `policies/default.cedar`';
  if (texts.length === 0) return [{ file, line: 0, message: 'there is no policy', fix }];
  if (parsed.some(({ effect }) => effect === 'permit')) return [];
  return [{ file, line: 0, message: 'no policy permits anything', fix }];
}

function inOrder(problems: readonly PolicyProblem[]): PolicyProblem[] {
  return [...problems].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
}

function digestOf(sources: readonly PolicySource[]): string {
  const texts = sources.map(({ file, text }) => [file, text]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(`sallyport policies v1\n${JSON.stringify(texts)}`)
    .digest('base64url');
}
