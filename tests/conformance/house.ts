import { type Instance, removeData, start } from '../harness/instance.ts';
import { firstAdministrator, type Invited, invite, type Person } from '../harness/people.ts';
import { inviteWithRole } from '../harness/people-grants.ts';
import { type Answered, type App, ask, byBasic, type Params, redeem } from './app.ts';
import { browserOf, type Walker } from './browser.ts';
import { openRpServer, type RpServer } from './rp-server.ts';

/** A whole instance with an administrator, a clinician, and the server of an app beside it. */
export interface House {
  readonly instance: Instance;
  readonly issuer: string;
  readonly fhir: string;
  readonly rp: RpServer;
  readonly clinician: Person;
  /** Ids of resources that are there. */
  readonly patient: string;
  readonly practitioner: string;
  readonly encounter: string;
  /** Another account that is set up. */
  person(more?: Partial<Invited>): Promise<Person>;
  close(): Promise<void>;
}

export const clinicianScopes = 'user/*.cruds';

async function fill(instance: Instance) {
  const token = await instance.token();
  const create = async (type: string, resource: object): Promise<string> => {
    const body = { resourceType: type, ...resource };
    const made = await instance.request({ method: 'POST', path: `/fhir/R4/${type}`, token, body });
    if (made.status !== 201) throw new Error(`no ${type}: ${made.status} ${made.text}`);
    return made.json.id;
  };
  const patient = await create('Patient', {
    name: [{ family: 'Lindqvist', given: ['Maja'] }],
    birthDate: '1985-12-09',
    gender: 'female',
  });
  const practitioner = await create('Practitioner', { name: [{ family: 'Osei', given: ['Kofi'] }] });
  const encounter = await create('Encounter', {
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${patient}` },
  });
  return { patient, practitioner, encounter };
}

export async function openHouse(): Promise<House> {
  const rp = await openRpServer();
  const env = { SAFEGUARD_FETCH_ALLOW: rp.host, NODE_EXTRA_CA_CERTS: rp.caFile };
  const instance = await start({ env });
  await firstAdministrator(instance);
  const there = await fill(instance);
  const { url: issuer, fhir } = instance;
  let count = 0;
  const person = (more: Partial<Invited> = {}): Promise<Person> => {
    count += 1;
    const as = (more.kind ?? 'workforce') === 'workforce' ? inviteWithRole : invite;
    return as(instance, {
      ...{ login: `person${count}@clinic.example`, name: `Person ${count}`, scopes: clinicianScopes },
      ...{ fhir_user: `Practitioner/${there.practitioner}` },
      ...more,
    });
  };
  const clinician = await person();
  return {
    ...{ instance, issuer, fhir, rp, clinician, person },
    ...there,
    async close() {
      await instance.stop();
      await removeData(instance.data);
      await rp.close();
    },
  };
}

/** Tokens as the token endpoint gives them. */
export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly id_token: string;
  readonly refresh_token?: string;
  readonly patient?: string;
  readonly encounter?: string;
  readonly [member: string]: unknown;
}

/** The clinician in a browser in which they are signed in. */
export const walker = ({ instance, clinician, patient }: House, person = clinician): Walker => ({
  ...{ person, jar: browserOf(instance, person) },
  ...{ patient, search: 'Lindqvist' },
});

/** A request, its answer and the tokens for it, or why there are none. */
export async function flow(house: House, app: App, more: Params = {}, as = walker(house), proof = byBasic) {
  const answered: Answered = await ask(as, app, more);
  if (answered.told['code'] === undefined) {
    throw new Error(`no code: ${answered.at.href} ${answered.answer.status} ${answered.answer.text.slice(0, 300)}`);
  }
  const answer = await redeem(house.instance, app, answered, proof);
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  return { answered, answer, tokens: answer.json as Tokens };
}
