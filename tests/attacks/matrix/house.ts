import { newClient } from '../../harness/clients.ts';
import { type Inside, openInside } from '../../harness/inside.ts';
import { type Instance, removeData, type Start, start } from '../../harness/instance.ts';
import { cliJson, firstAdministrator } from '../../harness/people.ts';
import { type Asker, everyone } from './askers.ts';
import { plantDoctor, plantedTypes, plantHere, plantThere, type World } from './world.ts';

/** An installation of two tenants, with everybody and everything in it. */
export interface MatrixHouse {
  readonly safeguard: Instance;
  readonly inside: Inside;
  readonly world: World;
  readonly askers: readonly Asker[];
  /** The numbers of the tenants, the platform's first. */
  readonly tenants: readonly number[];
  remove(): Promise<void>;
}

/** `who`: of the askers these alone; the privacy officer is always there. */
export async function matrixHouse(
  options: Start = {},
  types = plantedTypes,
  who = (_name: string): boolean => true,
): Promise<MatrixHouse> {
  const safeguard = await start(options);
  const inside = await openInside(safeguard.data);
  const remove = async (): Promise<void> => {
    await inside.close();
    await safeguard.stop();
    await removeData(safeguard.data);
  };
  try {
    await cliJson(safeguard, 'tenant', 'create', 'there');
    const administrator = await firstAdministrator(safeguard);
    const [here, there] = [await newClient(safeguard), await newClient(safeguard, { tenant: 'there' })];
    const by = (token: string) => (asked: Parameters<Instance['request']>[0]) => safeguard.request({ token, ...asked });
    const doctor = await plantDoctor(by(here.token));
    const own = await plantHere(by(here.token), doctor, types);
    const foreign = await plantThere(by(there.token), types);
    const patients = { ...own.patients, f: foreign.f };
    const sql = (text: string, values?: readonly unknown[]) => inside.databases.sql('identity', text, values);
    const scene = { safeguard, patients, doctor: `Practitioner/${doctor.id}`, administrator, sql };
    const askers = await everyone(scene, { client: there.token, id: there.client_id }, who);
    const list = await cliJson<{ id: number }[]>(safeguard, 'tenant', 'list');
    const tenants = [0, ...list.map(({ id }) => id)];
    return {
      safeguard,
      inside,
      world: { patients, planted: [...own.planted, ...foreign.planted] },
      askers,
      tenants,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
