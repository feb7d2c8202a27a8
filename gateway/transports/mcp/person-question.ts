import { visible } from '@sallyport/core/catalogue/text.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import { type JsonNode, member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { wordOfScripts } from '@sallyport/core/model/scripts.ts';
import { handlesIn } from '@sallyport/core/provenance/handles/handle.ts';
import type { Target } from './targets.ts';
import type { Era } from './wire/protocol.ts';

/** What a client is asked to show to somebody about a call of its agent. */
export interface PersonQuestion {
  readonly method: 'elicitation/create';
  /** JSON text of an object. */
  readonly params: string;
  /** `form`: the question itself stood in it, whole. An answer to a page is given on the page. */
  readonly mode: 'form' | 'url';
  /** 2025-11-25 only. */
  readonly elicitationId?: string;
}

/** The page of the question. Whoever answers there proves who they are; that the client opened it says nothing. */
export function pageQuestion(refusal: Refusal, approval: ApprovalId, url: string, era: Era): PersonQuestion {
  const message = `${visible(refusal.what)}: ${whyText(refusal)}. Open the page, look at exactly what it would do, and answer there.`;
  const ids = era === 'legacy' ? { elicitationId: approval } : {};
  const params = JSON.stringify({ mode: 'url', message, url, ...ids });
  return { method: 'elicitation/create', mode: 'url', params, ...ids };
}

/** A form shows so much and no more: what does not fit would be agreed to unseen. */
const shownCharsMax = 2_000;

/**
 * The question itself, for a rule that says `@answer("client")`; undefined where it would not all be seen, as where a handle stands for a
 * value that this client is not shown. What agents and servers wrote stands in it with every hidden character shown, on a line of its own.
 */
export function yesNoQuestion({ input }: Target, refusal: Refusal): PersonQuestion | undefined {
  const text = normalText(input);
  if (handlesIn(text).length > 0) return undefined;
  const shown = visible(text, shownCharsMax * 2);
  if (text.length > shownCharsMax || shown.length > shownCharsMax) return undefined;
  const odd = wordOfScripts(text);
  const beside = odd === undefined ? '' : `\nLetters of more than one alphabet stand in one word: ${visible(odd)}`;
  const message = `Allow this once? ${visible(refusal.what)}\n${shown}${beside}\n${whyText(refusal)}`;
  const approve = { type: 'boolean', title: 'Allow exactly this, once', default: false };
  const requestedSchema = { type: 'object', properties: { approve }, required: ['approve'] };
  const params = JSON.stringify({ mode: 'form', message, requestedSchema });
  return { method: 'elicitation/create', mode: 'form', params };
}

function whyText({ why, reason }: Refusal): string {
  return reason === undefined ? visible(why) : `${visible(why)}. The rule: ${visible(reason)}`;
}

/** What came back. `form`: what whoever sat there said to the question itself. */
export function yesOrNo(
  node: JsonNode | undefined,
  mode: PersonQuestion['mode'],
): {
  readonly goesOn: boolean;
  readonly form?: 'approved' | 'refused';
} {
  const action = stringMember(node, 'action');
  const approve = member(member(node, 'content'), 'approve');
  if (action !== 'accept') return { goesOn: false };
  if (mode !== 'form' || approve?.kind !== 'boolean') return { goesOn: true };
  return { goesOn: true, form: approve.value ? 'approved' : 'refused' };
}
