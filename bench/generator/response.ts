export interface Response {
  readonly status: number;
  /** Status line and header fields as they came. */
  readonly head: string;
  readonly body: Buffer;
}

const blank = Buffer.from('\r\n\r\n');
const none: Buffer = Buffer.alloc(0);

/** The value of a header field, or undefined. `name` in lower case. */
export function header(head: string, name: string): string | undefined {
  const at = head.toLowerCase().indexOf(`\r\n${name}:`);
  if (at < 0) return undefined;
  const from = at + name.length + 3;
  const to = head.indexOf('\r\n', from);
  return head.slice(from, to < 0 ? undefined : to).trim();
}

/** The values of a header field that may stand more than once. `name` in lower case. */
export const headersOf = (head: string, name: string): string[] =>
  head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());

/** Bytes of the body (RFC 9112 6.3), as far as our servers go: no body, or `content-length`. */
function lengthOf(head: string, status: number): number {
  if (status === 204 || status === 304) return 0;
  const length = header(head, 'content-length');
  if (length === undefined) throw new Error('an answer without content-length: the generator reads no other');
  return Number(length);
}

/**
 * Reads HTTP/1.1 answers of one connection with one request outstanding. The returned function takes each chunk and
 * gives the answer with its last one. Throws on what is not such an answer.
 */
export function responseReader(): (chunk: Buffer) => Response | undefined {
  let held: Buffer = none;
  let parsed: { status: number; head: string; starts: number; ends: number } | undefined;
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (parsed === undefined) {
      const end = held.indexOf(blank);
      if (end < 0) return undefined;
      const head = held.toString('latin1', 0, end);
      const status = Number(head.slice(9, 12));
      if (!head.startsWith('HTTP/1.1 ') || !(status >= 200)) throw new Error('not an HTTP/1.1 answer');
      const starts = end + blank.length;
      parsed = { status, head, starts, ends: starts + lengthOf(head, status) };
    }
    const { status, head, starts, ends } = parsed;
    if (held.length < ends) return undefined;
    if (held.length > ends) throw new Error('more bytes than the answer has');
    const body = held.subarray(starts, ends);
    held = none;
    parsed = undefined;
    return { status, head, body };
  };
}
