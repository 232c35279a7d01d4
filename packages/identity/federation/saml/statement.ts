import { type Arrival, externalId } from '../arrival.ts';
import { must, Refusal } from '../refusal.ts';
import type { SamlSettings } from '../types.ts';
import { type Attributes, attributeOf, attributesOf, personOf } from './attributes.ts';
import { bearer, childrenOf, nameIds, ns, subjectText } from './names.ts';
import type { OwnAddresses } from './own.ts';
import { atMostOne, only, onlyThese } from './shape.ts';
import type { XmlElement } from './xml.ts';

/** How far the provider's clock may be from ours. */
export const skew_ms = 60_000;

export interface Expected {
  readonly own: OwnAddresses;
  /** The ID of our request. */
  readonly request: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The person had to show a factor now: not before this time. */
  readonly fresh_since: number | undefined;
}

/** An assertion that holds: who, and its id with the time after which it holds no more. */
export interface Statement {
  readonly arrival: Arrival;
  readonly id: string;
  readonly until: number;
}

// xs:dateTime in UTC, as SAML core 1.3.3 has it.
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

function timeOf(element: XmlElement, name: string): number | undefined {
  const text = element.attributes.get(name);
  if (text === undefined) return undefined;
  const at = instant.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Refusal('answer malformed');
  return at;
}

function checkTimes(element: XmlElement, now: number): void {
  const from = timeOf(element, 'NotBefore');
  const until = timeOf(element, 'NotOnOrAfter');
  must(from === undefined || from <= now + skew_ms, 'expired');
  must(until === undefined || now < until + skew_ms, 'expired');
}

/** The end of the first bearer confirmation (SAML profiles 4.1.4.2) that is for this request, this address, now. */
function confirmedUntil(subject: XmlElement, { own, request, now }: Expected): number {
  const confirmations = childrenOf(subject, ns.assertion, 'SubjectConfirmation');
  const found = confirmations.find((each) => each.attributes.get('Method') === bearer);
  if (found === undefined) throw new Refusal('subject');
  const data = only(found, ns.assertion, 'SubjectConfirmationData');
  must(data.attributes.get('Recipient') === own.acs, 'recipient');
  must(data.attributes.get('InResponseTo') === request, 'not in answer to our request');
  checkTimes(data, now);
  const until = timeOf(data, 'NotOnOrAfter');
  if (until === undefined) throw new Refusal('expired');
  return until;
}

function checkConditions(assertion: XmlElement, { own, now }: Expected): void {
  const conditions = only(assertion, ns.assertion, 'Conditions');
  // A condition that is not understood is not met (SAML core 2.5.1.1).
  onlyThese(conditions, [
    [ns.assertion, 'AudienceRestriction'],
    [ns.assertion, 'OneTimeUse'],
    [ns.assertion, 'ProxyRestriction'],
  ]);
  checkTimes(conditions, now);
  const restrictions = childrenOf(conditions, ns.assertion, 'AudienceRestriction');
  must(restrictions.length > 0, 'audience');
  for (const restriction of restrictions) {
    const audiences = childrenOf(restriction, ns.assertion, 'Audience').map(({ text }) => text.trim());
    must(audiences.includes(own.entity_id), 'audience');
  }
}

/** The class of authentication that the assertion claims. */
function authenticated(assertion: XmlElement, { now, fresh_since }: Expected): string | undefined {
  const statement = only(assertion, ns.assertion, 'AuthnStatement');
  const at = timeOf(statement, 'AuthnInstant');
  if (at === undefined) throw new Refusal('answer malformed');
  must(at <= now + skew_ms, 'expired');
  must(fresh_since === undefined || at >= fresh_since - skew_ms, 'authentication too old');
  const until = timeOf(statement, 'SessionNotOnOrAfter');
  must(until === undefined || now < until + skew_ms, 'expired');
  const context = only(statement, ns.assertion, 'AuthnContext');
  return atMostOne(context, ns.assertion, 'AuthnContextClassRef')?.text.trim();
}

interface Named {
  readonly format: string;
  readonly value: string;
}

/** The whole text of the NameID. There is nothing inside it: a comment would have been refused before. */
function nameIdOf(subject: XmlElement): Named {
  const nameId = only(subject, ns.assertion, 'NameID');
  onlyThese(nameId, []);
  const value = nameId.text.trim();
  must(value !== '' && value.length <= 256, 'subject');
  return { format: nameId.attributes.get('Format') ?? '', value };
}

/** Only a name that stays is one: a transient NameID needs an attribute in its place. */
function subjectOf({ format, value }: Named, attribute: string | undefined, name: string | undefined): string {
  if (name !== undefined) {
    if (attribute === undefined || attribute.length > 256) throw new Refusal('subject');
    return subjectText(['attribute', name, attribute]);
  }
  must(format !== nameIds.transient, 'subject');
  return subjectText([format, value]);
}

/** Who it is in the directory. A NameID that passes, or that is an address, is nobody's id. */
function externalIdOf({ directory }: SamlSettings, { format, value }: Named, attributes: Attributes) {
  if (directory === 'none') return undefined;
  if (directory.claim !== 'NameID') return externalId(attributeOf(attributes, directory.claim));
  return format === nameIds.transient || format === nameIds.address ? undefined : externalId(value);
}

/** Reads the assertion out of the signed bytes. Throws `Refusal`. */
export function readStatement(assertion: XmlElement, settings: SamlSettings, expected: Expected): Statement {
  must(only(assertion, ns.assertion, 'Issuer').text.trim() === settings.entity_id, 'issuer');
  const issued = timeOf(assertion, 'IssueInstant');
  must(issued !== undefined && issued <= expected.now + skew_ms, 'expired');
  const subject = only(assertion, ns.assertion, 'Subject');
  onlyThese(subject, [
    [ns.assertion, 'NameID'],
    [ns.assertion, 'SubjectConfirmation'],
  ]);
  const until = confirmedUntil(subject, expected);
  checkConditions(assertion, expected);
  const acr = authenticated(assertion, expected);
  const nameId = nameIdOf(subject);
  const attributes = attributesOf(assertion);
  const person = personOf(settings.claims, nameId.format === nameIds.address ? nameId.value : undefined, attributes);
  const stable = subjectOf(nameId, person.subject, settings.claims.subject);
  return {
    arrival: { ...person, subject: stable, external_id: externalIdOf(settings, nameId, attributes), acr },
    id: assertion.attributes.get('ID') ?? '',
    until: until + skew_ms,
  };
}
