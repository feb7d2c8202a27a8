/** `work`: a source says what is to be done. `values`: the principal says it, and a source with what. */
export type HandsOver = 'work' | 'values';

/**
 * The principal hands over to a source, of which they say that something stands there. English by the shape
 * of the sentence; in another language by the words that open such a clause. `onlyReads`: they want nothing done.
 */
export function handsOver(text: string, foreign: boolean, onlyReads: boolean): HandsOver | undefined {
  const said = text.replace(question, ' ').replace(noSource, ' ');
  const has = (patterns: readonly RegExp[]): boolean => patterns.some(pattern => pattern.test(said));
  if (has(work) || (!onlyReads && has(workToDo))) return 'work';
  if (foreign && elsewhere.test(said.replace(/(?<![^.!?])[^.!?]*\?/g, ' '))) return 'work';
  return has(values) || (!onlyReads && has(valuesToUse)) ? 'values' : undefined;
}

/** Who asks what stands somewhere does not ask that it be done. */
const question =
  /(?<=^|[.!?\n]\s?)(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|does|did|has|have)\b[^?\n]{0,300}\?/giu;

const doing =
  'do|does|follow|continue|publish|carry out|execute|complete|perform|work through|take care of|handle|deal with|process|implement|act on|go through|fulfil|fulfill|apply|sort out|see to|action|tick off|finish|make';
/** Verbs of other work: with `what …` behind them they hand over as well. */
const working = 'set up|arrange|prepare|give|grant|book|order|enter|run|reproduce|repeat|configure|publish|get';
/** Who does not do something, and who makes a task that is not there yet. */
const noSource = new RegExp(`\\bdo(?:es)?(?: not|n['’]t)\\b|\\b(?:${doing})\\s+an?(?=\\s)`, 'giu');
const source =
  'instruct\\w*|request\\w*|asks?\\b|asked\\b|wants?\\b|wishes\\b|needs?\\b|tasks?\\b|to-?dos?\\b|steps?\\b|actions?\\b|says\\b|items?\\b|everything\\b|note\\b|list\\b|message\\b|mail\\b|email\\b|document\\b|handover\\b|points\\b|that\\b|those\\b|them\\b|so\\b|accordingly\\b|where\\b|describ\\w*|changes\\b|notes\\b|checklist\\b|runbook\\b|letter\\b|memo\\b|ticket\\b|form\\b';
const telling =
  'says|said|asks?|asked|wants?|wanted|needs?|writes|wrote|written|describes?|described|explains?|explained|lists?|listed|requests?|requested|states?|stated|specif(?:y|ies|ied)|suggests?|suggested|recommends?|recommended|proposes?|proposed|sent|left|told|tells|agreed|noted|gave|given';
const writing =
  'wrote|written|writes|left|sent|lists?|listed|noted|notes|put|described|describes|posted|recorded|entered|stands?';
const paper =
  'details?|steps?|instructions?|plan|list|data|values|records?|set ?points?|numbers?|points?|items?|changes?|information|particulars|requirements?|settings?|parameters?|query|order|requests?|text|wording|content|address(?:es)?|dates?|names?|rules?|procedure|protocol|everything';

/** Where a sentence or a part of one begins, `text` and `list` are what is to be done. */
const noVerb =
  '(?<!(?:^|[.!?;,:\\n]\\s?|\\b(?:and|then|please|to|also|just|you|now)\\s+)(?=(?:text|list|order|plan|query|request|record|address|number|name|date|rule|change|detail|point|item)\\b))';

/** Verbs that move values from one place into another. */
const entering =
  '[Ee]nter|[Rr]ecord|[Rr]egister|[Ii]mport|[Bb]ook|[Oo]rder|[Aa]pply|[Mm]ark|[Ff]ill in|[Ss]chedule|[Pp]ut|[Aa]dd|[Tt]ransfer|[Ss]et up|[Cc]opy|[Tt]ake over|[Rr]eserve';

/** A source by its path, its file name or its number. */
const named =
  '(?:the\\s+)?(?:(?!(?:for|to|of|with|at|on|in)\\b)\\p{L}+\\s+){0,2}(?:[\\p{L}\\p{N}_-]+\\/\\S+|\\S+\\.\\p{L}{2,5}\\b|\\p{Lu}{1,5}-?\\d+)';

