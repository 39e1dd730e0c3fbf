import { hash } from 'node:crypto';

/** SHA-256 of a text in UTF-8: 32 bytes, in the form that both database drivers take. */
export function sha256(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', text, 'buffer'));
}
