/** Streets and towns that are in no gazetteer; ZIP prefixes that the postal service has assigned to nobody. */
export const streetNames = [
  'Elderberry',
  'Quarry Hollow',
  'Saltmarsh',
  'Old Tannery',
  'Lanternfish',
  'Coppergate',
  'Wrenfield',
  'Ninth Orchard',
  'Peñasco Viejo',
  'Hollow Pine',
  'Mill Weir',
  'Juniper Bend',
  'Café Row',
  'Larkspur',
  'Stonecutter’s',
  'Foggy Heron',
] as const;

export const streetKinds = ['Street', 'Avenue', 'Lane', 'Court', 'Road', 'Way', 'Boulevard'] as const;

export interface Town {
  readonly city: string;
  readonly state: string;
  /** First three digits of the ZIP code, unassigned by the USPS. */
  readonly zip: string;
  readonly area: string;
  readonly latitude: number;
  readonly longitude: number;
}

const town = (city: string, state: string, zip: string, area: string, latitude: number, longitude: number): Town => ({
  city,
  state,
  zip,
  area,
  latitude,
  longitude,
});

export const towns: readonly Town[] = [
  town('East Harrowgate', 'FL', '343', '352', 28.9, -82.1),
  town('Lower Finchley', 'AL', '353', '205', 33.4, -86.9),
  town('Prairie Lantern', 'IA', '517', '319', 42.1, -91.8),
  town('Königsfeld', 'WI', '533', '608', 43.2, -89.6),
  town('Three Kettles', 'IL', '621', '217', 39.7, -89.1),
  town('Sainte-Odile', 'MO', '632', '573', 38.2, -91.2),
  town('Cañada Blanca', 'NM', '876', '505', 35.3, -106.4),
  town('Bayou Perdrix', 'LA', '709', '337', 30.1, -92.4),
  town('Windrow', 'NE', '682', '402', 41.2, -97.3),
  town('Alkali Spring', 'NV', '892', '775', 39.6, -118.2),
  town('Ōtsuka Landing', 'UT', '848', '435', 38.9, -112.1),
  town('Coffeepot', 'OK', '742', '918', 36.1, -95.7),
];

export const hospitals = [
  'Harrowgate General Hospital',
  'Saint Brigid’s Medical Center',
  'Windrow Family Practice',
  'Cañada Blanca Community Clinic',
] as const;
