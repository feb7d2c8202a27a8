import type { JsonObject } from '../model/json.ts';
import type { Tool } from '../model/tool.ts';
import { classesOfCall } from '../policy/classify/by-call.ts';
import { type AddressFacts, readAddresses } from './address.ts';
import { type Language, type Languages, type Leaves, languagesOf, leavesOf } from './arguments.ts';
import { type DoesFacts, doesFacts } from './does.ts';
import { type LeakFacts, readLeak } from './leak.ts';
import { bareOf, type PathFacts, readPaths } from './path.ts';
import { type PersonalFacts, personalFacts, type ReadPersonal } from './personal.ts';
import { bothShell, noShell, type ShellFacts, unclearShell } from './shell.ts';
import { bothSql, noSql, type SqlFacts, unclearSql } from './sql.ts';
import { readUrls, type UrlFacts } from './url.ts';

/** Parsers of languages and detectors, which core does not have of its own. Pure functions. */
export interface LanguageReaders {
  readonly shell: (text: string) => ShellFacts;
  readonly sql: (text: string) => SqlFacts;
  readonly personal: ReadPersonal;
}

/**
 * What an action's arguments say, as facts instead of strings to match patterns against: `context.does`,
 * `context.shell`, `context.sql`, `context.urls`, `context.paths`, `context.addresses`, `context.leak`, `context.personal`. They
 * follow from the arguments and the pinned definition alone, so they are worked out only when a policy mentions them; what a policy was told is recorded.
 */
export interface ContentFacts {
  readonly does: DoesFacts;
  readonly shell: ShellFacts;
  readonly sql: SqlFacts;
  readonly urls: UrlFacts;
  readonly paths: PathFacts;
  readonly addresses: AddressFacts;
  readonly leak: LeakFacts;
  readonly personal: PersonalFacts;
}

const languagesByDefinition = new WeakMap<JsonObject, Languages>();

export function contentFacts(tool: Tool, input: JsonObject, readers: LanguageReaders): ContentFacts {
  return new LazyContent(tool, input, readers);
}

class LazyContent implements ContentFacts {
  readonly #tool: Tool;
  readonly #input: JsonObject;
  readonly #readers: LanguageReaders;
  #leaves: Leaves | undefined;
  #does: DoesFacts | undefined;
  #shell: ShellFacts | undefined;
  #sql: SqlFacts | undefined;
  #urls: UrlFacts | undefined;
  #paths: PathFacts | undefined;
  #addresses: AddressFacts | undefined;
  #leak: LeakFacts | undefined;
  #personal: PersonalFacts | undefined;

  constructor(tool: Tool, input: JsonObject, readers: LanguageReaders) {
    this.#tool = tool;
    this.#input = input;
    this.#readers = readers;
  }

  get does(): DoesFacts {
    this.#does ??= doesFacts(classesOfCall(this.#tool, this.#input), this.sql);
    return this.#does;
  }

  get shell(): ShellFacts {
    this.#shell ??= this.#together('shell', this.#readers.shell, bothShell, noShell, unclearShell);
    return this.#shell;
  }

  get sql(): SqlFacts {
    this.#sql ??= this.#together('sql', this.#readers.sql, bothSql, noSql, unclearSql);
    return this.#sql;
  }

  get urls(): UrlFacts {
    this.#urls ??= readUrls(this.#texts(), this.#read().all);
    return this.#urls;
  }

  get paths(): PathFacts {
    this.#paths ??= readPaths(this.#namedPaths(), this.#read().all);
    return this.#paths;
  }

  get addresses(): AddressFacts {
    this.#addresses ??= readAddresses(this.#texts(), this.#read().all);
    return this.#addresses;
  }

  get leak(): LeakFacts {
    this.#leak ??= readLeak(this.#texts(), this.#read().all);
    return this.#leak;
  }

  get personal(): PersonalFacts {
    this.#personal ??= personalFacts(this.#texts(), this.#readers.personal, this.#read().all);
    return this.#personal;
  }

  /** Where not every argument was looked at, what was not seen may be anything. */
  #together<T>(language: Language, read: (text: string) => T, both: (one: T, other: T) => T, none: T, unclear: T): T {
    const { leaves, all } = this.#read();
    let facts = all ? none : unclear;
    for (const leaf of leaves) if (leaf.language === language) facts = both(facts, read(leaf.text));
    return facts;
  }

  #namedPaths(): readonly string[] {
    const paths: string[] = [];
    const { leaves } = this.#read();
    for (const { language, text } of leaves) if (language === 'path') paths.push(text);
    for (const { language, text } of leaves) if (language === 'text' && isPath(text)) paths.push(text);
    for (const path of this.shell.paths) paths.push(path);
    return paths;
  }

  #texts(): string[] {
    return this.#read().leaves.map(({ text }) => text);
  }

  #read(): Leaves {
    this.#leaves ??= leavesOf(this.#input, this.#languages());
    return this.#leaves;
  }

  #languages(): Languages {
    const { definition } = this.#tool;
    const known = languagesByDefinition.get(definition) ?? languagesOf(definition);
    languagesByDefinition.set(definition, known);
    return known;
  }
}

const path = /^(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?![/\\])[^\s]*$|^file:\/\//;

/** A text that is nothing but a path. */
function isPath(text: string): boolean {
  return path.test(bareOf(text));
}
