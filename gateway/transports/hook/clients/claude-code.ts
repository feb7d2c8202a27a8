import type { ClientShape } from '../event.ts';
import { textOf } from '../members.ts';
import { decisionText, readEvent } from './claude-like.ts';

/**
 * Claude Code: hooks of `settings.json`. A refusal holds in every permission mode of the client. A question does not: where its user
 * has it skip permissions, 2.1.330 runs an edit of its own settings in spite of one, so there a question is a refusal.
 */
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
  asks: body => textOf(body, 'permission_mode') !== 'bypassPermissions',
};
