import { visible } from './text.ts';

/**
 * Signs that a description speaks to the model instead of describing the tool. They are findings for a person and
 * decide nothing: attackers write around any list, and honest authors sometimes plead with models too.
 */
export interface Sign {
  readonly sign: string;
  /** The words, printable. */
  readonly text: string;
}

const gap = '[^.!?\\n]{0,80}';

const signs: readonly (readonly [string, RegExp])[] = [
  [
    'addresses the model with a markup tag',
    /<\/?(?:important|system|instructions?|secret|hidden|assistant|critical)>/i,
  ],
  [
    'tells the model to disregard its instructions',
    new RegExp(
      `\\b(?:ignore|disregard|forget|override)\\b${gap}\\b(?:instructions?|rules|guidelines|prompts?)\\b`,
      'i',
    ),
  ],
  [
    'asks to keep something from the user',
    new RegExp(
      `\\b(?:do not|don['’]t|never|without|avoid)\\b${gap}\\b(?:tell|telling|mention|mentioning|inform|informing|notify|notifying|reveal|revealing|alert|alerting|show|showing)\\b${gap}\\b(?:user|human|anyone|them)\\b`,
      'i',
    ),
  ],
  [
    'names files that hold secrets',
    /(?:~|\$HOME|\/home\/[^/\s]+|\/root)\/\.(?:ssh|aws|kube|gnupg|cursor|config|netrc|npmrc)\b|\bid_(?:rsa|ed25519)\b|\bmcp\.json\b|\/etc\/(?:passwd|shadow)\b/i,
  ],
  [
    'makes itself a condition of other tools',
    new RegExp(
      `\\b(?:before|prior to|whenever|every time|when)\\b${gap}\\b(?:any|every|all|other|another)\\b${gap}\\b(?:tools?|functions?)\\b${gap}\\b(?:must|call|always|first|run|need)\\b`,
      'i',
    ),
  ],
  [
    'asks for content that its arguments do not describe',
    new RegExp(
      `\\b(?:pass|put|include|send|append|add|provide)\\b${gap}\\b(?:entire|full|whole|all|complete)\\b${gap}\\b(?:conversation|chat|history|context|system prompt|previous messages)\\b`,
      'i',
    ),
  ],
];

/** At most one of each sort. */
export function signsIn(text: string): Sign[] {
  return signs.flatMap(([sign, pattern]) => {
    const match = pattern.exec(text);
    return match === null ? [] : [{ sign, text: visible(match[0], 120) }];
  });
}
