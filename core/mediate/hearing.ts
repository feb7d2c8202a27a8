import type { Call, Notice } from '../model/call.ts';
import type { Instant, OutcomeId } from '../model/ids.ts';
import { type Label, sourcesOf, withLabelsOf } from '../model/label.ts';
import type { Question } from '../model/question.ts';
import { labelsOf, vouchesForAll, worstLabels } from '../provenance/labels/label.ts';
import { aboveCeiling } from './ceiling.ts';
import type { Judged } from './decided.ts';
import type { Loosening } from './loosen.ts';
import type { LinePorts } from './ports.ts';
import type { ResultRedactor } from './redact.ts';
import { remember } from './remember.ts';

/** What an upstream says while an action is under way: all of it raises the task's labels before it goes on to the agent. */
export interface Hearing {
  /** Whatever is said beside a result may have these. */
  readonly besides: readonly Label[];
  /** Raised so far. */
  readonly heard: readonly Label[];
  readonly raise: (labels: readonly Label[]) => void;
  /** The outcome's entry has its place: what was raised has its time from here on, as after a restart. */
  readonly placed: (at: Instant) => void;
  readonly notice: (said: Notice) => void;
  readonly question: (asked: Question) => void;
}

export interface Underway {
  readonly judged: Judged;
  readonly call: Call;
  readonly outcome: OutcomeId;
  readonly redactor: ResultRedactor | undefined;
  readonly loosening: Loosening;
}

export function hearingOf({ judged, call, outcome, redactor, loosening }: Underway, ports: LinePorts): Hearing {
  const besides = withLabelsOf(labelsOf(judged.action.tool), judged.held);
  // Where words are kept back, so is what is said on the way.
  const isMute = judged.hidden !== undefined || aboveCeiling(besides, judged.task) !== undefined;
  // Log messages are nobody's, so no policy can have spoken of them: where one loosens there are none.
  const isLoosened = loosening.declassify !== undefined || loosening.endorse !== undefined;
  const heard: Label[] = [];
  const { server, tool } = judged.action;
  let raisedAt: Instant | undefined;
  const raiseAll = (at: Instant): void => {
    raisedAt = at;
    ports.tasks.raise(judged.task.id, sourcesOf(heard, { entry: outcome, server, tool: tool.name, at }));
  };
  const raise = (labels: readonly Label[]): void => {
    for (const label of labels) if (!heard.includes(label)) heard.push(label);
    raiseAll(ports.now());
  };
  const placed = (at: Instant): void => {
    if (heard.length > 0 && raisedAt !== at) raiseAll(at);
  };
  const notice = (said: Notice): void => {
    const shown = isMute || redactor === undefined ? said : redactor.notice(said);
    const isLog = said.method === 'notifications/message';
    if (isMute || shown === undefined || (isLoosened && isLog)) return;
    raise(isLog ? [...besides, ...labelsOfLog(judged, ports)] : besides);
    remember(judged, outcome, shown.params, ports);
    call.relay(shown);
  };
  const question = (asked: Question): void => {
    const shown = isMute || redactor === undefined ? asked : redactor.question(asked);
    if (isMute || shown === undefined || call.ask === undefined) {
      asked.refuse('unsupported');
      return;
    }
    raise(besides);
    remember(judged, outcome, shown.params, ports);
    call.ask(shown);
  };
  return { besides, heard, raise, placed, notice, question };
}

/**
 * A log message has no address: whatever the server is at work on, or was, may speak in it. Vouching for one tool vouches
 * for its results, its progress and its stream; for log messages only where every tool of the server is vouched for.
 */
function labelsOfLog({ action }: Judged, ports: LinePorts): readonly Label[] {
  const tools = [...(ports.world().catalogue.servers.get(action.server)?.tools.values() ?? [])];
  const written = ports.stores.held(action.server, undefined);
  return withLabelsOf(tools.every(vouchesForAll) ? [] : worstLabels, written);
}
