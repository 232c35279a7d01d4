import { fault } from '@safeguard/kernel';

const most = 100;

/** What a person calls a factor: up to 100 characters, none invisible; `usual` when they call it nothing. */
export function labelOf(text: string, usual: string): string {
  const label = typeof text === 'string' ? text.trim() : '';
  if (label === '') return usual;
  if (label.length <= most && label.isWellFormed() && !/\p{Cc}/u.test(label)) return label;
  const said = `A factor's name has ${most} characters at most, none of them invisible.`;
  throw fault('invalid', said, { issues: [{ severity: 'error', code: 'invalid', text: said, at: 'label' }] });
}
