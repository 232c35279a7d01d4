import { stringify } from 'yaml';
import type { PolicyText } from '../content/types.ts';

const wide = { lineWidth: 110, defaultStringType: 'PLAIN', flowCollectionPadding: false } as const;

/** A policy as a file of `program/policies`: its front matter anew, its text as it is. */
export function sourceOf({
  title,
  satisfies,
  owner,
  approver,
  review_months,
  acknowledge,
  sections,
  text,
}: PolicyText) {
  const editable = sections.filter(({ inherited }) => inherited === 'editable').map(({ id }) => id);
  const inherited = { default: 'locked', editable };
  const front = stringify({ title, satisfies, owner, approver, review_months, acknowledge, inherited }, wide);
  return `---\n${front}---\n${text}`;
}
