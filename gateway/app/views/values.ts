import { visible } from '@sallyport/core/catalogue/text.ts';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import { findTool, type Tool } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { type Sink, sinksOf } from '@sallyport/core/provenance/call/sinks.ts';
import { type Deciding, decidingValues, worstFirst } from '@sallyport/core/provenance/deciding.ts';
import { wordsForPeople } from '@sallyport/core/provenance/way-words.ts';
import { type ValueView, valueCharsMax } from '../../api/view/value.ts';
import { isTelling } from '../../api/view/values-left.ts';

const valuesShownMax = 12;

type Facts = Omit<PolicyRequest, 'tool' | 'input'>;

/**
 * The values of a call of which there is doubt, those that stopped it first: for people. What decided is looked for anew, so it is
 * known only in the world that decided; the values are those of the kept arguments, in which what looked like a secret is taken out.
 */
export function valuesOf(
  decided: Pick<Decided, 'principal' | 'action' | 'reasons' | 'answer' | 'world'>,
  facts: Facts | undefined,
  input: JsonObject | undefined,
  world: World,
  decidingOf: (request: PolicyRequest) => Deciding = request => decidingValues(request, decided.reasons, world.engine),
): readonly ValueView[] {
  const doubtful = worstFirst((facts?.flow.ways ?? []).filter(isTelling));
  if (facts === undefined || doubtful.length === 0) return [];
  const found = findTool(world.catalogue, decided.action.server, decided.action.tool);
  const tool = found?.pin === decided.action.pin ? found : undefined;
  const request = tool === undefined || input === undefined ? undefined : { ...facts, tool, input };
  const isInForce = decided.world === world.digest && decided.answer !== 'permit';
  const deciding = request === undefined || !isInForce ? undefined : decidingOf(request);
  const sinks = sinksFor(facts.flow.ways, tool, input);
  const shown = doubtful.map(way => view(way, sinks?.[facts.flow.ways.indexOf(way)], decided, facts, deciding));
  return shown.toSorted((a, b) => Number(b.decides === true) - Number(a.decides === true)).slice(0, valuesShownMax);
}

/** The values themselves stand in no record but the arguments; undefined where those do not fit the ways any more. */
function sinksFor(
  ways: readonly Way[],
  tool: Tool | undefined,
  input: JsonObject | undefined,
): readonly Sink[] | undefined {
  if (tool === undefined || input === undefined) return undefined;
  const { sinks: given, off } = sinksOf(tool, input);
  const sinks = [...given, ...off.filter(({ argument }) => ways.some(way => way.argument === argument))];
  const isSame = sinks.length === ways.length && sinks.every(({ argument }, at) => argument === ways[at]?.argument);
  return isSame ? sinks : undefined;
}

function view(
  way: Way,
  sink: Sink | undefined,
  { principal }: Pick<Decided, 'principal'>,
  { task }: Facts,
  deciding: Deciding | undefined,
): ValueView {
  const { argument, role, backing, found } = way;
  const [at] = found;
  return {
    argument,
    role,
    backing,
    ...(sink === undefined ? {} : shortened(sink.flag === undefined ? sink.value : String(sink.flag))),
    text: wordsForPeople(way, visible(principal, 80), task.hasPurpose),
    ...(at === undefined ? {} : { entry: at.entry, path: at.path }),
    ...(deciding?.tried.includes(way) === true ? { decides: deciding.ways.includes(way) } : {}),
  };
}

function shortened(value: string): Pick<ValueView, 'value' | 'charsLeft'> {
  const shown = value.slice(0, valueCharsMax);
  const left = value.length - shown.length;
  return { value: visible(shown, valueCharsMax), ...(left > 0 ? { charsLeft: left } : {}) };
}
