import type { ClientShape } from '../event.ts';
import { decisionText, readEvent } from './claude-like.ts';

/** Claude Code: hooks of `settings.json`. A refusal holds in every permission mode of the client, `bypassPermissions` included. */
export const claudeCode: ClientShape = {
  id: 'claude-code',
  name: 'Claude Code',
  read: (body, known) =>
    readEvent(body, known, {
      SessionStart: 'begun',
      UserPromptSubmit: 'prompt',
      PreToolUse: 'before',
      PostToolUse: 'after',
      PostToolUseFailure: 'after',
      SessionEnd: 'ended',
    }),
  answer: advice => decisionText('PreToolUse', advice),
  tell: words => JSON.stringify({ systemMessage: words }),
  asks: () => true,
};
