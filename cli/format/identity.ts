import type { Entry, Rejected } from '@sallyport/core/model/entry.ts';
import type { WhyView } from '@sallyport/gateway/api/view/decision.ts';
import { short } from './ids.ts';
import { safeLine } from './safe.ts';
import { clock, duration, moment } from './time.ts';

/** The way from what an issuer outside said to the token that came with the call, one step a line. */
export function identityLines({ chain = [], unknown = [] }: WhyView['agent'], at: number): string[] {
  const steps = chain.map(link => {
    const name = link.id === undefined ? '' : ` ${safeLine(link.id)}`;
    const left =
      link.expiresAt === undefined ? '' : `, until ${clock(link.expiresAt)} (${duration(link.expiresAt - at)} left)`;
    const bound = link.boundTo === undefined ? '' : `, bound to key ${safeLine(link.boundTo).slice(0, 12)}…`;
    return `  ${link.kind}${name} for ${safeLine(link.subject)} by ${safeLine(link.issuer)} (trust ${safeLine(link.trust)})${left}${bound}`;
  });
  return unknown.length === 0
    ? steps
    : [...steps, `  not known, a vendor runs it: ${unknown.map(safeLine).join(', ')}`];
}

export function rejectionText(entry: Entry & Rejected): string {
  const { proof, dropped } = entry;
  const why =
    proof === undefined
      ? []
      : [
          `  ${proof.reason}: ${safeLine(proof.detail)}${proof.trust === undefined ? '' : ` (trust ${safeLine(proof.trust)})`}`,
        ];
  return [
    `REJECTED ${entry.code}  ${safeLine(entry.what)}  ${short(entry.id)}`,
    `  ${moment(entry.at)} through ${entry.door}${entry.agent === undefined ? '' : `, agent ${safeLine(entry.agent)}`}${entry.task === undefined ? '' : `, task ${short(entry.task)}`}`,
    ...why,
    ...(dropped === undefined ? [] : [`  and ${dropped} more of unproven callers, counted and not written`]),
  ].join('\n');
}
