import { isValidPhoneNumber } from 'libphonenumber-js/min';
import { personValidators, type Validator } from 'stdnum';
import type { NumberBooks } from './read-personal.ts';

/** Numbering plans of telephones, and registers of people: 25 MB once they are loaded, so they are imported when asked for. */
export const numberBooks: NumberBooks = { isPhone, nationalId };

const validators: readonly Validator[] = [...new Set(Object.values(personValidators).flat())];

function isPhone(text: string): boolean {
  return isValidPhoneNumber(text);
}

function nationalId(text: string): 'written' | 'bare' | undefined {
  let found: 'bare' | undefined;
  for (const validator of validators) {
    if (!isPersons(validator, text)) continue;
    if (/[^\d]/.test(text) && validator.format(validator.compact(text)) === text) return 'written';
    found = 'bare';
  }
  return found;
}

/** The library throws at some texts that are no number at all. */
function isPersons(validator: Validator, text: string): boolean {
  try {
    const result = validator.validate(text);
    return result.isValid && result.isIndividual;
  } catch {
    return false;
  }
}
