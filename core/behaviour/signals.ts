import type { Signal, SignalName } from '../model/risk.ts';
import { type Baseline, baselineTasksMin, isReady, isSeldom, isUsual, sharePercent, usually } from './baseline.ts';
import { type Course, orderOf } from './course.ts';
import { callsAMinute, paceAt } from './pace.ts';
import { type Step, sends } from './step.ts';

/** How much each signal adds. None reaches what the default pack asks at (`riskAskScore`): one alone never decides. */
export const signalWeights: Readonly<Record<SignalName, number>> = {
  'unusual-tool': 20,
  'unusual-order': 15,
  'new-destination': 25,
  burst: 20,
  probing: 30,
  'volume-sent': 25,
  drift: 25,
};

/** From here on the default pack asks, and a finding is worth a look. */
export const riskAskScore = 40;

export type Notice = (step: Step, course: Course, baseline: Baseline) => Signal | undefined;

/** Each looks at one thing. All are whole numbers compared with whole numbers: the same on every machine. */
export const notices: readonly Notice[] = [
  unusualTool,
  unusualOrder,
  newDestination,
  burst,
  probing,
  volumeSent,
  drift,
];

function unusualTool({ tool }: Step, course: Course, baseline: Baseline): Signal | undefined {
  if (!isReady(baseline) || course.lesson.tools.has(tool) || isUsual(baseline.tools, tool)) return undefined;
  if (!isSeldom(baseline, 'otherTools')) return undefined;
  const used = baseline.tools.of(tool);
  return { name: 'unusual-tool', text: `${used} of ${baseline.tasks} earlier tasks of this kind used ${tool}` };
}

/** Only after a tool that is well known: what follows a rare one was never usual. */
function unusualOrder({ tool }: Step, course: Course, baseline: Baseline): Signal | undefined {
  if (!isReady(baseline) || tool === course.last) return undefined;
  const order = orderOf(course.last, tool);
  if (course.lesson.orders.has(order)) return undefined;
  if (!isUsual(baseline.tools, tool) || isUsual(baseline.orders, order)) return undefined;
  if (!isSeldom(baseline, 'otherOrders')) return undefined;
  const known = course.last === '' ? baseline.tasks : baseline.tools.of(course.last);
  if (known < baselineTasksMin) return undefined;
  const after = course.last === '' ? 'began with' : `went from ${course.last} to`;
  const text = `${baseline.orders.of(order)} of ${known} earlier tasks of this kind ${after} ${tool}`;
  return { name: 'unusual-order', text };
}

function newDestination({ destinations }: Step, course: Course, baseline: Baseline): Signal | undefined {
  if (!isReady(baseline) || !isSeldom(baseline, 'otherDestinations')) return undefined;
  const isNew = destinations.some(
    place => !course.lesson.destinations.has(place) && !isUsual(baseline.destinations, place),
  );
  if (!isNew) return undefined;
  const elsewhere = baseline.newest.filter(({ otherDestinations }) => otherDestinations).length;
  const text = `it goes where earlier tasks of this kind did not; ${elsewhere} of the newest ${baseline.newest.length} went anywhere new`;
  return { name: 'new-destination', text };
}

const burstCallsMin = 20;
const burstTimes = 4;

function burst({ at }: Step, course: Course, baseline: Baseline): Signal | undefined {
  if (!isReady(baseline)) return undefined;
  const calls = callsAMinute(paceAt(course.pace, at), at);
  const usual = usually(baseline, 'peak');
  if (calls <= burstCallsMin || calls <= burstTimes * usual) return undefined;
  return { name: 'burst', text: `${calls} calls within a minute; such tasks have ${usual} at most` };
}

const probingRefusalsMin = 3;

/** Different actions were turned away, and it tries yet another one. The same one again is patience, not probing. */
function probing({ digest }: Step, course: Course): Signal | undefined {
  if (!course.recent.some(({ turnedAway }) => turnedAway)) return undefined;
  const turned = new Set(course.recent.filter(({ turnedAway }) => turnedAway).map(recent => recent.digest));
  if (turned.size < probingRefusalsMin || turned.has(digest)) return undefined;
  if (course.recent.some(recent => recent.digest === digest)) return undefined;
  const text = `${turned.size} different actions of its newest ${course.recent.length} were turned away, and it tries another`;
  return { name: 'probing', text };
}

const sentBytesMin = 32 * 1024;
const sentTimes = 4;
const sharePercentMin = 50;

/** What was read goes out again: much, in proportion to what was read, and more than is usual. */
function volumeSent({ classes, bytes }: Step, course: Course, baseline: Baseline): Signal | undefined {
  const sent = course.sentBytes + bytes;
  if (!sends(classes) || sent < sentBytesMin || course.readBytes < sentBytesMin) return undefined;
  const share = sharePercent(sent, course.readBytes);
  const usual = isReady(baseline) ? usually(baseline, 'sentBytes') : 0;
  const usualShare = isReady(baseline) ? usually(baseline, 'sharePercent') : 0;
  if (share <= Math.max(sharePercentMin, 2 * usualShare) || sent <= sentTimes * usual) return undefined;
  const text = `${kib(sent)} KiB sent of ${kib(course.readBytes)} KiB read; such tasks send ${kib(usual)} KiB`;
  return { name: 'volume-sent', text };
}

function kib(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

const driftCalls = 16;
const driftOutsideMin = 5;

function drift({ outside }: Step, course: Course): Signal | undefined {
  if (!outside) return undefined;
  const newest = course.recent.slice(1 - driftCalls);
  const lying = newest.filter(recent => recent.outside).length + 1;
  if (lying < driftOutsideMin || lying * 2 < newest.length + 1) return undefined;
  const text = `${lying} of its newest ${newest.length + 1} calls lie outside what its task is expected to do`;
  return { name: 'drift', text };
}
