/** Our addresses as one provider knows them. The entityID differs per provider: an assertion for one fits no other. */
export interface OwnAddresses {
  readonly entity_id: string;
  readonly acs: string;
}

export const ownAddresses = (base: string, provider: string): OwnAddresses => ({
  entity_id: `${base}/federation/${provider}/metadata`,
  acs: `${base}/federation/${provider}/acs`,
});
