import type { RequestEvent } from '@safeguard/http';
import { agentsIn, disclosing, purposeOf, serverOf } from './agents.ts';
import { entitiesIn } from './entities.ts';
import { kindOf, outcomeOf } from './kinds.ts';
import { disclosureProfile, isDisclosureForm, profilesOf } from './profile.ts';
import { coding, systems } from './systems.ts';
import type { AuditEvent, Reading } from './types.ts';

const applicationServer = coding(systems.sourceType, '4', 'Application Server');

/** How it ended, in the ledger's own fixed words: never a text of a caller's. */
function outcomeDesc({ outcome, status, reason }: RequestEvent): string {
  const word = { permit: 'done', deny: 'denied', fail: 'failed' }[outcome];
  return [`${word} (${status})`, ...(reason === undefined ? [] : [reason])].join(': ');
}

/** What every form shares. */
function bodyOf(reading: Reading) {
  const { event } = reading;
  return {
    recorded: new Date(event.at).toISOString(),
    outcome: outcomeOf(event),
    outcomeDesc: outcomeDesc(event),
    ...(event.purpose === undefined ? {} : { purposeOfEvent: [purposeOf(event.purpose)] }),
  } as const;
}

const sourceOf = (reading: Reading) => ({ observer: serverOf(reading), type: [applicationServer] });

function withProfiles({ resourceType, id, ...made }: AuditEvent, profile: readonly string[]): AuditEvent {
  return { resourceType, id, ...(profile.length === 0 ? {} : { meta: { profile } }), ...made };
}

/** An event of the ledger as a FHIR R4 AuditEvent, by the patterns of IHE BALP. Holds no value of any resource. */
export function auditEvent(reading: Reading): AuditEvent {
  const { id, event } = reading;
  const { action, type, subtypes, pattern } = kindOf(event);
  const made: AuditEvent = {
    resourceType: 'AuditEvent',
    id,
    type,
    subtype: subtypes,
    action,
    ...bodyOf(reading),
    agent: agentsIn(reading),
    source: sourceOf(reading),
    entity: entitiesIn(reading),
  };
  return withProfiles(made, profilesOf(made, pattern));
}

const exporting = coding(systems.dcm, '110106', 'Export');
const disclose = coding(systems.lifecycle, 'disclose', 'Disclose Record Lifecycle Event');

/** The same event as the disclosure that it was: BALP's PrivacyDisclosure as its source records it. */
export function disclosureEvent(reading: Reading): AuditEvent {
  const { id, event } = reading;
  const made: AuditEvent = {
    resourceType: 'AuditEvent',
    id,
    type: exporting,
    subtype: [disclose, ...kindOf(event).subtypes],
    action: 'R',
    ...bodyOf(reading),
    agent: agentsIn(reading, disclosing),
    source: sourceOf(reading),
    entity: entitiesIn(reading),
  };
  return withProfiles(made, isDisclosureForm(made) ? [disclosureProfile] : []);
}
