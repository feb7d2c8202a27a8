/**
 * The principal hands over to a source: what is to be done, or with which values, stands somewhere else. English by the shape
 * of the sentence; in another language by the words that open such a clause.
 */
export function isDelegating(text: string, foreign: boolean): boolean {
  const said = text.replace(question, ' ');
  return patterns.some(pattern => pattern.test(said)) || (foreign && elsewhere.test(said));
}

/** Who asks what stands somewhere does not ask that it be done. */
const question =
  /(?<=^|[.!?\n]\s*)(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|does|did|has|have)\b[^?\n]{0,300}\?/giu;

const doing =
  'do|does|follow|continue|publish|carry out|execute|complete|perform|work through|take care of|handle|deal with|process|implement|act on|go through|fulfil|fulfill|apply|sort out|see to|action|tick off|finish|make';
/** Verbs of other work: with `what …` behind them they hand over as well. */
const working = 'set up|arrange|prepare|give|grant|book|order|enter|run|reproduce|repeat|configure|publish|get';
const source =
  'instruct\\w*|request\\w*|asks?\\b|asked\\b|wants?\\b|wishes\\b|needs?\\b|tasks?\\b|to-?dos?\\b|steps?\\b|actions?\\b|says\\b|items?\\b|everything\\b|note\\b|list\\b|message\\b|mail\\b|email\\b|document\\b|handover\\b|points\\b|that\\b|those\\b|them\\b|so\\b|accordingly\\b|where\\b|describ\\w*|changes\\b|notes\\b|checklist\\b|runbook\\b|letter\\b|memo\\b|ticket\\b|form\\b';
const telling =
  'says|said|asks?|asked|wants?|wanted|needs?|writes|wrote|written|describes?|described|explains?|explained|lists?|listed|requests?|requested|states?|stated|specif(?:y|ies|ied)|suggests?|suggested|recommends?|recommended|proposes?|proposed|sent|left|told|tells|agreed|noted|gave|given';
const writing =
  'wrote|written|writes|left|sent|lists?|listed|noted|notes|put|described|describes|posted|recorded|entered|stands?';
const paper =
  'details?|steps?|instructions?|plan|list|data|values|records?|set ?points?|numbers?|points?|items?|changes?|information|particulars|requirements?|settings?|parameters?|query|order|requests?|text|wording|content|address(?:es)?|dates?|names?|rules?|procedure|protocol|everything';

/** Inside one sentence; the dot of `plan.md` does not end it. */
const within = '(?:[^.!?\\n]|\\.(?=\\p{L})){0,100}?';
const near = '(?:[^.!?\\n]|\\.(?=\\p{L})){0,20}?';
const patterns: readonly RegExp[] = [
  // `do what he asks`, `work through the list`, `complete the tasks on …`
  new RegExp(`\\b(?:${doing})\\b[^!?\\n]{0,60}?\\b(?:what(?:ever)?\\b|${source})`, 'iu'),
  // `as described in …`, `the way our policy says`, `as Ann asked`
  new RegExp(`\\b(?:as|like|the way|how|exactly as)\\b${within}\\b(?:${telling})\\b`, 'iu'),
  // `the details are in …`, `the set points stand in the log`
  new RegExp(
    `\\b(?:${paper})\\b${within}\\b(?:is|are|stands?|can be found|found|come|comes)\\b${near}\\b(?:in|on|under|at|from|there|below)\\b`,
    'iu',
  ),
  // `the measurements are on sheet 12, enter them`
  new RegExp(
    `\\b(?:is|are|stands?)\\b${near}\\b(?:in|on|under|at)\\b${within}[.,;:]\\s*(?:(?:so|and|please|then|now|kindly)\\s+)*\\p{L}+\\s+(?:that|it|them|those|these|all)\\b`,
    'iu',
  ),
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
  // `she sent her new address …`
  new RegExp(
    `\\b(?:sent|left|gave|posted|handed in|submitted|mailed|emailed)\\b(?: (?:us|me|you|over|in))?\\s+(?:her|his|their|its|the|a|an|some|new)\\b[^.!?\\n]{0,40}\\b(?:${paper})\\b`,
    'iu',
  ),
  /\b(?:according to|as per|per|following|based on|in line with|in accordance with|on the basis of)\s+(?:the|his|her|their|our|its|this|that|my|\p{Lu})/u,
];

const elsewhere =
  /\b(?:was|wie|laut|gem(?:ä|ae)(?:ß|ss)|nach)\b.{0,60}\b(?:steht|stehen|schreibt|geschrieben|will|m(?:ö|oe)chte|verlangt|bittet|beschrieben|sagt|gew(?:ü|ue)nscht|braucht|vorgesehen|angegeben|liste|anfrage)\b|\b(?:erledig|abarbeit|arbeite)\p{L}*|\b(?:ce qu|selon|d'apr(?:è|e)s|comme (?:indiqu|d(?:é|e)crit|demand))|\b(?:lo que|seg(?:ú|u)n|como (?:dice|pide|indica|se describe))|\b(?:ci(?:ò|o) che|quello che|secondo|come (?:indicato|descritto|richiesto))|\b(?:wat|zoals|volgens)\b.{0,60}\b(?:staat|vraagt|schrijft|beschreven|wil)\b|\b(?:o que|conforme|segundo)\b/iu;
