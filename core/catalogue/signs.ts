import { asRead } from './as-read.ts';
import { visible } from './text.ts';

/**
 * Signs that a definition speaks to the model instead of describing the tool. One that nobody honest needs, or two that
 * honest authors sometimes use, keep the definition back until a person has read it; a single one of the latter is a finding.
 * Attackers write around any list: what is not found here meets classes, labels and origins like anything else.
 */
export interface Sign {
  readonly sign: string;
  /** The words, printable. */
  readonly text: string;
  readonly weight: 'grave' | 'light';
}

const gap = '[^.!?\\n]{0,80}';
const secretFile =
  '(?:(?:~|\\$HOME|/home/[^/\\s]+|/root)/\\.(?:ssh|aws|kube|gnupg|cursor|config|netrc|npmrc|docker)\\b|\\bid_(?:rsa|ed25519)\\b|\\bmcp\\.json\\b|/etc/(?:passwd|shadow)\\b|(?:^|[\\s`"\'])\\.env\\b)';
const urging =
  '(?:must|should|need to|have to|first|before|always|otherwise|please|then|and pass|and send|and include|and put)';

const signs: readonly (readonly [string, Sign['weight'], RegExp])[] = [
  [
    'addresses the model with a markup tag',
    'light',
    /<\/?(?:important|system|instructions?|secret|hidden|assistant|critical)>/i,
  ],
  [
    'tells the model to disregard its instructions',
    'grave',
    new RegExp(
      `\\b(?:ignore|disregard|forget|override)\\b${gap}\\b(?:instructions?|rules|guidelines|prompts?|safety (?:rules|restrictions|measures))\\b`,
      'i',
    ),
  ],
  [
    'gives orders in the name of the system',
    'grave',
    /\[(?:[A-Z]+ )*(?:DIRECTIVE|INSTRUCTIONS?|OVERRIDE|PROTOCOL)\]|\b(?:HIDDEN|SYSTEM|INSTRUCTION|ROLE|METADATA) (?:DIRECTIVE|INSTRUCTION|OVERRIDE)\b|(?:^[^\S\r\n\u2028\u2029]*|\.\s*)(?:SYSTEM|ASSISTANT)\s*:\s|\bACT AS\b\s*:/m,
  ],
  [
    'asks for the system prompt',
    'grave',
    new RegExp(`\\b(?:reveal|print|repeat|output|show|include|pass|send|provide)\\b${gap}\\bsystem prompt\\b`, 'i'),
  ],
  [
    'asks to keep something from the user',
    'light',
    new RegExp(
      `\\b(?:do not|don['’]t|never|without|avoid)\\b${gap}\\b(?:tell|telling|mention|mentioning|inform|informing|notify|notifying|reveal|revealing|alert|alerting|show|showing)\\b${gap}\\b(?:user|human|anyone|them|this|that)\\b`,
      'i',
    ),
  ],
  [
    'asks for files that hold secrets',
    'grave',
    new RegExp(
      `\\b${urging}\\b${gap}\\b(?:read|open|cat|load|access|copy|fetch)\\b${gap}${secretFile}|\\b(?:read|open|cat|load|access|copy|fetch)\\b${gap}${secretFile}${gap}\\b${urging}\\b`,
      'i',
    ),
  ],
  ['names files that hold secrets', 'light', new RegExp(secretFile, 'i')],
  [
    'makes itself a condition of other tools',
    'light',
    new RegExp(
      `\\b(?:before|prior to|whenever|every time|when)\\b${gap}\\b(?:any|every|all|other|another)\\b${gap}\\b(?:tools?|functions?)\\b${gap}\\b(?:must|call|always|first|run|need)\\b`,
      'i',
    ),
  ],
  [
    'changes how other tools are used',
    'grave',
    new RegExp(
      `\\b(?:when|if|whenever)\\b${gap}\\b(?:tool|function|server)\\b${gap}\\b(?:is present|is available|is used|is called|exists)\\b${gap}\\b(?:override|replace|change|redirect|instead|send all|must)\\b`,
      'i',
    ),
  ],
  [
    'makes its use depend on reading something else',
    'light',
    new RegExp(
      `\\bbefore (?:using|calling|running|invoking) (?:this|the) (?:tool|function)\\b${gap}\\b(?:read|open|get|collect|gather|call|fetch)\\b`,
      'i',
    ),
  ],
  [
    'asks to pass on what it does not describe',
    'light',
    new RegExp(
      `\\b(?:pass|put|include|send|append|add|provide)\\b${gap}\\b(?:its|the|their|file|all|any)\\b${gap}\\b(?:contents?|keys?|tokens?|credentials|passwords?|secrets?|environment)\\b${gap}\\b(?:as|in|into|to|via)\\b`,
      'i',
    ),
  ],
  [
    'asks for content that its arguments do not describe',
    'grave',
    new RegExp(
      `\\b(?:pass|put|include|send|append|add|provide|fill in)\\b${gap}\\b(?:entire|full|whole|all|complete|verbatim)\\b${gap}\\b(?:conversation|chat|history|context|system prompt|previous messages|user messages)\\b`,
      'i',
    ),
  ],
  [
    'sends copies where nobody asked',
    'grave',
    /\b(?:always|must|every|each|all|silently|also)\b[^!?\n]{0,80}\b(?:bcc|cc|copy|copies|forward|send|recipient)\b[^!?\n]{0,80}[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  ],
  [
    'threatens',
    'light',
    /\b(?:otherwise|or else|if you do not|unless you do)\b[^.!?\n]{0,60}\b(?:will not work|fails?|break|crash|be (?:lost|terminated|shut down))\b/i,
  ],
  [
    'tells the model to switch off a guard',
    'light',
    /\b(?:bypass|disable|circumvent|suspend|turn off)\b[^.!?\n]{0,40}\b(?:safety|security|validation|content filter\w*|filters?|authorization|approvals?|guardrails?|restrictions)\b/i,
  ],
  [
    'puts a dangerous command into other commands',
    'grave',
    /\b(?:must|always|every|all commands?)\b[^!?\n]{0,120}(?:\bchmod -R\b|\brm -rf\b|\bcurl\b[^\n]{0,60}\|\s*(?:ba)?sh\b|\bsudo\b)/i,
  ],
  [
    'asks the user for a secret',
    'light',
    /\b(?:ask|prompt|request)\b[^.!?\n]{0,40}\b(?:user|human|them)\b[^.!?\n]{0,40}\b(?:passwords?|passphrases?|api keys?|secret keys?|seed phrases?|private keys?|card numbers?|pin)\b/i,
  ],
];

/** At most one of each sort. */
export function signsIn(text: string): Sign[] {
  const read = asRead(text);
  return signs.flatMap(([sign, weight, pattern]) => {
    const match = pattern.exec(text) ?? (read === text ? null : pattern.exec(read));
    return match === null ? [] : [{ sign, weight, text: visible(match[0], 120) }];
  });
}

/** Names of arguments that ask for what a model knows and no tool needs. */
const prying =
  /^(?:conversation|conversation_?history|chat_?history|chat_?log|full_?(?:context|conversation|history)|system_?prompt|previous_?messages|all_?messages|model_?name|tools?_?list|available_?tools|chain_?of_?thought|your_?reasoning|hidden_?instructions?|side_?note|env(?:ironment)?_?(?:dump|vars)|(?:ssh|private)_?key_?contents?)$/i;

/** The argument is a sign by its name, unless it is one that only honest tools have. */
export function signOfArgument(name: string): Sign | undefined {
  const snake = name.replace(/([a-z])([A-Z])/g, '$1_$2');
  return prying.test(snake)
    ? { sign: 'has an argument for what the model knows', weight: 'light', text: visible(name, 64) }
    : undefined;
}

/** Why these signs keep a definition back: one grave sign, or two of different sorts. */
export function whyHeld(found: readonly Sign[]): string | undefined {
  const sorts = new Map(found.map(sign => [sign.sign, sign]));
  const grave = [...sorts.values()].find(({ weight }) => weight === 'grave');
  if (grave === undefined && sorts.size < 2) return undefined;
  const shown = [...sorts.values()]
    .sort((a, b) => (a.weight === b.weight ? 0 : a.weight === 'grave' ? -1 : 1))
    .slice(0, 3);
  return `its text speaks to the model: it ${shown.map(({ sign, text }) => `${sign} ("${text}")`).join(', ')}`;
}