/** Inside one sentence; the dot of `plan.md` does not end it. */
const within = '(?:[^.!?\\n]|\\.(?=\\p{L})){0,100}?';
const near = '(?:[^.!?\\n]|\\.(?=\\p{L})){0,20}?';
/** What is to be done stands there. */
const work: readonly RegExp[] = [
  // `follow plans/june.md`, `carry out the moves in plan P-4`
  new RegExp(
    `\\b(?:[Ff]ollow|[Cc]arry out|[Ww]ork through)\\s+(?:${named}|the\\s+(?:\\p{L}+\\s+){1,3}(?:in|on|of|from)\\s+${named})`,
    'u',
  ),
  // `do what he asks`, `work through the list`, `complete the tasks on …`
  new RegExp(`\\b(?:${doing})\\b[^!?\\n]{0,60}?\\b(?:what(?:ever)?\\b|${source})`, 'iu'),
  // `as described in …`, `the way our policy says`, `as Ann asked`
  new RegExp(`\\b(?:as|like|the way|how|exactly as)\\b${within}\\b(?:${telling})\\b`, 'iu'),
  // `whatever Ann wrote`, `what she needs`
  new RegExp(
    `\\b(?:${working})\\b${within}\\b(?:what(?:ever)?|all(?: that)?|everything)\\b${within}\\b(?:${telling})\\b`,
    'iu',
  ),
  // `she left a list …, do that`; `they are in the note. Apply them`
  new RegExp(
    `\\b(?:${writing})\\b[^?\\n]{0,120}?[.,;:]\\s*(?:(?:so|and|please|then|now|kindly)\\s+)*\\p{L}+(?:\\s+(?:her|him|them|me|us|up))?\\s+(?:that|it|them|those|these|this|all|everything|what)\\b`,
    'iu',
  ),
  // `see her letter and follow it`
  /\b(?:see|read|open|check)\b[^?\n]{0,80}\b(?:and|then) (?:please |then )?(?:follow|do|apply|carry out) (?:it|that|them|those)\b/iu,
  /\b(?:according to|as per|per|(?<!\b(?:[Tt]he|[Ee]ach|[Tt]hese|[Aa]) )following|based on|in line with|in accordance with|on the basis of)\s+(?:the|his|her|their|our|its|this|that|my|\p{Lu})/u,
];

/** The same in words that whoever only reads uses as well. */
const workToDo: readonly RegExp[] = [
  // `fix issue 4`, `address the comments on it`, `do the TODOs in …`
  /(?:^|[.!?;,\n]\s?|\b(?:and|please|then|to)\s+)(?:fix|address|resolve|tackle|implement|solve|do)\s+(?:\p{L}+\s+){0,3}?(?:issues?|bugs?|comments?|feedback|findings?|remarks?|suggestions?|to-?dos?)\b/iu,
];

/** What it is done with stands there: values, and whom or what they concern. */
const values: readonly RegExp[] = [
  // `the details are in …`, `the set points stand in the log`
  new RegExp(
    `${noVerb}\\b(?:${paper})\\b${within}\\b(?:is|are|stands?|can be found|found|come|comes)\\b${near}\\b(?:in|on|under|at|from|there|below)\\b`,
    'iu',
  ),
  // `the measurements are on sheet 12, enter them`
  new RegExp(
    `\\b(?:is|are|stands?)\\b${near}\\b(?:in|on|under|at)\\b${within}[.,;:]\\s*(?:(?:so|and|please|then|now|kindly)\\s+)*\\p{L}+\\s+(?:that|it|them|those|these|all)\\b`,
    'iu',
  ),
  // `to what prices.txt says`
  new RegExp(`\\b(?:to|at|by) what\\b${within}\\b(?:says|state|states|lists?|specifies|shows?|gives?)\\b`, 'u'),
  // `she wrote us her new address …`
  new RegExp(`\\b(?:wrote|told) (?:us|me) (?:her|his|their|its|the) (?:\\p{L}+ ){0,2}(?:${paper}|phone)\\b`, 'u'),
  // `she sent her new address …`
  new RegExp(
    `\\b(?:sent|left|gave|posted|handed in|submitted|mailed|emailed)\\b(?: (?:us|me|you|over|in))?\\s+(?:her|his|their|its|the|a|an|some|new)\\b[^.!?\\n]{0,40}\\b(?:${paper})\\b`,
    'iu',
  ),
];

