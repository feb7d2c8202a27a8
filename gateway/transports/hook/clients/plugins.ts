import type { Advice, ClientShape } from '../event.ts';
import { readEvent } from './claude-like.ts';

const events = { session: 'begun', prompt: 'prompt', before: 'before', after: 'after', ended: 'ended' } as const;

/** Clients that load a plugin of ours: it tells in our own words, and does what the answer says. */
function answer(advice: Advice): string {
  return JSON.stringify('text' in advice ? { decision: advice.kind, reason: advice.text } : { decision: advice.kind });
}

/** OpenCode: a plugin can only throw, so what needs a person is refused, and a person is asked here. */
export const opencode: ClientShape = {
  id: 'opencode',
  name: 'OpenCode',
  read: (body, known) => readEvent(body, known, events, '_'),
  answer,
  asks: () => false,
};

/** OpenClaw: `requireApproval` asks its user once, and an unanswered question is a no. */
export const openclaw: ClientShape = { ...opencode, id: 'openclaw', name: 'OpenClaw', asks: () => true };
