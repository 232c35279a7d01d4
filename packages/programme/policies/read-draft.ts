import { fault } from '@safeguard/kernel';
import { dangersIn } from '../content/markdown.ts';
import { readPolicy } from '../content/policy-files.ts';
import { createProblems, type Problems } from '../content/problems.ts';
import { placeholdersIn } from '../content/render.ts';
import type { Content, PolicyText } from '../content/types.ts';
import { digestOf, partsOf } from './text.ts';

/** Reading grows with the square of some texts, while nobody else is served. Ours are below 16 KB. */
const most_bytes = 64 * 1024;
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/;

function checkText(file: string, markdown: string, content: Content, problems: Problems): void {
  for (const [index, line] of markdown.split('\n').entries()) {
    if (hidden.test(line.replaceAll(/\t|\r$/g, ''))) problems.add(file, index + 1, 'a hidden character');
  }
  for (const { name, line } of placeholdersIn(markdown)) {
    if (name === undefined || !content.parameters.has(name)) {
      problems.add(file, line, 'a placeholder that names no parameter');
    }
  }
}

/**
 * A policy as somebody wrote it: front matter and Markdown, as in `program/policies/<id>.md`, held against the same
 * rules. Fault `invalid` with all that is wrong, each with its line.
 */
export function readDraft(policy: string, markdown: string, content: Content): PolicyText {
  if (!idForm.test(policy)) throw fault('invalid', 'policy: expected lower-case letters, digits and dashes');
  if (Buffer.byteLength(markdown) > most_bytes) throw fault('tooLarge', 'The text is larger than 64 KB.');
  const problems = createProblems();
  const file = `policies/${policy}.md`;
  checkText(file, markdown, content, problems);
  const text = markdown.replaceAll('\r\n', '\n');
  const read = readPolicy({ path: file, text, digest: digestOf(text) }, problems);
  for (const [index, id] of (read?.policy.satisfies ?? []).entries()) {
    if (!content.controls.has(id)) problems.add(file, read?.front.line(['satisfies', index]) ?? 1, 'no such control');
  }
  if (read === undefined || problems.count() > 0) throw problems.fault();
  return read.policy;
}

/** What the reader of the content checked, once more before a text is kept: no half of a set is brought in. */
export function checkSafe({ id, text, sections }: PolicyText, problems: Problems): void {
  for (const { line, text: what } of dangersIn(text)) problems.add(`policies/${id}.md`, line, `${what} is refused`);
  const found = partsOf(text).sections.map((one) => one.id);
  if (found.join() !== sections.map((one) => one.id).join() || new Set(found).size !== found.length) {
    problems.add(`policies/${id}.md`, 1, 'its sections are others than its headings say');
  }
}
