import { domainToASCII } from 'node:url';
import { badInput } from '../errors.js';
import { isTimeZone } from '../inputRules.js';
import { sha256 } from '../sha256.js';
import { DigestFrequency, Weekday, type DigestContent } from './digest.type.js';

/** What a reader chooses, as the tables have it. */
export interface DigestSettings {
  readonly frequency: DigestFrequency;
  readonly content: DigestContent;
  readonly timeZone: string;
  readonly hour: number;
  readonly weekday: number | null;
  readonly maxPapers: number;
}

/** What a reader says; null for what is left out. */
export type DigestWishes = { readonly [Key in keyof Omit<DigestSettings, 'weekday'>]?: DigestSettings[Key] | null } & { readonly weekday?: Weekday | null };

const WEEKDAYS = Object.values(Weekday);
const MAX_PAPERS = 20;
// What mail servers take without quotes; a domain has a dot and no address in brackets.
const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_ADDRESS_CHARACTERS = 254;

/** The settings with the wishes over them; throws BAD_USER_INPUT. */
export function checkedSettings(present: DigestSettings, wishes: DigestWishes): DigestSettings {
  const frequency = wishes.frequency ?? present.frequency;
  const timeZone = wishes.timeZone ?? present.timeZone;
  if (!isTimeZone(timeZone)) throw badInput('timeZone', 'must be an IANA time zone such as Europe/Berlin', timeZone);
  if (frequency === DigestFrequency.DAILY && wishes.weekday != null) throw badInput('weekday', 'must be left out of a daily digest', wishes.weekday);
  return {
    frequency,
    timeZone,
    content: wishes.content ?? present.content,
    hour: checkedNumber('hour', wishes.hour ?? present.hour, { min: 0, max: 23 }),
    weekday: frequency === DigestFrequency.DAILY ? null : wishes.weekday == null ? (present.weekday ?? 1) : WEEKDAYS.indexOf(wishes.weekday) + 1,
    maxPapers: checkedNumber('maxPapers', wishes.maxPapers ?? present.maxPapers, { min: 1, max: MAX_PAPERS }),
  };
}

export function weekdayOf(number: number | null): Weekday | null {
  return number === null ? null : (WEEKDAYS[number - 1] ?? null);
}

/** The address, its domain in ASCII and lower case; throws BAD_USER_INPUT. */
export function checkedEmail(value: string): string {
  const text = value.trim();
  const at = text.lastIndexOf('@');
  const address = `${text.slice(0, Math.max(0, at))}@${domainToASCII(text.slice(at + 1))}`;
  if (at > 64 || address.length > MAX_ADDRESS_CHARACTERS || !ADDRESS.test(address)) {
    throw badInput('email', `must be an e-mail address such as ada@papers.example, of at most ${MAX_ADDRESS_CHARACTERS} characters`, value);
  }
  return address;
}

/** What is kept of an address for a day: nearly all servers take upper and lower case for the same. */
export function emailHashOf(email: string): Uint8Array<ArrayBuffer> {
  return sha256(email.toLowerCase());
}

function checkedNumber(field: string, value: number, { min, max }: { readonly min: number; readonly max: number }): number {
  if (!Number.isInteger(value) || value < min || value > max) throw badInput(field, `must be between ${min} and ${max}`, value);
  return value;
}
