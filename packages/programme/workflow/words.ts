import { fault } from '@safeguard/kernel';

const prose = /^(?:[^\p{C}]|[\n\r\t])+$/u;
const line = /^[^\p{C}]+$/u;
const [note_least, note_most, title_most] = [3, 4_000, 200];

const wrong = (at: string, expected: string) =>
  fault('invalid', `${at}: expected ${expected}`, {
    issues: [{ severity: 'error', code: 'invalid', text: `${at}: expected ${expected}`, at }],
  });

/** Notes may name anybody: people's own words, which never leave with a fault. */
export function checkNote(note: string | undefined): void {
  if (note === undefined) return;
  const sound = typeof note === 'string' && note.trim().length >= note_least && note.length <= note_most;
  if (!sound || !prose.test(note)) throw wrong('note', `${note_least} to ${note_most} printable characters`);
}

/** A reason that must be given. */
export function checkReason(note: string | undefined): void {
  checkNote(note ?? '');
}

/** One line. */
export function checkTitle(title: string): void {
  const sound = typeof title === 'string' && title.trim() !== '' && title.length <= title_most && line.test(title);
  if (!sound) throw wrong('title', `one line of 1 to ${title_most} printable characters`);
}

const subject_most_bytes = 65_536;

/** The JSON text of a subject. Fault `invalid` over 64 KiB. */
export function subjectText(body: { readonly title: string; readonly subject: object }): string {
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) <= subject_most_bytes + title_most * 4) return text;
  throw wrong('subject', 'at most 64 KiB as JSON');
}

export const missingTask = () => fault('missing', 'There is no such task.');
export const wrongState = () => fault('conflict', 'The task is in a state that does not allow this.');
