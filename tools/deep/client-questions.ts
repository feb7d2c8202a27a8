import type { CodingAct } from '@sallyport/testkit/hooks/coding-session.ts';

/** Commands that Claude Code runs without asking (its documentation, "Permissions": read-only commands). */
const readOnly =
  /^\s*(?:ls|cat|echo|pwd|head|tail|grep|find|wc|which|diff|stat|du|cd|git (?:status|log|diff|show|branch|blame))\b[^;&|<>$`]*(?:\|\s*(?:head|tail|grep|wc|sort|uniq)\b[^;&|<>$`]*)*$/;

const free = new Set(['Read', 'Grep', 'Glob', 'LS', 'TodoWrite', 'Task', 'NotebookRead']);

/**
 * What Claude Code asks by itself in its default mode, as its documentation has it: nothing for reading inside the folder;
 * each command that is not read-only, each change of a file, each page, search and MCP tool. `remembers`: its user says
 * "do not ask again" wherever that is offered: changes of files for the session, commands by their first two words, pages by
 * their host, tools by name.
 */
export class ClientQuestions {
  readonly #root: string;
  readonly #remembers: boolean;
  readonly #known = new Set<string>();

  constructor(root: string, remembers: boolean) {
    this.#root = root;
    this.#remembers = remembers;
  }

  asks({ tool, input }: CodingAct): boolean {
    const subject = this.#subject(tool, input);
    if (subject === undefined || this.#known.has(subject)) return false;
    if (this.#remembers) this.#known.add(subject);
    return true;
  }

  /** What it would ask about; undefined: nothing. */
  #subject(tool: string, input: CodingAct['input']): string | undefined {
    const path = String(input.file_path ?? input.path ?? this.#root);
    if (free.has(tool)) return path.startsWith(this.#root) ? undefined : `read ${path}`;
    if (tool === 'Bash') return commandSubject(String(input.command));
    if (['Edit', 'MultiEdit', 'Write'].includes(tool))
      return /\/\.(?:claude|git)\//.test(path) ? `edit ${path}` : 'edit';
    if (tool === 'WebFetch') return `host ${new URL(String(input.url)).host}`;
    return tool;
  }
}

function commandSubject(command: string): string | undefined {
  if (readOnly.test(command) && !/[~]|\.\.\/|\s\//.test(command)) return undefined;
  return `command ${command.trim().split(/\s+/).slice(0, 2).join(' ')}`;
}
