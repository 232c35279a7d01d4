import { isResourceType } from '@safeguard/fhir';
import { fault, type Issue, isUuid } from '@safeguard/kernel';
import { type DenialBasis, denialBases, type NewRightRequest, type RightKind } from './types.ts';

const kinds: readonly RightKind[] = ['export', 'amendment', 'objection'];
const [text_least, text_most] = [10, 4_000];
const unseen = /[\p{Cc}--[\n\t]]/v;

const wrong = (at: string, text: string): Issue => ({ severity: 'error', code: 'invalid', text, at });

/** Words of a person: something to go by, and no more than somebody reads. */
function textIssue(at: string, text: unknown): Issue | undefined {
  const isText = typeof text === 'string' && text.isWellFormed() && !unseen.test(text);
  if (isText && text.trim().length >= text_least && text.length <= text_most) return undefined;
  return wrong(at, `A text of ${text_least} to ${text_most} characters is expected.`);
}

export function requireText(at: string, text: unknown): void {
  const issue = textIssue(at, text);
  if (issue !== undefined) throw fault('invalid', issue.text, { issues: [issue] });
}

function aboutIssue({ kind, about }: NewRightRequest): Issue | undefined {
  if (kind === 'amendment') {
    const [type = '', id = '', ...more] = (about ?? '').split('/');
    const fits = isResourceType(type) && isUuid(id) && more.length === 0;
    return fits
      ? undefined
      : wrong('about', 'An amendment names the resource that is wrong: its type, "/" and its id.');
  }
  if (kind === 'objection') {
    return isUuid(about ?? '') ? undefined : wrong('about', 'An objection names the id of the entry of the log.');
  }
  return about === undefined ? undefined : wrong('about', 'A copy is of the whole record.');
}

/** Fault `invalid` with an issue for each field that is wrong. `now`: milliseconds since the Unix epoch. */
export function checkRequest(wanted: NewRightRequest, now: number): void {
  const { kind, patient, text, received_at } = wanted;
  const issues: (Issue | undefined)[] = [];
  if (!kinds.includes(kind)) issues.push(wrong('kind', `Expected one of: ${kinds.join(', ')}.`));
  if (!isUuid(patient)) issues.push(wrong('patient', 'A patient is named by the id of its Patient.'));
  if (kind !== 'export') issues.push(textIssue('text', text));
  else if (text !== undefined) issues.push(textIssue('text', text));
  issues.push(aboutIssue(wanted));
  if (received_at !== undefined && !(received_at <= now)) {
    issues.push(wrong('received_at', 'A request was not received in the future.'));
  }
  const found = issues.filter((issue) => issue !== undefined);
  if (found.length > 0) throw fault('invalid', 'The request is not valid.', { issues: found });
}

export function checkAnswer(kind: RightKind, verdict: string, text: unknown, basis: DenialBasis | undefined): void {
  requireText('text', text);
  const needs = verdict === 'denied' && kind !== 'objection';
  const fits = needs ? basis !== undefined && denialBases.includes(basis) : basis === undefined;
  if (fits) return;
  const told =
    'A denial of a copy or an amendment, and nothing else, names its basis (45 CFR 164.524(a), 164.526(a)(2)).';
  throw fault('invalid', told, { issues: [wrong('basis', told)] });
}