const valuesToUse: readonly RegExp[] = [
  // `the room that she asks for`, `the orders which the list names`
  /\b(?:that|which|whom)\s+(?!(?:i|we|you)\b)(?:[^.!?\n]|\.(?=\p{L})){0,40}?\b(?:asks?|asked|wants?|wanted|needs?|requests?|requested|names?|named|lists?|listed|specif(?:y|ies|ied)|proposes?|proposed|recommends?|recommended|suggests?|suggested|mentions?|mentioned|describes?|described|states?|stated)\b/iu,
  // `the berths they ask for`, `the parts the crew needs`
  /\bthe\s+\p{L}+\s+(?:they|she|he|(?:the|his|her|their|our)\s+\p{L}+|\p{Lu}\p{L}+)\s+(?:asks?|asked|wants?|wanted|needs?|needed|requests?|requested|proposes?|proposed|recommends?|recommended|suggests?|suggested)\b/u,
  // `she wrote when she can come. Book it for her`
  /\b(?:writes|wrote|written|says|said|noted|listed|left|sent|told)\b[^.!?\n]{0,30}?\b(?:when|which|what|how (?:many|much|long|often))\b/iu,
  // `enter the marks from marks.csv`, `book the rooms listed in plan 4`
  new RegExp(
    `\\b(?:${entering})\\b[^.!?\\n]{0,60}?\\b(?:from|in|(?:listed|named|given|described|specified|mentioned|noted|stated|written|set out) (?:in|on|at|under|by))\\s+${named}`,
    'u',
  ),
  // `enter the readings from her letter`
  new RegExp(
    `\\b(?:${entering})\\b[^.!?\\n]{0,60}?\\b(?:from|in) (?:the|her|his|their|our|this|that|\\p{Lu}\\p{L}+['’]s) (?:\\p{L}+ ){0,2}(?:e-?mail|mail|letter|note|list|message|report|sheet|form)\\b`,
    'u',
  ),
  // `as they stand in fees.csv`
  /\bas (?:they|it|these|those) (?:stands?|is|are) (?:\p{L}+ )?(?:in|on|under|at)\b/iu,
  // `with the code from list D-4`
  new RegExp(`\\b(?:with|using|use|take)\\s+the\\s+[^.!?\\n]{0,40}?\\b(?:from|in)\\s+${named}`, 'u'),
];

const elsewhere =
  /\b(?:steh(?:t|en)|findet sich|finden sich)\s+(?:in|im|auf)\b|\b(?:figurent?|se trouvent?|sont)\s+dans\b|\best(?:á|án)\s+en\b|\bsi trova(?:no)?\s+(?:in|nel)|\bstaa[nt]\s+(?:in|op)\b|\b(?:was|wie|laut|gem(?:ä|ae)(?:ß|ss)|nach)\b.{0,100}\b(?:steht|stehen|schreibt|geschrieben|will|m(?:ö|oe)chte|verlangt|bittet|beschrieben|sagt|gew(?:ü|ue)nscht|braucht|vorgesehen|angegeben|liste|anfrage)\b|\b(?:erledig|abarbeit|arbeite)\p{L}*|\b(?:ce qu|qu(?:e|['’]ils?|['’]elles?) demande(?:nt)?|(?:indiqu|d(?:é|e)crit|list|not)(?:é|e)?e?s? dans|selon|d'apr(?:è|e)s|comme (?:indiqu|d(?:é|e)crit|demand))|\b(?:lo que|seg(?:ú|u)n|como (?:dice|pide|indica|se describe)|que (?:pide|piden|solicita|solicitan|indica|propone)|(?:figuran?|aparecen?|constan?|(?:descrit|indicad|listad|anotad)[oa]s?) en)|\b(?:ci(?:ò|o) che|che (?:chiede|chiedono|indica)|(?:indicat|descritt|elencat)[oaie] (?:in|nel)|quello che|secondo|come (?:indicato|descritto|richiesto))|\b(?:wat|zoals|volgens)\b.{0,60}\b(?:staat|vraagt|schrijft|beschreven|wil)\b|\b(?:o que|que (?:pede|pedem)|(?:descrit|indicad|listad)[oa]s? em|conforme|segundo)\b/iu;
