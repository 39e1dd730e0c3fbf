/**
 * The text of a body. Bytes that are valid UTF-8 are UTF-8 whatever they are declared to be, since other texts hardly
 * ever are by chance; else the declared character set decides. Null where neither explains them.
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): string | null {
  const utf8 = decodeAs('utf-8', bytes);
  if (utf8 !== null) return utf8;
  const declared = [charsetOfHeader(contentType), charsetOfXml(bytes)];
  for (const charset of declared) {
    const text = charset === undefined ? null : decodeAs(charset, bytes);
    if (text !== null) return text;
  }
  return null;
}

function decodeAs(charset: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function charsetOfHeader(contentType = ''): string | undefined {
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1];
}

function charsetOfXml(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  return /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1];
}
