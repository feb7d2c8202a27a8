import { itemKey } from '@sallyport/core/catalogue/read.ts';
import { mayExpandTo } from '@sallyport/core/catalogue/uri-template.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import { member, stringMember } from '@sallyport/core/model/json.ts';

/** `Mcp-Name` (MCP 2026-07-28, Streamable HTTP): what the method is about. */
export function nameOf({ method, tool, input }: Action): string | undefined {
  if (method === 'tools/call') return tool.name;
  if (method === 'prompts/get') return stringMember(input, 'name');
  if (method.startsWith('tasks/')) return stringMember(input, 'taskId');
  return method === 'resources/read' ? stringMember(input, 'uri') : undefined;
}

/**
 * The keys of the pinned items that a protocol method may be about: a prompt, a template to complete, or each of the server's
 * `templates` that leads to a resource. Resources themselves are not pinned: where no template leads, there is none.
 */
export function objectKeys({ method, input }: Action, templates: readonly string[]): readonly string[] {
  switch (method) {
    case 'prompts/get':
      return [itemKey('prompt', stringMember(input, 'name') ?? '')];
    case 'completion/complete':
      return [completedKey(input)];
    case 'resources/read':
    case 'resources/subscribe': {
      const uri = stringMember(input, 'uri') ?? '';
      return templates.filter(template => mayExpandTo(template, uri)).map(template => itemKey('template', template));
    }
    default:
      return [];
  }
}

function completedKey(input: Action['input']): string {
  const reference = member(input, 'ref');
  if (stringMember(reference, 'type') === 'ref/prompt') return itemKey('prompt', stringMember(reference, 'name') ?? '');
  return itemKey('template', stringMember(reference, 'uri') ?? '');
}
