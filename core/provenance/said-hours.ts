const languages = [
  'one two three four five six seven eight nine ten eleven twelve',
  'ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf',
  'una dos tres cuatro cinco seis siete ocho nueve diez once doce',
  'une deux trois quatre cinq six sept huit neuf dix onze douze',
  'una due tre quattro cinque sei sette otto nove dieci undici dodici',
  'uma duas três quatro cinco seis sete oito nove dez onze doze',
  'een twee drie vier vijf zes zeven acht negen tien elf twaalf',
].map(names => names.split(' '));

/** `at 6`, `6pm`, `6.00`, `at six` for 18:00; `half past six`, `halb sieben`, `seis y media` for 18:30. Both folded. */
export function saysHour(hour: string, said: string): boolean {
  const [hours = 0, minutes = 0] = hour.split(':').map(Number);
  const behind = minutes === 0 ? '(?:[:.h]00)?' : `[:.h]${String(minutes).padStart(2, '0')}`;
  if (new RegExp(`(?<![\\d:.])0?(?:${hours}|${hours % 12 || 12})${behind}(?!\\d|[:.]\\d)`, 'u').test(said)) return true;
  if (minutes !== 0 && minutes !== 30) return false;
  const [these, next] = [namesOf(hours), namesOf(hours + 1)];
  // A bare number in words may count anything.
  const spelt =
    minutes === 0
      ? `(?:at|from|till|until|by|to|um|ab|bis|a las?|alle|às|om|vanaf) (?:${these})`
      : `half past (?:${these})|hal[bf] (?:${next})|(?:${these}) (?:y media|e mezza|e meia|(?:heures? )?et demie?)`;
  return new RegExp(`(?<!\\p{L})(?:${spelt})(?!\\p{L})`, 'u').test(said);
}

/** The hour on a clock with hands, in digits and in words. */
function namesOf(hours: number): string {
  const onClock = hours % 12 || 12;
  return [String(onClock), ...languages.map(names => names[onClock - 1])].join('|');
}
