import { mixesScripts } from '@sallyport/core/model/scripts.ts';
import { plainName } from '@sallyport/core/provenance/way-words.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import type { ValueView } from '../api/view/value.ts';
import { valuesLeft } from '../api/view/values-left.ts';

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
  const { id, task, agent, principal, tool, classes, digest, approvers, people, quorums, askedAt, expiresAt, state } =
    view;
  const reasons = inTheWay(view).map(({ rule, text }) => ({ rule, text }));
  const labels = view.labels.map(({ label, server, tool: from }) => ({ label, from: `${server}/${from}` }));
  const values = view.values.map(value => told(value, content));
  const unusual = unusualIn(view);
  const beside = unusual.length === 0 ? {} : { unusual };
  const who = { approvers, people, quorums };
  const question = { id, state, task, agent, principal, tool, classes, digest, ...who, askedAt, expiresAt };
  const shown = content ? { purpose: view.purpose, opener: view.opener, arguments: view.arguments } : {};
  return JSON.stringify({ v: 1, event, approval: { ...question, reasons, values, ...beside, labels, ...shown, url } });
}

/** Where a value comes from is no content; what it is, and how a server named its place, is. */
function told({ argument, role, text, decides, entry, value, path }: ValueView, content: boolean): object {
  return { argument: plainName(argument), role, text, decides, entry, ...(content ? { value, path } : {}) };
}

const heads: Readonly<Record<NoticeEvent, string>> = {
  asked: 'An agent asks for a yes',
  reminder: 'Still waiting for a yes',
  escalated: 'Nobody has answered yet; now it is asked of you as well',
  expired: 'Nobody answered, so it was refused',
};

const contentCharsMax = 1_500;
const purposeCharsMax = 300;
const valuesNamedMax = 3;

/** Of the text of one section: Slack takes no message with a longer one, and then nobody would be told. */
export const sectionCharsMax = 3_000;

/** What Slack-compatible incoming webhooks take: a text, and blocks with a link to the question. */
export function slackMessage({ event, view, url }: Notice, content: boolean): string {
  const [reason] = inTheWay(view);
  const who = `*${escaped(view.tool)}*\n${escaped(view.agent)} on behalf of ${escaped(view.principal)}`;
  const purpose = content && view.purpose !== '' ? `\n${purposeText(view)}` : '';
  const why = reason === undefined ? '' : `\n_${escaped(reason.text)}_ (\`${escaped(reason.rule)}\`)`;
  const doubtful = inDoubt(view);
  const values = doubtful.slice(0, valuesNamedMax).map(value => `\n• ${valueLine(value, content)}`);
  const left = doubtful.length - values.length + valuesLeft(view);
  const more = left === 0 ? '' : `\n• and ${left} more of which there is doubt`;
  const unusual = unusualIn(view).map(text => `\n• unusual: ${escaped(text)}`);
  const minutes = Math.round((view.expiresAt - view.askedAt) / 60_000);
  const asked = `\nAsked of ${view.approvers.map(escaped).join(', ')}; a yes is for exactly this, once, within ${minutes} minutes`;
  const details = content ? [section(`\`\`\`${within(view.arguments ?? '', contentCharsMax, contentRoom)}\`\`\``)] : [];
  const about = [who, why, ...values, more, ...unusual, purpose].join('');
  return JSON.stringify({
    text: `${heads[event]}: ${escaped(view.tool)} by ${escaped(view.agent)}`,
    blocks: [
      section(`*${heads[event]}*`),
      section(short(about, sectionCharsMax - Math.min(asked.length, askedRoom)) + short(asked, askedRoom)),
      ...details,
      section(event === 'expired' ? `<${url}|Look at it>` : `<${url}|Look at it and answer>`),
    ],
  });
}

/** Also what can be told of its arguments without showing them. */
function unusualIn({ risk, arguments: params = '' }: ApprovalView): readonly string[] {
  const signals = (risk?.signals ?? []).map(({ text }) => text);
  return mixesScripts(params) ? [...signals, 'letters of more than one alphabet stand in one word of it'] : signals;
}

/** `verbatim`: an address that stands in it becomes no link. */
function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** Nobody who reads it takes an agent's words for those of whom it acts for. */
function purposeText({ purpose, opener }: ApprovalView): string {
  const by =
    opener === 'claimed' || opener === undefined ? 'The agent itself says it is for' : 'Its task was opened for';
  return `${by}: “${escaped(cut(purpose.replace(/[“”]/g, '"'), purposeCharsMax))}”`;
}

const contentRoom = sectionCharsMax - 100;
const askedRoom = 1_000;
const onItsPage = '… and more, on its page';

/** What is written already, cut between two of its signs. */
function short(escapedText: string, room: number): string {
  if (escapedText.length <= room) return escapedText;
  const kept = escapedText.slice(0, room - onItsPage.length).replace(/&[a-z]*$|[\ud800-\udbff]$/, '');
  return `${kept}${onItsPage}`;
}

/** The first `charsMax` characters, or as many as fit the room when they are written so that they mean nothing there. */
function within(text: string, charsMax: number, room: number): string {
  let chars = Math.min(text.length, charsMax);
  while (escaped(cut(text, chars)).length > room) chars = Math.floor(chars * 0.9);
  return escaped(cut(text, chars));
}

/** Those that stopped it; where nobody knows any more which did, the worst. */
function inDoubt({ values }: ApprovalView): readonly ValueView[] {
  return values.filter(({ decides }) => decides !== false);
}

function valueLine({ argument, text, value, charsLeft = 0 }: ValueView, content: boolean): string {
  const left = charsLeft === 0 ? '' : ` and ${charsLeft} characters more`;
  const shown = !content || value === undefined ? '' : ` ${escaped(JSON.stringify(value))}${left}`;
  return `${escaped(plainName(argument))}${shown} ${escaped(text)}`;
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}… and ${text.length - charsMax} characters more`;
}

/** Names come from servers and configuration: they must not become links, mentions, pictures or formatting. */
export function escaped(text: string): string {
  return text
    .replace(
      /(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]\p{M}{0,3})\p{M})+/gu,
      ' ',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/([*_~`]|:(?=[\w+'-]+:))/g, '$1\u2060');
}

function inTheWay({ reasons }: ApprovalView): ApprovalView['reasons'] {
  const forbids = reasons.filter(({ effect }) => effect !== 'permit');
  return forbids.length > 0 ? forbids : reasons;
}
