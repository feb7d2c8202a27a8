import type { ClientShape } from '../event.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { vscode } from './copilot.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { openclaw, opencode } from './plugins.ts';

/** Every client whose hooks are understood. */
export const hookClients: readonly ClientShape[] = [claudeCode, codex, cursor, vscode, gemini, opencode, openclaw];
