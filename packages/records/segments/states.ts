/** USPS's two letters of the states and of what is written like one, with their names: `MA Massachusetts`. */
const written = `AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;DE Delaware;
DC District of Columbia;FL Florida;GA Georgia;HI Hawaii;ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;KY Kentucky;
LA Louisiana;ME Maine;MD Maryland;MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;
NE Nebraska;NV Nevada;NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;NC North Carolina;ND North Dakota;
OH Ohio;OK Oklahoma;
OR Oregon;PA Pennsylvania;RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;
VT Vermont;VA Virginia;WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming;PR Puerto Rico;GU Guam;AS American Samoa;
VI Virgin Islands;MP Northern Mariana Islands`;

const codes = new Map(
  written.split(/;\n?/).flatMap((line) => {
    const [code, name] = [line.slice(0, 2), line.slice(3)];
    return [
      [code.toLowerCase(), code],
      [name.toLowerCase(), code],
    ] as const;
  }),
);

/** The two letters of a state; undefined for any other words. */
export const stateOf = (text: unknown): string | undefined =>
  typeof text === 'string' ? codes.get(text.trim().toLowerCase()) : undefined;
