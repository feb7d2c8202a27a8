import type { ApprovalView } from '../api/view/approval.ts';

/** What is told about a question, and when: at once, at half its time, when others may answer too, when it is over. */
export type NoticeEvent = 'asked' | 'reminder' | 'escalated' | 'expired';

export interface Notice {
  readonly event: NoticeEvent;
  readonly view: ApprovalView;
  /** Its page. For a channel that one person reads alone a link stands behind `#`, which no server is sent by opening it. */
  readonly url: string;
}

/** Our own form: the question without its arguments and the principal's words, unless `content` asks for them. */
export function webhookBody({ event, view, url }: Notice, content: boolean): string {
  const { id, task, agent, principal, tool, classes, digest, approvers, people, askedAt, expiresAt, state } = view;
  const reasons = inTheWay(view).map(({ rule, text }) => ({ rule, text }));
  const labels = view.labels.map(({ label, server, tool: from }) => ({ label, from: `${server}/${from}` }));
  const question = { id, state, task, agent, principal, tool, classes, digest, approvers, people, askedAt, expiresAt };
  const shown = content ? { purpose: view.purpose, arguments: view.arguments } : {};
  return JSON.stringify({ v: 1, event, approval: { ...question, reasons, labels, ...shown, url } });
}

const heads: Readonly<Record<NoticeEvent, string>> = {
  asked: 'An agent asks for a yes',
  reminder: 'Still waiting for a yes',
  escalated: 'Nobody has answered yet; now it is asked of you as well',
  expired: 'Nobody answered, so it was refused',
};

const contentCharsMax = 1_500;

/** What Slack-compatible incoming webhooks take: a text, and blocks with a link to the question. */
export function slackMessage({ event, view, url }: Notice, content: boolean): string {
  const [reason] = inTheWay(view);
  const who = `*${escaped(view.tool)}*\n${escaped(view.agent)} on behalf of ${escaped(view.principal)}`;
  const why = reason === undefined ? '' : `\n_${escaped(reason.text)}_ (\`${escaped(reason.rule)}\`)`;
  const asked = `\nAsked of ${view.approvers.map(escaped).join(', ')}`;
  const details = content ? `\n\`\`\`${escaped((view.arguments ?? '').slice(0, contentCharsMax))}\`\`\`` : '';
  const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } });
  return JSON.stringify({
    text: `${heads[event]}: ${escaped(view.tool)} by ${escaped(view.agent)}`,
    blocks: [
      section(`*${heads[event]}*`),
      section(who + why + asked + details),
      section(event === 'expired' ? `<${url}|Look at it>` : `<${url}|Look at it and answer>`),
    ],
  });
}

/** Names come from servers and configuration: they must not become links, mentions or formatting. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/([*_~`])/g, '$1\u2060');
}

function inTheWay({ reasons }: ApprovalView): ApprovalView['reasons'] {
  const forbids = reasons.filter(({ effect }) => effect !== 'permit');
  return forbids.length > 0 ? forbids : reasons;
}
