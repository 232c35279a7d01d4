import { type House, openHouse, program, type Reply } from '../api/house.ts';

export const directory = program('safeguard/scim');
export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

let count = 0;
/** A user as a directory sends it, each with its own userName. */
export function scimUser(more: Record<string, unknown> = {}) {
  count += 1;
  const userName = `Worker${count}@clinic.example`;
  return {
    schemas: [userUrn, enterpriseUrn],
    externalId: `00u${count}`,
    userName,
    name: { givenName: 'Ada', familyName: `Byron${count}` },
    emails: [{ value: userName, type: 'work', primary: true }],
    active: true,
    [enterpriseUrn]: { department: 'Radiology', employeeNumber: 4711 },
    ...more,
  };
}

export const patchOf = (...operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

/** The house as a directory meets it; `sso`: every tenant has single sign-on. */
export async function openDirectory(sso = true) {
  const house = await openHouse();
  const served = await house.serve({ singleSignOn: async () => sso });
  const scim = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
    served.send(method, `/scim/v2${path}`, { as: directory, headers, ...(body === undefined ? {} : { body }) });
  return { house: { ...house, ...served }, scim };
}

export type Directory = Awaited<ReturnType<typeof openDirectory>>;
export type { House };
