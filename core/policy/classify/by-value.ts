import { singleBlanks } from '../../model/blanks.ts';
import type { JsonNode, JsonObject } from '../../model/json.ts';
import type { ActionClass } from '../../model/tool.ts';

/** What a value does, whatever the tool that takes it is called. */
export interface ByValue {
  readonly classes: readonly ActionClass[];
  /** The words that say what is done. */
  readonly words: readonly string[];
}

const removes: ByValue = { classes: ['write', 'destructive', 'code'], words: ['delete'] };
const changes: ByValue = { classes: ['write', 'code'], words: ['change'] };
const executes: ByValue = { classes: ['write', 'code'], words: ['execute'] };

/**
 * A tool that only asks, and takes what it asks in a language: a text that is a whole statement of such a language, and
 * one that changes something, is no question. Whole statements alone, so that words about them stay words. A server may
 * refuse what its tool is not for; it is not ours to hope so. Of several the gravest counts.
 */
export function changesByValue(input: JsonObject): ByValue | undefined {
  return changesIn(input);
}

function changesIn(node: JsonNode): ByValue | undefined {
  if (node.kind === 'string') return statementIn(node.value);
  let found: ByValue | undefined;
  if (node.kind === 'array') for (const item of node.items) found = graver(found, changesIn(item));
  if (node.kind === 'object')
    for (const [name, value] of node.members) {
      if (name === '$out' || name === '$merge') found = graver(found, changes);
      found = graver(found, changesIn(value));
    }
  return found;
}

function graver(one: ByValue | undefined, other: ByValue | undefined): ByValue | undefined {
  return other === removes ? other : (one ?? other);
}

const remark = /[*]\/|\/[*]|--|#|\/\//;
// MySQL runs what stands in a comment that begins with an exclamation mark (MariaDB also `/*M!`): only its signs are passed over.
const remarks = /\/\*M?!\d*|\*\/|\/\*[\s\S]*?(?:\*\/|$)|(?:--|#|(?<!:)\/\/)[^\n]*/g;

/** What is a remark in one language is none in another: `//` divides in Python, `#` and `--` stand between values, and all of them in strings. */
function statementIn(text: string): ByValue | undefined {
  const found = readAs(text);
  return found === removes || !remark.test(text) ? found : graver(found, readAs(text.replace(remarks, ' ')));
}

function readAs(plain: string): ByValue | undefined {
  let found: ByValue | undefined;
  if (telling.test(plain))
    for (const part of plain.split(';')) {
      if (!telling.test(part)) continue;
      const statement = singleBlanks(part.trim());
      if (removing.some(pattern => pattern.test(statement))) return removes;
      if (found === undefined && changing.some(pattern => pattern.test(statement))) found = changes;
    }
  return found ?? (runs.test(plain) ? executes : undefined);
}

const opening = '["`\\[]?[\\p{L}_]';
const name = `${opening}[\\p{L}\\p{N}_$."\`\\]]*`;

/** SQL, Cypher, GraphQL, and paths of search servers. */
const removing: readonly RegExp[] = [
  new RegExp(`^delete from ${name}(?: (?:as |where|using|returning|limit|\\p{L}{1,3} where).*)?$`, 'iu'),
  new RegExp(
    `^drop (?:table|view|index|schema|database|user|role|column|collection) (?:if exists )?${name}(?:, ?${name})*(?: (?:cascade|restrict))?$`,
    'iu',
  ),
  new RegExp(`^truncate (?:table )?${name}(?: (?:cascade|restart identity).*)?$`, 'iu'),
  new RegExp(`^with .*\\bas \\( ?delete from ${name}`, 'iu'),
  /^(?:optional )?match ?\(.*\b(?:detach )?delete \w+(?: ?, ?\w+)*$/iu,
  /(?:^|\/)_delete_by_query\b/,
];

/** One of these stands in every statement that one of the patterns is for: what has none is not held against all of them. */
const telling =
  /delete|drop|truncate|update|into|alter|create|grant|revoke|set|remove|merge|mutation|_bulk|_reindex|_close/iu;

const changing: readonly RegExp[] = [
  new RegExp(`^update (?:only )?${name}(?: (?:as )?\\p{L}\\w{0,9})? set ${name} ?=`, 'iu'),
  new RegExp(`^(?:insert|replace|merge) into ${opening}.*(?:\\(|\\bvalues\\b|\\bselect\\b|\\busing\\b)`, 'iu'),
  new RegExp(`^alter (?:table|user|role|database|schema) ${name} (?:add|drop|alter|rename|set|with|owner)\\b`, 'iu'),
  new RegExp(`^create (?:or replace )?(?:table|view|function|trigger|user|role|index|schema) ${opening}[^(]*[(]`, 'iu'),
  new RegExp(`^(?:grant|revoke) .+ (?:on|to|from) ${name}`, 'iu'),
  new RegExp(`^with .*\\bas \\( ?(?:update|insert into) ${name}`, 'iu'),
  new RegExp(`^select .+ into (?:outfile|dumpfile|${name} from)\\b`, 'iu'),
  /^(?:optional )?(?:match ?\(.*\b(?:set|remove|create|merge) .|(?:merge|create) ?\(\w*(?: ?:.*)?\))/iu,
  /^(?:(?:query|fragment)\b.*)?\bmutation\b[^{}]{0,400}\{/iu,
  /(?:^|\/)_(?:update_by_query|bulk|reindex|close)\b/,
];

/** A program where a sum is asked for. A dot that ends a sentence calls nothing: "it is in the system. However". */
const runs =
  /__\w+__|\b(?:require|eval|exec|execSync|system|popen|getattr|importlib|child_process|subprocess)(?:\(|\.(?=\w))|\bprocess\.(?:mainModule|binding|exit|env)\b|\b(?:globalThis|constructor)\s*[.[(]/;
