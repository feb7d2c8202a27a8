import type { AgentId, DecisionId, Instant } from '../model/ids.ts';
import type { TaskKind } from '../model/task.ts';
import { behaviourLimits } from './limits.ts';
import { type Pace, paceAt, restPace } from './pace.ts';
import { addBounded } from './usual.ts';

/** The course of one task so far. */
export interface Course {
  readonly agent: AgentId;
  readonly kind: TaskKind;
  /** The tool of its newest call that went well; empty at the start. */
  last: string;
  /** Bytes of the answers that it read, and of the calls that took something elsewhere, permitted or only observed. */
  readBytes: number;
  sentBytes: number;
  /** Its newest decisions, oldest first. */
  readonly recent: Recent[];
  pace: Pace;
  readonly lesson: Lesson;
  /** A person stopped it: it teaches nothing. */
  stopped: boolean;
}

export interface Recent {
  readonly decision: DecisionId;
  readonly digest: string;
  readonly turnedAway: boolean;
  readonly outside: boolean;
}

/** What a task will teach: only of calls that policy permitted and that went well. */
export interface Lesson {
  readonly tools: Set<string>;
  readonly orders: Set<string>;
  readonly destinations: Set<string>;
  readBytes: number;
  sentBytes: number;
  pace: Pace;
}

export const recentMax = 32;

export function newCourse(agent: AgentId, kind: TaskKind): Course {
  return {
    ...{ agent, kind, last: '', readBytes: 0, sentBytes: 0, recent: [], pace: restPace, stopped: false },
    lesson: newLesson(),
  };
}

function newLesson(): Lesson {
  return {
    ...{ tools: new Set<string>(), orders: new Set<string>(), destinations: new Set<string>() },
    ...{ readBytes: 0, sentBytes: 0, pace: restPace },
  };
}

/** A step of the course: that one tool followed another. A line feed can stand in no tool's name. */
export function orderOf(from: string, to: string): string {
  return `${from}\n${to}`;
}

export interface Gone {
  readonly tool: string;
  readonly destinations: readonly string[];
  readonly readBytes: number;
  readonly sentBytes: number;
  readonly at: Instant;
}

/** A call was permitted, performed, and went well. */
export function goOn(course: Course, { tool, destinations, readBytes, sentBytes, at }: Gone): void {
  const { lesson } = course;
  addBounded(lesson.tools, tool, behaviourLimits.courseToolsMax);
  addBounded(lesson.orders, orderOf(course.last, tool), behaviourLimits.courseOrdersMax);
  for (const place of destinations) addBounded(lesson.destinations, place, behaviourLimits.courseDestinationsMax);
  lesson.readBytes += readBytes;
  lesson.sentBytes += sentBytes;
  lesson.pace = paceAt(lesson.pace, at);
  course.last = tool;
}
