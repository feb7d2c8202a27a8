import { type Approval, isMet, type Yes } from '@sallyport/core/task/approval.ts';
import type { Who } from './who.ts';

/** Somebody who may no longer say yes is taken to have said nothing (E-3): the question with the yeses that still count. */
export function stillSaid(approval: Approval, who: Who): Approval {
  return { ...approval, seconds: approval.seconds.flatMap(yes => counting(yes, approval, who)) };
}

/** Of a question that was approved, those whose yes is missing now; empty where what is left is enough. */
export function lapsedIn(approval: Approval, who: Who): readonly string[] {
  if (approval.state !== 'approved') return [];
  const { seconds, answered } = approval;
  const said = answered === undefined ? seconds : [...seconds, answered];
  const left = said.flatMap(yes => counting(yes, approval, who));
  if (approval.quorums.every((_, at) => isMet({ ...approval, seconds: left }, at))) return [];
  return said.filter(yes => who.countsFor(yes, approval).length < yes.quorums.length).map(({ by }) => by);
}

/** It for the quorums for which it still counts; none if there are none. */
function counting(yes: Yes, approval: Approval, who: Who): readonly Yes[] {
  const quorums = who.countsFor(yes, approval);
  return quorums.length === 0 ? [] : [{ ...yes, quorums }];
}
