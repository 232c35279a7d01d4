import { naming } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { type Call, type Head, type Outcome, requireFullView, type Shelf, targetOf } from '../call.ts';
import { patientsWritten } from '../storage/patients.ts';
import { checkResource } from './check.ts';
import { conditional } from './conditional.ts';
import { hidingOf } from './hiding.ts';
import { newWrite } from './new-write.ts';
import { requireWritable } from './sight.ts';
import { written } from './written.ts';

/** A new id collides with nothing; what is tried again is a collision of random bits in an edition. */
const attempts = 3;

/** FHIR R4 3.1.0.8 create, and 3.1.0.8.1 conditional create where If-None-Exist is given. */
export async function create(shelf: Shelf, call: Call, type: string, body: () => unknown): Promise<Outcome> {
  shelf.guard(call.principal, 'create', { type });
  requireFullView(call);
  const { tenant } = call.principal;
  const resource = await checkResource(shelf, tenant, body(), type);
  if (call.conditions['if-none-exist'] !== undefined) {
    return conditional(shelf, call, { action: 'create', method: 'POST', type, resource });
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const write = newWrite(shelf, type, resource);
    await requireWritable(shelf, call, { action: 'create', resource, id: write.id });
    const head: Head = { type, id: write.id, version: 1, at: new Date(write.at) };
    const hiding = await hidingOf(shelf, call, 'read', { type, id: write.id, resource });
    const event = naming(call.event(201, [targetOf(head)]), patientsWritten(resource, write.id));
    if (!(await shelf.writer.one(tenant, write, event))) continue;
    shelf.conformance.written(tenant, type);
    return written({ status: 201, head, resource, event, hiding });
  }
  throw fault('conflict', 'No new id could be given; try again');
}
