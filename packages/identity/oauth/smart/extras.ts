import { fhirBase } from './parameters.ts';
import type { LaunchContext } from './sealed-context.ts';

/**
 * Members of a token response beside OAuth's (SMART App Launch 2.2, "Launch context arrives with your access_token").
 * What there is nothing to say of is left out. Without a banner of its own an app that got a patient must show whose
 * record it is: standalone, nobody else does.
 */
export async function extrasOf(
  context: LaunchContext | undefined,
  tenant: number,
  tenantName: (tenant: number) => Promise<string>,
): Promise<Readonly<Record<string, unknown>>> {
  if (context === undefined) return {};
  const { patient, encounter, intent, need_patient_banner, smart_style_url } = context;
  const said = {
    patient: patient ?? undefined,
    encounter: encounter ?? undefined,
    intent,
    need_patient_banner: patient === null ? undefined : (need_patient_banner ?? true),
    smart_style_url,
    tenant: await tenantName(tenant),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

const localForm = /^(Practitioner|Patient|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/;

/** The `fhirUser` claim: an absolute URL on this FHIR server (SMART App Launch 2.2, "fhirUser"). */
export const fhirUser = (base: string, fhir_user: string | null): string | undefined =>
  fhir_user !== null && localForm.test(fhir_user) ? `${fhirBase(base)}/${fhir_user}` : undefined;
