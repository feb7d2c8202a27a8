import type { JsonNode, JsonObject } from '@sallyport/core/model/json.ts';
import { actOf, mcpAct } from '../acts.ts';
import type { Acting, ClientAct, ClientShape, HookEvent, Known, ReadEvent } from '../event.ts';
import { nodeOf, objectOf, textOf } from '../members.ts';

/**
 * Cursor. A command and an MCP call have events of their own, and `preToolUse` tells of them a second time: there they are
 * left out, so that each is decided once. `ask` is heeded by `beforeShellExecution` alone; elsewhere it would run the tool.
 */
export const cursor: ClientShape = {
  id: 'cursor',
  name: 'Cursor',
  read,
  answer: (advice, body) => {
    if (textOf(body, 'hook_event_name') === 'beforeSubmitPrompt') return '{"continue":true}';
    if (advice.kind === 'silent') return '{}';
    if (advice.kind === 'allow') return '{"permission":"allow"}';
    return JSON.stringify({ permission: advice.kind, user_message: advice.text, agent_message: advice.text });
  },
  asks: body => textOf(body, 'hook_event_name') === 'beforeShellExecution',
};

function read(body: JsonObject, { rootOf }: Known): ReadEvent {
  const name = textOf(body, 'hook_event_name');
  const session = textOf(body, 'conversation_id', 'session_id');
  if (name === undefined) return { ok: false, field: 'hook_event_name', why: 'is missing' };
  const roots = nodeOf(body, 'workspace_roots');
  const [first] = roots?.kind === 'array' ? roots.items : [];
  const root =
    (session === undefined ? undefined : rootOf(session)) ?? (first?.kind === 'string' ? first.value : undefined);
  if (session === undefined || session === '' || session.length > 256)
    return { ok: false, field: 'conversation_id', why: 'is missing, or longer than 256 characters' };
  switch (name) {
    case 'sessionStart':
      return { ok: true, event: { kind: 'begun', session, root, fresh: true } };
    case 'beforeSubmitPrompt': {
      const words = textOf(body, 'prompt');
      return words === undefined
        ? { ok: false, field: 'prompt', why: 'is missing' }
        : { ok: true, event: { kind: 'prompt', session, root, words } };
    }
    case 'sessionEnd':
      return { ok: true, event: { kind: 'ended', session } };
    default:
      return acting(name, body, session, { root, cwd: textOf(body, 'cwd') ?? root });
  }
}

type Place = Parameters<typeof actOf>[2];

function acting(name: string, body: JsonObject, session: string, place: Place): ReadEvent {
  const act = actIn(name, body, place);
  if (act === 'nothing') return { ok: true, event: { kind: 'nothing' } };
  if (act === undefined) return { ok: false, field: 'tool_input', why: 'is missing, or is no object' };
  const own: Acting = {
    session,
    root: place.root,
    subagent: textOf(body, 'subagent_id', 'agent_id'),
    callId: textOf(body, 'tool_use_id') ?? textOf(body, 'generation_id'),
    act,
  };
  const event: HookEvent = /^(?:after|post)/.test(name)
    ? { kind: 'after', ...own, said: saidIn(body), failed: /failure/i.test(name) }
    : { kind: 'before', ...own };
  return { ok: true, event };
}

function saidIn(body: JsonObject): JsonNode {
  return nodeOf(body, 'output', 'result_json', 'tool_output', 'error_message') ?? { kind: 'null' };
}

function actIn(name: string, body: JsonObject, place: Place): ClientAct | 'nothing' | undefined {
  switch (name) {
    case 'beforeShellExecution':
    case 'afterShellExecution':
      return actOf('shell', body, place);
    case 'beforeMCPExecution':
    case 'afterMCPExecution': {
      const input = objectOf(body, 'tool_input');
      const tool = textOf(body, 'tool_name');
      if (input === undefined || tool === undefined) return undefined;
      return mcpAct(textOf(body, 'mcp_server_name') ?? textOf(body, 'url', 'command') ?? '', tool, input);
    }
    case 'beforeReadFile':
      return actOf('read', body, place);
    case 'preToolUse':
    case 'postToolUse':
    case 'postToolUseFailure': {
      const tool = textOf(body, 'tool_name') ?? '';
      if (/^(?:shell|mcp(?::.*)?|callmcptool)$/i.test(tool) || textOf(body, 'mcp_server_name') !== undefined)
        return 'nothing';
      const input = objectOf(body, 'tool_input');
      return input === undefined ? undefined : actOf(tool, input, place);
    }
    default:
      return 'nothing';
  }
}
