import type { ApprovalId } from '../model/ids.ts';
import type { Refusal } from '../model/refusal.ts';
import { toolKey } from '../model/tool.ts';
import type { Way } from '../model/way.ts';
import { type Deciding, decidingValues } from '../provenance/deciding.ts';
import { namedToAgent } from '../provenance/named-to-agent.ts';
import { plainName, wordsForAgent } from '../provenance/way-words.ts';
import type { Judged } from './decided.ts';
import type { LinePorts } from './ports.ts';

type Explaining = Pick<LinePorts, 'world' | 'explains'>;

/**
 * What an agent is told of a no: which of its values stand in the way, and what the first rule says. That comes beside it where the rule
 * is about those very values.
 */
export function refusalOf(judged: Judged, code: Refusal['code'], ports: Explaining): Refusal {
  const { decision, action, id } = judged;
  const { ways, rules } = decidingIn(judged, ports);
  const [worst, ...others] = namedToAgent(ways, judged.request.flow.ways);
  const first = decision.reasons[0];
  const what = toolKey(action.server, action.tool.name);
  const base = { code, what, decision: id, ...(first === undefined ? {} : { rule: first.rule }) };
  if (code === 'obligation-unknown')
    return {
      ...base,
      why: 'it is permitted only with an obligation that cannot be met for such a call, or at this door',
    };
  const reason = first?.text ?? (code === 'needs-approval' ? 'policy asks' : 'policy says no');
  const values = worst === undefined ? undefined : valuesText(worst, others);
  const isAboutThem = first !== undefined && rules.includes(first.rule);
  const said =
    values === undefined ? { why: reason } : isAboutThem ? { why: values, reason } : { why: `${values}; ${reason}` };
  if (code === 'needs-approval') return { ...base, ...said, why: `a person has to approve this: ${said.why}` };
  return { ...base, ...said, ...(first?.fix === undefined ? {} : { fix: first.fix }) };
}

/** An approval is of exactly this action: what the agent can do with a yes is to ask for the very same again. */
export function askedOf(judged: Judged, question: ApprovalId, ports: Explaining): Refusal {
  const fix = `once ${question} is approved, send the very same call again`;
  return { ...refusalOf(judged, 'needs-approval', ports), fix };
}

/** No question came of it: it cannot be asked any more, or the door has its own client ask, which needs the very same words. */
export function unasked(judged: Judged, refusal: Refusal, ports: Explaining): Refusal {
  if (refusal.code !== 'needs-approval') return { ...refusal, decision: judged.id };
  const { fix: _, ...said } = refusalOf(judged, 'denied', ports);
  return { ...said, code: refusal.code };
}

const othersNamedMax = 2;

/** Another world than the one it was decided in may have other rules under these names. */
function decidingIn({ request, decision, world }: Judged, ports: Explaining): Deciding {
  const { engine, digest } = ports.world();
  const isOther = digest !== world || decision.answer === 'permit';
  return isOther || ports.explains === false
    ? { ways: [], tried: [], rules: [] }
    : decidingValues(request, decision.reasons, engine);
}

/** The worst in a sentence, a few more by name. */
function valuesText(worst: Way, others: readonly Way[]): string {
  const first = plainName(worst.argument);
  const names = [...new Set(others.map(({ argument }) => plainName(argument)))].filter(name => name !== first);
  const named = names.slice(0, othersNamedMax).join(', ');
  const more = names.length > othersNamedMax ? `${named} and ${names.length - othersNamedMax} more` : named;
  return `${first} ${wordsForAgent(worst)}${more === '' ? '' : ` (as well: ${more})`}`;
}
