import type { Instance } from './instance.ts';

export interface Chart {
  readonly id: string;
  readonly name: string;
  readonly observation: string;
}

/** A Patient with one Observation, created over FHIR by a client of the operator's. */
export async function newChart(instance: Instance, token: string, given: string, family: string): Promise<Chart> {
  const create = async (type: string, body: object): Promise<string> => {
    const answer = await instance.request({
      method: 'POST',
      path: `/fhir/R4/${type}`,
      token,
      body: { resourceType: type, ...body },
    });
    if (answer.status !== 201) throw new Error(`${type}: ${answer.status} ${answer.text}`);
    return answer.json.id;
  };
  const id = await create('Patient', { name: [{ given: [given], family }], birthDate: '1980-02-03', gender: 'female' });
  const observation = await create('Observation', {
    status: 'final',
    category: [{ coding: [{ system: `${terminology}/observation-category`, code: 'vital-signs' }] }],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: `Patient/${id}` },
    valueQuantity: { value: 62.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  });
  return { id, name: `${given} ${family}`, observation };
}

const terminology = 'http://terminology.hl7.org/CodeSystem';
