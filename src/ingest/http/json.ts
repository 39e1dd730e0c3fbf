import { HttpError } from './httpClient.js';

/** The value that an answer says in JSON; throws HttpError for a broken one, which is asked for again. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpError(`the answer must be JSON, received ${text.slice(0, 80)}`, null, { cause });
  }
}
