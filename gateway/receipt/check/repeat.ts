import { type Again, type AgainReason, decideAgain } from './decide-again.ts';
import { actorsIn, agentIn, type Facts, factsOf, missingFor } from './facts.ts';
import type { Look } from './looks-at.ts';
import { membersOf } from './members.ts';
import { couldApply } from './other-scopes.ts';
import type { RecordedDecision } from './recorded.ts';
import type { ShownTool, ShownWorld } from './shown.ts';
import type { ShownBody } from './shown-body.ts';
import { readPolicies, sliceFor } from './slice.ts';

/** What came of deciding again. */
export type Repeated =
  /** Cedar gives the same answer with the same reasons; `again` also says what a permit demands, or whom a question goes to. */
  | {
      readonly kind: 'same';
      readonly again: Again;
      /** Who delegated to the agent or asked it, nearest first. */
      readonly actors: readonly string[];
      readonly policies: number;
      readonly policiesInAll: number;
      readonly looked: readonly string[];
    }
  /** It does not. */
  | { readonly kind: 'other'; readonly again: Again }
  /** It could not be asked; `missing` names facts that would have to be shown. */
  | { readonly kind: 'not-asked'; readonly why: string; readonly missing: readonly string[] };

export interface Bodies {
  readonly request: ShownBody | undefined;
  readonly arguments: ShownBody | undefined;
}

/** Rules of the gateway's own: they look at what happens at the same moment, which no policy sees. */
const noPolicys: ReadonlySet<string> = new Set([
  'policy-error',
  'approval-used',
  'segment-taken',
  'too-many-wait',
  'builds-on-a-refusal',
  'unseen-value-decides',
  'gateways-own-files',
]);

/** Decides again what was decided, with what is shown. A string is a fault of the file: it shows less than it has to. */
export function repeated(decision: RecordedDecision, world: ShownWorld | undefined, bodies: Bodies): Repeated | string {
  if (world === undefined) return notAsked('the policies that were in force are not in it');
  const { method, reasons } = decision;
  const tool = world.tools.find(({ server, name }) => server === decision.server && name === decision.tool);
  if (tool === undefined) return 'the tool that was called is not shown';
  if (tool.pin !== decision.pin || tool.classes.join() !== decision.classes.join())
    return 'the tool shown is not the one that was called';
  if (world.otherScopes.some(scope => couldApply(scope, tool))) return 'a policy that could have applied is not shown';
  const fault = reasons.find(({ rule }) => noPolicys.has(rule));
  if (fault !== undefined) return notAsked(`it was refused for a reason that no policy gives (${fault.rule})`);
  if (tool.status === 'quarantined' || reasons.some(({ rule }) => rule === 'quarantined'))
    return quarantined(decision, tool, world);
  if (tool.context === null) return notAsked('the type of its arguments is not in it');
  return asked(decision, world, tool, factsOf(bodies.request, bodies.arguments, method));
}

function asked(decision: RecordedDecision, world: ShownWorld, tool: ShownTool, facts: Facts): Repeated | string {
  const [agent, chain] = [agentIn(facts), actorsIn(facts)];
  if (agent !== undefined && agent.id !== decision.agent) return 'the agent shown is not the one of the entry';
  const all = readPolicies(world.policies);
  const agents = agent === undefined ? undefined : [agent, ...(chain ?? [])];
  const policies =
    agents === undefined ? all : all.filter(one => agents.some(each => sliceFor([one], each).length > 0));
  const looks = policies.flatMap(policy => policy.looks);
  const missing = missingFor(looks, facts);
  if (agent === undefined || missing.length > 0) {
    const behind = chain === undefined && facts.kinds !== undefined ? ['actors'] : [];
    const whose = agent === undefined ? ['agent'] : [];
    return notAsked('facts that its policies look at are not shown', [...behind, ...whose, ...missing].sort());
  }
  if (holdsMarker(looks, facts))
    return notAsked('a fact that its policies look at was a secret, and is not in the record');
  const actors = chain ?? [];
  const again = decideAgain({ policies, facts, tool, agent, actors, approved: decision.approved });
  // Who stands behind an agent can only take away: that it may not do this itself needs none of them.
  if (chain === undefined && again.answer !== 'deny')
    return notAsked('who stands behind the agent is not shown, and is decided about as well', ['actors']);
  if (!isSame(again, decision)) return { kind: 'other', again };
  const looked = [...new Set(looks.map(({ path }) => path.join('.')))].sort();
  return same(again, world, { actors: actors.map(({ id }) => id), looked });
}

function same(
  again: Again,
  { policies, policiesInAll }: ShownWorld,
  { actors, looked }: { readonly actors: readonly string[]; readonly looked: readonly string[] },
): Repeated {
  return { kind: 'same', again, actors, policies: policies.length, policiesInAll, looked };
}

function isSame({ answer, reasons }: Again, decision: RecordedDecision): boolean {
  const [said, recorded] = [reasons, decision.reasons].map(all => JSON.stringify(all.map(ordered)));
  return answer === decision.answer && said === recorded;
}

/** A tool that nobody accepted is a deny before any policy is asked; in which words is the gateway's. */
function quarantined({ answer, reasons }: RecordedDecision, { status }: ShownTool, world: ShownWorld): Repeated {
  if (status !== 'quarantined') return { kind: 'other', again: { answer: 'permit', reasons: [] } };
  const isSaid = answer === 'deny' && reasons.every(({ rule }) => rule === 'quarantined');
  const words = isSaid ? reasons : [{ rule: 'quarantined', text: 'nobody has accepted its definition' }];
  const again: Again = { answer: 'deny', reasons: words };
  if (!isSaid) return { kind: 'other', again };
  return same(again, world, { actors: [], looked: [] });
}

function ordered({ rule, text, fix }: AgainReason): readonly unknown[] {
  return [rule, text, fix ?? null];
}

function notAsked(why: string, missing: readonly string[] = []): Repeated {
  return { kind: 'not-asked', why, missing };
}

/** What is kept of a secret is a marker: to a policy it is another value. */
function holdsMarker(looks: readonly Look[], { gathered, input }: Facts): boolean {
  const looked = looks.map(({ path: [kind = '', ...path] }) =>
    kind === 'input' ? (path[0] === undefined ? input : input[path[0]]) : within(gathered.get(kind), path),
  );
  return looked.some(value => JSON.stringify(value)?.includes('[redacted ') ?? false);
}

function within(fact: unknown, path: readonly string[]): unknown {
  return path.reduce((value, step) => membersOf(value)[step], fact);
}
