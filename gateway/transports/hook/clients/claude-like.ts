import type { JsonObject } from '@sallyport/core/model/json.ts';
import { actOf, isKnownTool, mcpAct, type Standing } from '../acts.ts';
import type { Acting, Advice, HookEvent, Known, ReadEvent } from '../event.ts';
import { nodeOf, objectOf, textOf } from '../members.ts';

/**
 * The event that Claude Code made and others took over, each with names of its own: a session, the folder, a tool with its
 * input, a call's id. Gemini's and Copilot's names are among the candidates. `separator`: what stands between a server's name and
 * its tool's, in clients that say no more than that.
 */
export function readEvent(
  body: JsonObject,
  { rootOf, entries }: Known,
  events: Readonly<Record<string, HookEvent['kind']>>,
  separator?: '-' | '_',
): ReadEvent {
  const name = textOf(body, 'hook_event_name', 'hookEventName');
  // Copilot CLI gives each subagent a session of its own, and says whose it is.
  const session = textOf(body, 'parent_agent_id', 'session_id', 'sessionId', 'sessionID', 'conversation_id');
  if (name === undefined) return { ok: false, field: 'hook_event_name', why: 'is missing' };
  const kind = Object.hasOwn(events, name) ? events[name] : 'nothing';
  if (kind === undefined || kind === 'nothing') return { ok: true, event: { kind: 'nothing' } };
  if (session === undefined || session === '' || session.length > 256)
    return { ok: false, field: 'session_id', why: 'is missing, or longer than 256 characters' };
  const cwd = textOf(body, 'cwd', 'workingDirectory');
  const root = rootOf(session) ?? cwd;
  switch (kind) {
    case 'begun': {
      const source = textOf(body, 'source') ?? '';
      return { ok: true, event: { kind, session, root, fresh: ['startup', 'new', 'clear'].includes(source) } };
    }
    case 'prompt': {
      const words = textOf(body, 'prompt', 'user_prompt', 'initialPrompt');
      return words === undefined
        ? { ok: false, field: 'prompt', why: 'is missing' }
        : { ok: true, event: { kind, session, root, words } };
    }
    case 'ended':
      return { ok: true, event: { kind, session } };
    case 'before':
    case 'after': {
      const acting = actingOf(body, session, { root, cwd }, names(body, entries, separator));
      if (typeof acting === 'string') return { ok: false, field: acting, why: 'is missing, or is no object' };
      return {
        ok: true,
        event: kind === 'before' ? { kind, ...acting } : { kind, ...acting, ...outcomeOf(body, name) },
      };
    }
  }
}

function actingOf(
  body: JsonObject,
  session: string,
  standing: Standing,
  mcpNames: (tool: string) => McpNames | undefined,
): Acting | string {
  const tool = textOf(body, 'tool_name', 'toolName', 'tool');
  const input = objectOf(body, 'tool_input', 'toolInput', 'toolArgs', 'args', 'params');
  if (tool === undefined || tool === '') return 'tool_name';
  if (input === undefined) return 'tool_input';
  const mcp = mcpNames(tool);
  return {
    session,
    root: standing.root,
    subagent: textOf(body, 'agent_id', 'subagentId'),
    callId: textOf(body, 'tool_use_id', 'toolUseId', 'toolCallId', 'callID'),
    act: mcp === undefined ? actOf(tool, input, standing) : mcpAct(mcp.entry, mcp.tool, input),
  };
}

interface McpNames {
  readonly entry: string;
  readonly tool: string;
}

/** What an event says of the MCP server, then what its tool's name does. */
function names(
  body: JsonObject,
  entries: readonly string[],
  separator: string | undefined,
): (tool: string) => McpNames | undefined {
  return tool => toldNames(body, tool) ?? (separator === undefined ? undefined : ownNames(tool, entries, separator));
}

/** Only names of servers that lead here are taken apart; any other tool that is not known is asked about as such. */
function ownNames(tool: string, entries: readonly string[], separator: string): McpNames | undefined {
  if (isKnownTool(tool)) return undefined;
  const entry = entries.find(each => tool.startsWith(each.replace(/[^\w-]/g, '_') + separator));
  return entry === undefined ? undefined : { entry, tool: tool.slice(entry.length + 1) };
}

const mcpPrefix = 'mcp__';

/** `mcp__entry__tool`; where the client says both apart, that is what counts: names may hold separators of their own. */
function toldNames(body: JsonObject, tool: string): McpNames | undefined {
  const told = nodeOf(body, 'mcp_context', 'mcp_server');
  if (told?.kind === 'object') {
    const entry = textOf(told, 'server_name', 'name');
    const prefix = `mcp__${entry}__`;
    const own = textOf(told, 'tool_name') ?? (tool.startsWith(prefix) ? tool.slice(prefix.length) : tool);
    if (entry !== undefined) return { entry: placedEntry(entry, textOf(told, 'source')), tool: own };
  }
  const server = textOf(body, 'mcp_server_name', 'serverName');
  if (server !== undefined) return { entry: server, tool };
  const at = tool.startsWith(mcpPrefix) ? tool.indexOf('__', mcpPrefix.length + 1) : -1;
  if (at < 0 || at + 2 === tool.length) return undefined;
  return { entry: tool.slice(mcpPrefix.length, at), tool: tool.slice(at + 2) };
}

/** A project's file may name a server like one of the user's own: what does not come from the user is another one. */
function placedEntry(entry: string, source: string | undefined): string {
  return source === undefined || ['user', 'local', 'managed', 'enterprise'].includes(source)
    ? entry
    : `${source}:${entry}`;
}

function outcomeOf(body: JsonObject, event: string): Pick<HookEvent & { kind: 'after' }, 'said' | 'failed'> {
  const said = nodeOf(
    body,
    'tool_response',
    'tool_output',
    'tool_result',
    'toolResult',
    'output',
    'result',
    'error',
  ) ?? {
    kind: 'null' as const,
  };
  return { said, failed: /failure/i.test(event) || body.members.get('error') !== undefined };
}

/** Claude Code's answer to `PreToolUse`. */
export function decisionText(event: string, advice: Advice): string {
  if (advice.kind === 'silent') return '{}';
  const reason = advice.kind === 'allow' ? 'permitted by policy' : advice.text;
  return JSON.stringify({
    hookSpecificOutput: {
      hookEventName: event,
      permissionDecision: advice.kind,
      permissionDecisionReason: reason === '' ? 'refused' : reason,
    },
  });
}
