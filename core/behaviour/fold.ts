import type { Decided, EntryDraft, KillScope, TaskOpened } from '../model/entry.ts';
import type { AgentId, DecisionId, Instant, TaskId } from '../model/ids.ts';
import type { TaskKind } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';
import { type Baseline, learn, newBaseline } from './baseline.ts';
import type { Behaviour } from './behaviour.ts';
import { type Course, goOn, newCourse, recentMax } from './course.ts';
import { foundMore } from './finding.ts';
import { behaviourLimits } from './limits.ts';
import { paceAt } from './pace.ts';
import { sends } from './step.ts';
import { dropOldest } from './usual.ts';

/**
 * Moves `behaviour` by one entry, as it takes its place in the journal at `at`. Deterministic: the same entries make
 * the same behaviour. Only calls that policy permitted and that went well are learned from, when their task ends.
 */
export function applyBehaviour(behaviour: Behaviour, entry: EntryDraft, at: Instant): void {
  switch (entry.kind) {
    case 'task.opened':
      open(behaviour, entry);
      break;
    case 'task.ended':
      end(behaviour, entry.task);
      break;
    case 'killed':
      if (entry.stop) stop(behaviour, entry.scope);
      break;
    case 'decided':
      decided(behaviour, entry, at);
      break;
    case 'overruled':
      if (entry.over === 'asked') answeredThere(behaviour.courses.get(entry.task), entry.decision);
      break;
    case 'performed':
      settle(behaviour, entry.decision, { bytes: entry.bytes, well: entry.outcome === 'ok', at });
      break;
    case 'withheld':
    case 'indeterminate':
      settle(behaviour, entry.decision, { bytes: entry.bytes, well: false, at });
      break;
    case 'faulted':
    case 'refused':
      behaviour.pending.delete(entry.decision);
      break;
    case 'started':
      // What an earlier run left without an outcome will never have one.
      behaviour.pending.clear();
      break;
  }
}

function open({ courses }: Behaviour, { task, agent, taskKind }: TaskOpened): void {
  courses.set(task, newCourse(agent, taskKind));
  if (courses.size > behaviourLimits.coursesMax) dropOldest(courses);
}

function end(behaviour: Behaviour, task: TaskId): void {
  const course = behaviour.courses.get(task);
  behaviour.courses.delete(task);
  if (course === undefined || course.stopped || course.lesson.tools.size === 0) return;
  learn(baselineOf(behaviour, course.agent, course.kind), course.lesson);
}

/** What a person stopped is nobody's example, also if it is released later. */
function stop({ courses }: Behaviour, scope: KillScope): void {
  if (scope.kind === 'server') return;
  for (const [task, course] of courses)
    if (
      scope.kind === 'all' ||
      (scope.kind === 'task' && scope.task === task) ||
      (scope.kind === 'agent' && scope.agent === course.agent)
    )
      course.stopped = true;
}

function decided(behaviour: Behaviour, entry: Decided, at: Instant): void {
  const { id, task, agent, action, verdict, answer, approval, destinations = [], outside = false, risk } = entry;
  const course = newestLast(behaviour.courses, task);
  if (risk !== undefined) {
    const place = { task, agent, kind: course?.kind ?? '', decision: id, at };
    const before = behaviour.findings.get(task);
    behaviour.findings.delete(task);
    behaviour.findings.set(task, foundMore(before, risk, place));
    if (behaviour.findings.size > behaviourLimits.findingsMax) dropOldest(behaviour.findings);
  }
  if (course === undefined) return;
  course.pace = paceAt(course.pace, at);
  if (approval !== undefined) answered(course, action.digest);
  course.recent.push({ decision: id, digest: action.digest, turnedAway: verdict !== 'pass', outside });
  if (course.recent.length > recentMax) course.recent.shift();
  if (verdict !== 'pass') return;
  const { bytes, classes, server, tool } = action;
  const permitted = answer === 'permit';
  behaviour.pending.set(id, { task, tool: toolKey(server, tool), classes, destinations, bytes, permitted });
  if (behaviour.pending.size > behaviourLimits.pendingMax) dropOldest(behaviour.pending);
}

/** What was used last is forgotten last. */
function newestLast(courses: Map<TaskId, Course>, task: TaskId): Course | undefined {
  const course = courses.get(task);
  if (course === undefined) return undefined;
  courses.delete(task);
  courses.set(task, course);
  return course;
}

/** A person said yes to it: that it was asked about is nothing against the task any more. */
function answered({ recent }: Course, digest: string): void {
  for (const [index, one] of recent.entries()) if (one.digest === digest) recent[index] = { ...one, turnedAway: false };
}

/** The same, in the window of a client that was told to ask. */
function answeredThere(course: Course | undefined, decision: DecisionId): void {
  const asked = course?.recent.find(one => one.decision === decision);
  if (course !== undefined && asked !== undefined) answered(course, asked.digest);
}

interface Outcome {
  /** Of the answer. */
  readonly bytes: number;
  readonly well: boolean;
  readonly at: Instant;
}

function settle(behaviour: Behaviour, decision: DecisionId, { bytes, well, at }: Outcome): void {
  const step = behaviour.pending.get(decision);
  behaviour.pending.delete(decision);
  const course = step && behaviour.courses.get(step.task);
  if (step === undefined || course === undefined) return;
  const { tool, destinations, classes } = step;
  const readBytes = classes.includes('read') ? bytes : 0;
  const sentBytes = sends(classes) ? step.bytes : 0;
  course.readBytes += readBytes;
  course.sentBytes += sentBytes;
  if (well && step.permitted) goOn(course, { tool, destinations, readBytes, sentBytes, at });
}

function baselineOf({ baselines }: Behaviour, agent: AgentId, kind: TaskKind): Baseline {
  const kinds = baselines.get(agent) ?? new Map<TaskKind, Baseline>();
  const baseline = kinds.get(kind) ?? newBaseline();
  // What was used last is forgotten last.
  baselines.delete(agent);
  baselines.set(agent, kinds);
  kinds.delete(kind);
  kinds.set(kind, baseline);
  if (kinds.size > behaviourLimits.kindsMax) dropOldest(kinds);
  if (baselines.size > behaviourLimits.agentsMax) dropOldest(baselines);
  return baseline;
}
