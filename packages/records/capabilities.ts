import { resourceTypes } from '@safeguard/fhir';
import { searchTable } from './search/parameters.ts';

const typeCodes = ['read', 'vread', 'update', 'delete', 'history-instance', 'create', 'search-type'];
const systemCodes = ['transaction', 'batch'];

/**
 * The CapabilityStatement (FHIR R4 5.2), made from the actions of the route table and the search table: it says what is
 * served.
 * `date` is when this build was made known, so that the statement does not change from request to request.
 */
export function capabilityStatement(actions: ReadonlySet<string>, base: string, date: string): object {
  const has = (action: string): boolean => actions.has(action);
  const interaction = typeCodes.filter(has).map((code) => ({ code }));
  const searchParam = has('search-type') ? searchTable.map((row) => ({ ...row })) : [];
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'Safeguard', version: '0.1.0' },
    implementation: { description: 'Safeguard health data API', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: false,
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          description: 'OAuth 2 client credentials with SMART v2 system scopes; default deny',
        },
        resource: resourceTypes.map((type) => ({
          type,
          interaction,
          versioning: 'versioned',
          readHistory: true,
          updateCreate: false,
          conditionalCreate: true,
          conditionalRead: 'full-support',
          conditionalUpdate: false,
          conditionalDelete: 'not-supported',
          referencePolicy: ['literal', 'logical', 'local'],
          searchParam,
        })),
        interaction: systemCodes.filter(has).map((code) => ({ code })),
      },
    ],
  };
}
